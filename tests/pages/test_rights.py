"""Walks every page as every kind of person; `rights.yaml` says what each may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver

from tests.pages.book import Book
from tests.pages.table import HTMX, PEOPLE, TABLE, Step, steps, taking_back

pytestmark = pytest.mark.django_db

OWN_WALK = ("api/", "^api")
"""The API answers problems instead of pages; tests/delivery/api walks it."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SECRETS = ("Okada Brandt", "Sabine Keller", "Scrap rate, paint shop")
"""Names out of the account: nobody outside its team reads them anywhere."""


def patterns() -> Iterator[str]:
    """Walk the root urlconf."""

    def below(resolver: Any, prefix: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from below(entry, route)
            else:
                yield route

    return (route for route in below(get_resolver(), "") if not route.startswith(OWN_WALK))


def test_every_page_stands_in_the_table() -> None:
    found = set(patterns())
    assert sorted(found - set(TABLE)) == [], "pages without a row in rights.yaml"
    assert sorted(set(TABLE) - found) == [], "rows for pages that are gone"


@pytest.mark.parametrize("pattern", TABLE)
def test_everybody_gets_what_the_table_says(book: Book, pattern: str) -> None:
    wrong = []
    for words, statuses in TABLE[pattern].items():
        step = Step.of(words, statuses)
        for person, expected in zip(PEOPLE, step.statuses, strict=True):
            response = taken(book, person, step)
            if response.status_code != expected:
                wrong.append(f"{person}: {words} is {response.status_code}, not {expected}")
            if person == "anonymous" and expected == 302:
                assert response.headers["Location"].startswith("/sign-in"), words
            if person == "outsider":
                told = words_of(response)
                wrong += [f"{words} tells the outsider of {secret}" for secret in SECRETS if secret in told]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("pattern", TABLE)
def test_other_methods_are_refused(book: Book, pattern: str) -> None:
    rows = [Step.of(*row) for row in TABLE[pattern].items()]
    address = rows[0].address
    taken_here = {"GET" if step.method == "PART" else step.method for step in rows}
    for method in set(METHODS) - taken_here:
        with taking_back():
            response = book.client("admin").generic(method, address.format_map(book.names), headers=HTMX)
            assert response.status_code == 405, (method, address)


def test_the_table_keeps_the_outsider_out() -> None:
    seen = [step.address for step in steps() if step.of_the_account and step.statuses[PEOPLE.index("outsider")] == 200]
    assert all("?" in address for address in seen), seen


def taken(book: Book, person: str, step: Step) -> Any:
    """Send a request as somebody and take back what it did."""
    with taking_back():
        return step.take(book.client(person), book)


def words_of(response: Any) -> str:
    """Return what an answer says, in its text and in the events it fires."""
    body = b"".join(response) if response.streaming else response.content
    return body.decode(errors="ignore") + str(response.headers)
