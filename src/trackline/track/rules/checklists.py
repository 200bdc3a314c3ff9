"""Checklists of what listening to a customer takes: their items, and how far one is answered. Pure; data beside it.

Source: CNV-08, NEED-08, NEED-10, NEED-11, NEED-12, CMPT-09, SUR-16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.core.playbook.data import check_source

GOOD, NONE = "yes", "na"
CHOICES = (("yes", "Yes"), ("no", "No"), ("na", "N/A"))
"""What an item can be answered with, as short as a button needs it."""


@dataclass(frozen=True)
class Item:
    """An item. One with `auto` is answered by the records themselves."""

    key: str
    text: str
    auto: bool = False


@dataclass(frozen=True)
class Checklist:
    """A checklist; its gate opens when all items that apply are good. A method of steps opens nothing."""

    key: str
    title: str
    says: str
    opens: str
    items: Sequence[Item]

    def item(self, key: str) -> Item | None:
        """Return an item by its key."""
        return next((one for one in self.items if one.key == key), None)


@dataclass(frozen=True)
class Answered:
    """An item with its answer (`yes`, `no`, `na`, or empty) and what speaks for it."""

    item: Item
    answer: str
    says: str = ""
    record: int | None = None

    @property
    def word(self) -> str:
        """The answer in a word; empty where there is none."""
        return {"yes": "yes", "no": "no", "na": "does not apply"}.get(self.answer, "")

    @property
    def good(self) -> bool:
        """Whether it is met."""
        return self.answer == GOOD


@dataclass(frozen=True)
class Run:
    """A checklist as it stands. `readiness` is None where no item applies."""

    checklist: Checklist
    rows: Sequence[Answered]
    choices: Sequence[tuple[str, str]] = CHOICES

    @property
    def counted(self) -> int:
        """Items that apply."""
        return sum(row.answer != NONE for row in self.rows)

    @property
    def good(self) -> int:
        """Items that are met."""
        return sum(row.good for row in self.rows)

    @property
    def readiness(self) -> Decimal | None:
        """Good items in percent of those that apply. Source: CNV-08."""
        return Decimal(100 * self.good) / self.counted if self.counted else None

    @property
    def passed(self) -> bool:
        """Whether the gate is open: every item that applies is good."""
        return bool(self.counted) and self.good == self.counted


def run(checklist: Checklist, answers: Mapping[str, Answered]) -> Run:
    """Return a checklist with its answers, items without one open."""
    return Run(checklist, [answers.get(item.key) or Answered(item, "") for item in checklist.items])


@cache
def checklists() -> Mapping[str, Checklist]:
    """Return the checklists by key. Raises `ValueError` for data without a source or with a key twice."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return {key: _checklist(key, row) for key, row in raw.items()}


def _checklist(key: str, row: Mapping[str, Any]) -> Checklist:
    check_source(row["source"])
    items = [Item(**item) for item in row["items"]]
    if len({item.key for item in items}) != len(items):
        raise ValueError(f"{key} has an item twice")
    return Checklist(key, row["title"], row["says"], row["opens"], items)
