"""What was gathered to run a rule on an account: values, where each came from, and what is missing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol


class Reading(NamedTuple):
    """One observation: its day, id and value."""

    on: date
    id: int
    value: Decimal


class Dated(Protocol):
    """Readings that can tell by themselves how many of them lie up to a day, quicker than by looking at them."""

    def until(self, day: date) -> int:
        """Return how many are not later than a day."""
        ...


def until(readings: Sequence[Reading], day: date) -> int:
    """Return how many of some readings, oldest first, are not later than a day."""
    own: Dated | None = readings if hasattr(readings, "until") else None
    return bisect_right(readings, day, key=lambda one: one.on) if own is None else own.until(day)


@dataclass
class Collected:
    """Inputs of one rule on a day. `sources` tells for each the readings or records, their day and age in days;
    `missing` names each input without a value, with the day of the last reading that is too old."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    missing: list[dict[str, Any]] = field(default_factory=list)
