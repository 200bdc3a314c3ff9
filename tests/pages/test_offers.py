"""No page offers what it then refuses: every link, form and button is followed as the person who sees it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import Resolver404, resolve

from tests.pages.book import Book
from tests.pages.table import HTMX, steps, taking_back

pytestmark = pytest.mark.django_db

LEFT_OUT = ("/static/", "/sign-out", "/api/", "/sign-in")
REFUSED = (403, 404, 405)


class Offers(HTMLParser):
    """Collects what a page offers: `(method, address, fields)`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], dict[str, str]] = {}
        self.form: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = {}
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.form[given["name"]] = given.get("value", "")
        if tag == "a":
            self._offer("GET", given.get("href", ""), {})
        self._offer("PART", given.get("hx-get", ""), {})
        self._offer("PART", given.get("data-cell", ""), {})
        self._offer("POST", given.get("hx-post", ""), json.loads(given.get("hx-vals") or "{}"))
        if tag == "form" and given.get("method", "").lower() == "post":
            self._offer("POST", given.get("action", ""), {})

    def _offer(self, method: str, address: str, fields: dict[str, Any]) -> None:
        address = address.partition("#")[0]
        if address.startswith("/") and not address.startswith(LEFT_OUT):
            # The fields of a form follow its start tag: the same dictionary fills up.
            if not fields:
                fields = self.form
            self.found.setdefault((method, address), fields)


@pytest.mark.parametrize("person", ["facilitator", "owner", "admin"])
def test_nothing_offered_is_refused(book: Book, person: str) -> None:
    offered: dict[Any, tuple[str, str, str, dict[str, Any]]] = {}
    for step in steps():
        if step.method == "POST" or step.status_for(person) != 200:
            continue
        with taking_back():
            response = step.take(book.client(person), book)
        if "html" not in response.headers["Content-Type"]:
            continue
        page = Offers()
        page.feed(response.content.decode())
        for (method, address), fields in page.found.items():
            offered.setdefault(kind_of(method, address), (step.address, method, address, fields))
    assert len(offered) > 100
    # The page of a deleted record is 404 and offers to bring it back.
    gone = {f"/r/note/{book.names['gone'].pk}"}
    refused = []
    for where, method, address, fields in offered.values():
        with taking_back():
            status = ask(book, person, method, address, fields)
        if (status in REFUSED and address not in gone) or status >= 500:
            refused.append(f"{where} offers {method} {address}: {status}")
    assert not refused, "\n".join(refused)


def kind_of(method: str, address: str) -> Any:
    """Return what makes one offer like another: the same page for the same record type, whichever record and field."""
    try:
        match = resolve(address.partition("?")[0])
    except Resolver404:
        return address
    same = {name: value for name, value in match.kwargs.items() if isinstance(value, str) and name != "field"}
    return method, match.route, tuple(same.items())


def ask(book: Book, person: str, method: str, address: str, fields: dict[str, Any]) -> int:
    """Do what a click does."""
    client = book.client(person)
    if method == "POST":
        return int(client.post(address, fields, headers=HTMX).status_code)
    return int(client.get(address, headers=HTMX if method == "PART" else {}).status_code)
