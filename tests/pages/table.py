"""The table of rights: its rows, and how one is taken as somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.pages.book import UPLOADED, Book

TABLE: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("rights.yaml").read_text())
PEOPLE = ("anonymous", "facilitator", "teammate", "owner", "outsider", "admin")
HTMX = {"HX-Request": "true", "HX-Target": "panel-content"}


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
        book.put_files_back()
        if self.method == "GET":
            return client.get(address)
        if self.method == "PART":
            return client.get(address, headers=HTMX)
        sent = dict(pair.split("=", 1) for pair in self.sent.split(", ") if pair)
        return client.post(address, {key: _value(text, book) for key, text in sent.items()}, headers=HTMX)

    def status_for(self, person: str) -> int:
        """Return what the table says somebody gets."""
        return self.statuses[PEOPLE.index(person)]


def _value(text: str, book: Book) -> Any:
    if text.startswith("@"):
        return SimpleUploadedFile(text[1:], UPLOADED.encode())
    return text.format_map(book.names)


def steps() -> Iterator[Step]:
    """Yield every row of the table."""
    for rows in TABLE.values():
        for row in rows.items():
            yield Step.of(*row)


class taking_back(transaction.Atomic):
    """A transaction that is always rolled back."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *exc: Any) -> None:
        transaction.set_rollback(True)
        super().__exit__(*exc)
