"""Random requests made from the API's own document: never a fault of ours, always an answer that the document knows.

`TRACKLINE_TEST_EXAMPLES=200` looks longer, and at every operation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from tests.delivery.api.client import Api
from tests.delivery.api.world import World
from trackline.delivery.api.document import document
from trackline.delivery.api.main import api as assembled
from trackline.kit.api.answers import encode
from trackline.kit.records.types import registry

OPERATIONS = (
    "list_accounts", "create_account", "update_account", "create_contact", "update_contact", "list_routes", "create_route",
    "advance_route", "create_goal", "create_play", "create_meeting", "record_observations", "create_alert", "list_account_history",
)  # fmt: skip
if THOROUGH := os.environ.get("TRACKLINE_TEST_EXAMPLES", ""):
    OPERATIONS = tuple(
        operation["operationId"] for methods in document(assembled)["paths"].values() for operation in methods.values()
    )
EXAMPLES = int(THOROUGH or 12)


@pytest.fixture(scope="module")
def described() -> Any:
    """The document as schemathesis reads it, with requests that fit it and requests that do not."""
    found = schemathesis.openapi.from_dict(json.loads(encode(document(assembled))))
    found.app, found.location = get_wsgi_application(), "/api/v1/openapi.json"
    found.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return found


@contextmanager
def one_connection() -> Iterator[None]:
    """Let the application keep the connection of the test, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_no_request_is_answered_with_a_fault(world: World, described: Any, operation_id: str) -> None:
    api: Api = world.api
    operation = described.find_operation_by_id(operation_id)
    rtype = registry.by_resource(operation.path.split("/")[3])
    known = world.id_of(rtype.name) if rtype else "track.health.usage"

    @seed(20270112)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        if case.path_parameters:
            case.path_parameters["id"] = known
        response = case.call(headers={"Authorization": f"Bearer {api.bearer}"})
        assert response.status_code < 500, (case.as_curl_command(), response.content)
        case.validate_response(
            response,
            checks=[
                schemathesis.checks.CHECKS.get_one(name)
                for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
            ],
        )

    with one_connection():
        send()
