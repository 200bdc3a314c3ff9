"""Walks every page as every kind of person; `rights_of_pages.yaml` says what each may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.book_of_pages import Book, make_book

pytestmark = pytest.mark.django_db

TABLE: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").with_stem("rights_of_pages").read_text())
PEOPLE = ("anonymous", "facilitator", "teammate", "owner", "outsider", "admin")
OWN_WALK = ("api/", "^api")
"""The API answers problems instead of pages; tests/delivery/api walks it."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HTMX = {"HX-Request": "true", "HX-Target": "panel-content"}
SECRETS = ("Okada Brandt", "Sabine Keller", "Scrap rate, paint shop")
"""Names out of the account: nobody outside its team reads them anywhere."""


@dataclass(frozen=True)
class Step:
    """One row: who gets which status for a request."""

    method: str
    address: str
    sent: str
    statuses: tuple[int, ...]

    @classmethod
    def of(cls, words: str, statuses: str) -> Step:
        request, _, sent = words.partition(" | ")
        method, address = request.split(maxsplit=1)
        found = tuple(map(int, statuses.split()))
        assert len(found) == len(PEOPLE), words
        return cls(method, address, sent, found)

    @property
    def of_the_account(self) -> bool:
        """Whether the request names a record of the account, so that it does not exist outside the team."""
        return bool(re.search(r"\{(?!theirs\.)", self.address))

    def take(self, client: Client, book: Book) -> Any:
        """Send the request."""
        address = self.address.format_map(book.names)
        if self.method == "GET":
            return client.get(address)
        if self.method == "PART":
            return client.get(address, headers=HTMX)
        sent = dict(pair.split("=", 1) for pair in self.sent.split(", ") if pair)
        return client.post(address, {key: text.format_map(book.names) for key, text in sent.items()}, headers=HTMX)


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


@pytest.fixture(scope="module")
def book(django_db_setup: None, django_db_blocker: Any) -> Iterator[Book]:
    """Records, people and their sessions, made once; every step is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_book()
        transaction.set_rollback(True)


def test_every_page_stands_in_the_table() -> None:
    found = set(patterns())
    assert sorted(found - set(TABLE)) == [], "pages without a row in rights_of_pages.yaml"
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
    steps = [Step.of(words, statuses) for words, statuses in TABLE[pattern].items()]
    address = steps[0].address
    taken_here = {"GET" if step.method == "PART" else step.method for step in steps}
    for method in set(METHODS) - taken_here:
        with taking_back():
            response = book.client("admin").generic(method, address.format_map(book.names), headers=HTMX)
            assert response.status_code == 405, (method, address)


def test_the_table_keeps_the_outsider_out() -> None:
    steps = [Step.of(*row) for rows in TABLE.values() for row in rows.items()]
    seen = [step.address for step in steps if step.of_the_account and step.statuses[PEOPLE.index("outsider")] == 200]
    assert all("?" in address for address in seen), seen


def taken(book: Book, person: str, step: Step) -> Any:
    """Send a request as somebody and take back what it did."""
    with taking_back():
        return step.take(book.client(person), book)


def words_of(response: Any) -> str:
    """Return what an answer says, in its text and in the events it fires."""
    body = b"".join(response) if response.streaming else response.content
    return body.decode(errors="ignore") + str(response.headers)


class taking_back(transaction.Atomic):
    """A transaction that is always rolled back."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *exc: Any) -> None:
        transaction.set_rollback(True)
        super().__exit__(*exc)
