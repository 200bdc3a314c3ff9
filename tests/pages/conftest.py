"""The book that the walks share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.pages.book import Book, make_book
from tests.shared import shared


@pytest.fixture(scope="module")
def book(django_db_setup: None, django_db_blocker: Any) -> Iterator[Book]:
    """Records, people and their sessions, made once; every request is taken back."""
    with shared(django_db_blocker, make_book) as made:
        yield made
