"""The OpenAPI document: stored beside this test, valid, true, and complete with examples."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.delivery.api.client import Api
from tests.delivery.api.world import NAMES, World
from tests.factories import Cast
from trackline.delivery.api.document import document
from trackline.delivery.api.main import api as assembled
from trackline.kit.api.answers import encode
from trackline.kit.records.types import registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SNAPSHOT = Path(__file__).with_name("contract.txt")


@cache
def current() -> dict[str, Any]:
    """Return the document as programs read it."""
    found: dict[str, Any] = json.loads(encode(document(assembled)))
    return found


def contract(found: dict[str, Any]) -> str:
    """Return what programs rely on, a line for each operation and each field, so that a difference is easy to read."""
    lines = []
    for path, methods in sorted(found["paths"].items()):
        for method, operation in methods.items():
            names = [item["name"] for item in operation["parameters"] if item["in"] != "path"]
            body = "".join(
                f" takes {_type(content['schema'])}"
                for content in operation.get("requestBody", {}).get("content", {}).values()
            )
            statuses = " ".join(sorted(operation["responses"]))
            needs = operation.get("x-permission", "signed in")
            lines.append(f"{method.upper()} {path} {operation['operationId']} ({needs}){body} -> {statuses}")
            lines += [f"    ? {' '.join(names[start : start + 12])}" for start in range(0, len(names), 12)]
    for name, schema in sorted(found["components"]["schemas"].items()):
        lines.append(name)
        for field, details in schema.get("properties", {}).items():
            marks = "".join(
                (
                    " needed" if field in schema.get("required", ()) else "",
                    " read-only" if details.get("readOnly") else "",
                )
            )
            lines.append(f"    {field}: {_type(details)}{marks}")
    return "\n".join(lines) + "\n"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if "enum" in schema:
        return "|".join("null" if value is None else str(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    words = "|".join(kind) if isinstance(kind, list) else str(kind)
    if "items" in schema:
        words += f" of {_type(schema['items'])}"
    return f"{words} {schema['format']}" if "format" in schema else words


def test_the_contract_is_the_stored_one() -> None:
    """Refresh with `TRACKLINE_TEST_REFRESH=1 pytest tests/delivery/api/test_document.py` and read the difference."""
    found = contract(current())
    if os.environ.get("TRACKLINE_TEST_REFRESH"):
        SNAPSHOT.write_text(found, "utf-8")
    assert found.splitlines() == SNAPSHOT.read_text("utf-8").splitlines()


def test_every_operation_has_what_a_reader_needs() -> None:
    found = current()
    seen = set()
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["operationId"] not in seen, where
            seen.add(operation["operationId"])
            assert operation["summary"], where
            assert operation["tags"], where
            assert {"401", "429"} <= set(operation["responses"]), where
            if "{id}" in path:
                assert "404" in operation["responses"], where
            if method in ("post", "patch") and "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["example"], where
                assert {"413", "415", "422"} <= set(operation["responses"]), where
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    assert "example" in content, (where, status)


def test_schemas_are_valid_and_examples_fit_them() -> None:
    found = current()
    for name, schema in found["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": DIALECT, **schema})
        assert schema.get("description") or name in ("Change", "ChangePage") or "Rule" in name, name
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            for content in _contents(operation):
                if content.get("example") is not None and "$ref" in content["schema"]:
                    try:
                        validate(content["schema"], content["example"])
                    except jsonschema_rs.ValidationError as error:
                        pytest.fail(f"{method} {path}: {error.message}")


@pytest.mark.parametrize("name", NAMES)
def test_answers_keep_to_the_schema(world: World, name: str) -> None:
    rtype = registry.get(name)
    record = world.make(rtype)
    shown = {"$ref": f"#/components/schemas/{''.join(part.capitalize() for part in name.split('_'))}"}
    validate(shown, record)
    bare = world.api.get(f"/{rtype.resource}?limit=200").json()
    for item in bare["items"]:
        validate(shown, item)
    changes = world.api.get(f"/{rtype.resource}/{record['id']}/history").json()
    validate({"$ref": "#/components/schemas/ChangePage"}, changes)
    validate({"$ref": "#/components/schemas/Problem"}, world.api.post(f"/{rtype.resource}", {}).json())


def test_anybody_reads_the_document_and_only_the_signed_in_the_page(cast: Cast) -> None:
    stranger = Api()
    read = stranger.get("/openapi.json")
    assert read.status_code == 200
    assert stranger.get("/openapi.json", If_None_Match=read.headers["ETag"]).status_code == 304
    page = stranger.get("/docs")
    assert (page.status_code, page.headers["Location"]) == (302, "/sign-in?next=/api/v1/docs")


@cache
def validator(name: str) -> Any:
    """Return what checks values against a schema of the document."""
    schema = {"$schema": DIALECT, "$ref": f"#/components/schemas/{name}", "components": current()["components"]}
    return jsonschema_rs.validator_for(schema)


def validate(schema: dict[str, Any], value: Any) -> None:
    """Check a value against a schema that the document refers to."""
    validator(schema["$ref"].rsplit("/", 1)[1]).validate(value)


def _contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    found = list(operation.get("requestBody", {}).get("content", {}).values())
    for response in operation["responses"].values():
        found += response.get("content", {}).values()
    return found
