"""What `build` hands over: records to be, later changes of them, and readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be made: `key` is its local name (`contact:nordwall/brandes`), `data` maps API fields to values.

    References are local names too. `at` and `by` say when and by whom it was made; `extra` is for the loader.
    """

    key: str
    at: datetime
    by: str
    data: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The record type."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later change of a record."""

    key: str
    at: datetime
    by: str
    data: dict[str, Any]
    note: str = ""


class Reading(NamedTuple):
    """One observation: the metric is a code, or the local name of a KPI."""

    account: str
    metric: str
    on: date
    value: float
    source: str


@dataclass
class Book:
    """The whole sample book. `drafts` are keyed by record type, in an order in which references exist."""

    today: date
    opened: date
    company: dict[str, Any]
    rates: list[tuple[str, date, float]]
    drafts: dict[str, list[Draft]] = field(default_factory=dict)
    amendments: list[Amendment] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    stories: dict[str, str] = field(default_factory=dict)
    shows: dict[str, list[str]] = field(default_factory=dict)

    def add(self, draft: Draft) -> Draft:
        """Keep a draft."""
        self.drafts.setdefault(draft.kind, []).append(draft)
        return draft

    def amend(self, key: str, at: datetime, by: str, note: str = "", **data: Any) -> None:
        """Keep a later change."""
        self.amendments.append(Amendment(key, at, by, data, note))

    def final(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the data of a record type as they stand after all changes."""
        found = {draft.key: dict(draft.data) for draft in self.drafts.get(kind, [])}
        for change in sorted(self.amendments, key=lambda item: item.at):
            if change.key in found:
                found[change.key].update(change.data)
        return found
