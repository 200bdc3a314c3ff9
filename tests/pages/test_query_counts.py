"""How many queries each page asks: pinned in `query_counts.json`, and the same however many rows there are.

After a change that is meant: `TRACKLINE_TEST_QUERY_COUNTS=update pytest tests/pages/test_query_counts.py`, and commit the file.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW
from tests.pages.book import Book, grow, make_book
from tests.pages.table import Step, steps, taking_back

pytestmark = pytest.mark.django_db

PINNED = Path(__file__).with_name("query_counts.json")
UPDATE = os.environ.get("TRACKLINE_TEST_QUERY_COUNTS") == "update"
PERSON = "owner"
"""A manager in an account scope of `team`: their pages ask for the scope, too; an administrator's where they see none."""
FEW, MANY = 2, 6
PER_ROW = {"GET /settings/pipelines", "GET /accounts/{account.key}/export/json"}
"""A table for each pipeline, of which a book has one or two; the history of an account, two hundred changes at once."""
PAGES = {
    f"{step.method} {step.address}": step
    for step in steps()
    if step.method != "POST" and step.status_for("admin") == 200
}

Queries = dict[str, list[str]]


@pytest.fixture(scope="module")
def asked(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Queries, Queries]]:
    """The queries of every page with few rows and with three times as many."""
    # What is due and what is late does not change with the day the tests run on.
    with django_db_blocker.unblock(), transaction.atomic(), mock.patch("django.utils.timezone.now", return_value=NOW):
        book = make_book()
        grow(book, 1, FEW)
        few = measure(book)
        grow(book, FEW, MANY)
        yield few, measure(book)
        transaction.set_rollback(True)


def measure(book: Book) -> Queries:
    """Ask for every page once."""
    return {name: queries_of(book, step) for name, step in PAGES.items()}


def queries_of(book: Book, step: Step) -> list[str]:
    """Return what a page asks of the database."""
    client = book.client(PERSON if step.status_for(PERSON) == 200 else "admin")
    reset_queries()  # the log holds the last few thousand only
    with taking_back(), CaptureQueriesContext(connection) as captured:
        response = step.take(client, book)
        if response.streaming:
            b"".join(response)
    assert response.status_code == 200, step
    return [query["sql"] for query in captured.captured_queries]


def test_more_rows_ask_no_more_queries(asked: tuple[Queries, Queries]) -> None:
    few, many = asked
    grown = []
    for name, before in few.items():
        after = many[name]
        if len(before) < len(after) and name not in PER_ROW:
            grown.append(
                f"{name}: {len(before)} queries with few rows, {len(after)} with many\n{difference(before, after)}"
            )
    assert not grown, "\n".join(grown)


def test_counts_are_pinned(asked: tuple[Queries, Queries]) -> None:
    found = {name: len(queries) for name, queries in asked[1].items()}
    if UPDATE:
        PINNED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    pinned = json.loads(PINNED.read_text())
    other = [
        f"{name}: {count} queries, pinned are {pinned.get(name, 'none')}\n" + "\n".join(map(shape, asked[1][name]))
        for name, count in found.items()
        if pinned.get(name) != count
    ]
    assert not other, "\n".join(other)
    assert sorted(pinned) == sorted(found), "query_counts.json names pages that are gone"


def difference(before: list[str], after: list[str]) -> str:
    """Return the queries that came on top, each with how often."""
    more = Counter(map(shape, after))
    more.subtract(Counter(map(shape, before)))
    return "\n".join(f"   {count:+} × {text}" for text, count in more.items() if count)


def shape(query: str) -> str:
    """Return a query without its values, short enough to read."""
    text = re.sub(r"'[^']*'|\b\d+(\.\d+)?\b", "…", query)
    text = re.sub(r"\(…(, ?…)*\)", "(…)", text)
    return text if len(text) <= 320 else f"{text[:130]} … {text[-180:]}"
