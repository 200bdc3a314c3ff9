"""The cell of a contact out of its fields: level, area, whether it is active. Pure; the words are data beside it.

Nothing is guessed: a contact without seniority has no level, one whose unit, function and role say nothing has no area,
and one without a touch on record is neither active nor silent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

AREAS = ("buying", "using", "adjacent")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Wiring:
    """The data file: levels by seniority, areas by word and by role, cells asked for by tier, days of an active contact."""

    levels: Mapping[str, str]
    words: Mapping[str, str]
    roles: Mapping[str, str]
    targets: Mapping[int, int]
    active_days: int


class Area(NamedTuple):
    """An area and what said so: `business_unit`, `function`, `buying_role`, or nothing."""

    area: str | None
    by: str


@cache
def wiring() -> Wiring:
    """Return how contacts are placed."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return Wiring(
        {seniority: row["level"] for seniority, row in raw["levels"]["values"].items()},
        {word: area for area in AREAS for word in raw["areas"]["functions"]["words"][area]},
        raw["areas"]["roles"]["values"],
        raw["targets"]["values"],
        raw["active"]["days"],
    )


def level_of(seniority: str) -> str | None:
    """Return `individual`, `director` or `executive`, or None where the seniority is not known. Source: TRK-06."""
    return wiring().levels.get(seniority)


def area_of(unit_area: str, function: str, role: str) -> Area:
    """Return the area of a contact: by its business unit, else by its function, else by its role. Source: STK-06."""
    if unit_area in AREAS:
        return Area(unit_area, "business_unit")
    words = wiring().words
    for word in _WORD.findall(function.casefold()):
        if word in words:
            return Area(words[word], "function")
    found = wiring().roles.get(role)
    return Area(found, "buying_role") if found else Area(None, "")


def is_active(last_touch_on: date | None, on: date) -> bool | None:
    """Say whether a contact who is still there counts as active on a day; None without a touch on record.

    Source: CNV-10.
    """
    if last_touch_on is None:
        return None
    return last_touch_on >= on - timedelta(days=wiring().active_days)
