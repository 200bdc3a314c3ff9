"""The book that the walks share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.pages.book import Book, make_book


@pytest.fixture(scope="module")
def book(django_db_setup: None, django_db_blocker: Any) -> Iterator[Book]:
    """Records, people and their sessions, made once; every request is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_book()
        transaction.set_rollback(True)
