"""Rows that the tests of a module share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction

Made = TypeVar("Made")


@contextmanager
def shared(blocker: Any, make: Callable[[], Made]) -> Iterator[Made]:
    """Make rows in a transaction around those of the tests; a test takes a deep copy of the instances, which it may change."""
    with blocker.unblock(), transaction.atomic():
        yield make()
        transaction.set_rollback(True)
