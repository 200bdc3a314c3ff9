"""What was gathered to run a rule on an account: values, where each came from, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple


class Reading(NamedTuple):
    """One observation: its day, id and value."""

    on: date
    id: int
    value: Decimal


@dataclass
class Collected:
    """Inputs of one rule on a day. `sources` tells for each the readings or records, their day and age in days;
    `missing` names each input without a value, with the day of the last reading that is too old."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    missing: list[dict[str, Any]] = field(default_factory=list)
