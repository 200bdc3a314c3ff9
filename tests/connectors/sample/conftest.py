"""The sample book, loaded once for all that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction

from trackline.connectors.sample.load import load
from trackline.kit.policy import system_context

TODAY = date(2026, 11, 23)
CTX = system_context(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


@pytest.fixture(scope="package")
def made(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """The counts of one load, which stays in place for the tests of this package."""
    told: list[tuple[int, int]] = []
    with django_db_blocker.unblock(), transaction.atomic():
        counts = load(CTX, TODAY, lambda done, total: told.append((done, total)))
        assert told[-1][0] == told[-1][1]
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        yield counts
        transaction.set_rollback(True)
