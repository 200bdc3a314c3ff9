"""Walks every page as every kind of person: `rights.yaml` says what each may do, and no page offers what it then refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver

from tests.pages.book import Book
from tests.pages.offers import Offers, kind_of
from tests.pages.table import HTMX, PEOPLE, TABLE, Step, steps, taking_back

pytestmark = pytest.mark.django_db

OWN_WALK = ("api/", "^api")
"""The API answers problems instead of pages; tests/delivery/api walks it."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SECRETS = ("Okada Brandt", "Sabine Keller", "Scrap rate, paint shop")
"""Names out of the account: nobody outside its team reads them anywhere."""
FOLLOWED = ("facilitator", "owner", "admin")
"""Whose offers are followed."""
FOLLOWS_EACH = "owner"
"""Who opens the page of each rule and KPI; the others one of each."""
REFUSED = (403, 404, 405)


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


@dataclass
class Walk:
    """Asks for pages and takes back what that did; what reads is asked once as each person, whichever test is first."""

    book: Book
    answers: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def take(self, person: str, step: Step) -> Answer:
        """Take a step of the table."""
        key = person, step.method, step.address.format_map(self.book.names)
        if key not in self.answers:
            with taking_back():
                answer = Answer.of(step.take(self.book.client(person), self.book), step.address)
            if step.method == "POST":
                return answer
            self.answers[key] = answer
        return self.answers[key]

    def follow(self, person: str, method: str, address: str, fields: dict[str, Any]) -> int:
        """Do what a click does; return the status."""
        if (person, method, address) in self.answers:
            return self.answers[person, method, address].status
        client = self.book.client(person)
        with taking_back():
            if method == "POST":
                return int(client.post(address, fields, headers=HTMX).status_code)
            return int(client.get(address, headers=HTMX if method == "PART" else {}).status_code)


@dataclass(frozen=True)
class Answer:
    """What a test needs of an answer: its status, where it leads, the secrets it tells, what the page offers."""

    status: int
    location: str
    told: tuple[str, ...]
    offers: dict[tuple[str, str], dict[str, Any]]

    @classmethod
    def of(cls, response: Any, address: str) -> Answer:
        """Read an answer."""
        body = b"".join(response) if response.streaming else response.content
        text = body.decode(errors="ignore")
        said = text + str(response.headers)  # events that an answer fires stand in its headers
        page = Offers()
        if response.status_code == 200 and "html" in response.headers["Content-Type"]:
            page.feed(text)
        told = tuple(secret for secret in SECRETS if secret in said)
        return cls(response.status_code, response.headers.get("Location", ""), told, page.found)


@pytest.fixture(scope="module")
def walk(book: Book) -> Walk:
    return Walk(book)


@pytest.mark.parametrize("pattern", TABLE)
def test_everybody_gets_what_the_table_says(walk: Walk, pattern: str) -> None:
    wrong = []
    for words, statuses in TABLE[pattern].items():
        step = Step.of(words, statuses)
        for person, expected in zip(PEOPLE, step.statuses, strict=True):
            answer = walk.take(person, step)
            if answer.status != expected:
                wrong.append(f"{person}: {words} is {answer.status}, not {expected}")
            if person == "anonymous" and expected == 302:
                assert answer.location.startswith("/sign-in"), words
            if person == "outsider":
                wrong += [f"{words} tells the outsider of {secret}" for secret in answer.told]
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


@pytest.mark.parametrize("person", FOLLOWED)
def test_nothing_offered_is_refused(walk: Walk, person: str) -> None:
    offered: dict[Any, tuple[str, str, str, dict[str, Any]]] = {}
    for step in steps():
        if step.method == "POST" or step.status_for(person) != 200:
            continue
        for (method, address), fields in walk.take(person, step).offers.items():
            kind = kind_of(method, address, each=person == FOLLOWS_EACH)
            offered.setdefault(kind, (step.address, method, address, fields))
    assert len(offered) > 100
    # The page of a deleted record is 404 and offers to bring it back.
    gone = {f"/r/note/{walk.book.names['gone'].pk}"}
    refused = []
    for where, method, address, fields in offered.values():
        status = walk.follow(person, method, address, fields)
        if (status in REFUSED and address not in gone) or status >= 500:
            refused.append(f"{where} offers {method} {address}: {status}")
    assert not refused, "\n".join(refused)
