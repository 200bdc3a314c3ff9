"""What a page offers: its links, forms and buttons."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from django.urls import Resolver404, resolve

LEFT_OUT = ("/static/", "/sign-out", "/api/", "/sign-in")
NO_TYPE = ("field", "rule_id", "code")
"""Words of an address that tell a record from others of its type."""


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


def kind_of(method: str, address: str, *, each: bool) -> Any:
    """Return what makes one offer like another: the same page for the same record type, whichever record and field.

    With `each`, each rule and each KPI counts by itself.
    """
    try:
        match = resolve(address.partition("?")[0])
    except Resolver404:
        return address
    left_out = NO_TYPE[:1] if each else NO_TYPE
    same = {name: value for name, value in match.kwargs.items() if isinstance(value, str) and name not in left_out}
    return method, match.route, tuple(same.items())
