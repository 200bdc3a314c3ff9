"""What sections of a plan hold: read once from `sections.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("sections.yaml")


@dataclass(frozen=True)
class Shown:
    """A value of a row: where it stands, its label, how it is written, and whether a complete plan has it.

    `theirs` is what the customer's copy calls it, and `to_them` how it is written there, where that differs. A `stamp` says of when the row is, and is no
    difference by itself.
    """

    key: str
    label: str
    written: str = "text"
    right: bool = False
    theirs: str = ""
    to_them: str = ""
    needed: bool = False
    stamp: bool = False


@dataclass(frozen=True)
class Section:
    """A section: its part of the facts, what is shown of it, and what one is asked to write; the customer's copy has it where `customer` says so.
    `theirs` is what their copy calls it, where that differs."""

    code: str
    title: str
    source: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    pairs: Sequence[Shown] = ()
    columns: Sequence[Shown] = ()
    grid: bool = False
    prompt: str = ""
    empty: str = "Nothing is recorded."
    theirs: str = ""
    customer: bool = False

    def of(self, facts: Mapping[str, Any]) -> Any:
        """Return the section's part of the facts, narrowed to the rows it tells of."""
        found: Any = facts
        for step in self.source.split("."):
            found = found[step]
        if self.where:
            return [row for row in found if all(row.get(key) == value for key, value in self.where.items())]
        return found


@cache
def catalogue() -> Mapping[str, Section]:
    """Return all sections by code."""
    return {code: _section(code, given) for code, given in yaml.safe_load(FILE.read_text("utf-8")).items()}


def titles() -> list[tuple[str, str]]:
    """Return code and title of each section, in the catalogue's order."""
    return [(code, section.title) for code, section in catalogue().items()]


def _section(code: str, given: dict[str, Any]) -> Section:
    pairs, columns = ([_shown(one) for one in given.pop(name, ())] for name in ("pairs", "columns"))
    return Section(code, source=given.pop("from", ""), pairs=pairs, columns=columns, **given)


def _shown(given: dict[str, Any]) -> Shown:
    return Shown(written=given.pop("as", "text"), **given)
