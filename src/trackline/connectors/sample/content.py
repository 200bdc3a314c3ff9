"""Reads the content files. Words like `on` and `no` are words here, not truth values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from trackline.connectors.sample.drafts import Book
from trackline.connectors.sample.timeline import BOOK_OPENED, Timeline

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainWords(_Base):  # type: ignore[misc]
    """YAML in which only true and false are truth values, and times and dates stay text."""


_PlainWords.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
_PlainWords.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Story:
    """One account's file, with the calendar and the names that records of it need."""

    key: str
    facts: dict[str, Any]
    when: Timeline
    user: Callable[[str], str]

    @property
    def account(self) -> str:
        """The local name of the account."""
        return f"account:{self.key}"

    @property
    def owner(self) -> str:
        """The local name of the account's owner."""
        return self.user(self.facts["account"]["owner"])

    @property
    def since(self) -> int:
        """The day, from today, on which we began to keep this account."""
        return max(int(self.facts.get("since", BOOK_OPENED)), BOOK_OPENED)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a noun."""
        return list(self.facts.get(name) or [])

    def local(self, kind: str, name: str | None) -> str | None:
        """Return the local name of a record of this account, or None."""
        return None if name is None else f"{kind}:{self.key}/{name}"

    def contacts(self, names: list[str] | None) -> list[str]:
        """Return the local names of contacts."""
        return [f"contact:{self.key}/{name}" for name in names or []]

    def users(self, codes: list[str] | None) -> list[str]:
        """Return the local names of users."""
        return [self.user(code) for code in codes or []]

    def gone_on(self, contact: str) -> int | None:
        """Return the day, from today, on which a contact left, or None."""
        return next((row.get("left") for row in self.rows("contacts") if row["id"] == contact), None)


@cache
def book_file() -> dict[str, Any]:
    """Return the content that belongs to the whole book."""
    found: dict[str, Any] = _read("book.yaml")
    return found


@cache
def story_file(key: str) -> dict[str, Any]:
    """Return the content of one account."""
    found: dict[str, Any] = _read(f"stories/{key}.yaml")
    return found


def stories(when: Timeline) -> list[Story]:
    """Return the stories, parents before their subsidiaries."""
    people = book_file()["users"]
    return [
        Story(key, story_file(key), when, lambda code: f"user:{people[code]['key']}") for key in book_file()["accounts"]
    ]


def slim(**data: Any) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in data.items() if value not in (None, "", [])}


def note_stories(book: Book, found: list[Story]) -> None:
    """Keep each account's one-line story and the situations it shows."""
    for story in found:
        book.stories[story.key] = story.facts["story"]
        book.shows[story.key] = list(story.facts["shows"])


def _read(name: str) -> Any:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return yaml.load(text, Loader=_PlainWords)  # noqa: S506 - a safe loader with fewer words
