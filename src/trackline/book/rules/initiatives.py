"""Growth initiatives over time: their horizons against the mix aimed at, and how many of them people can carry. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.core.decimals import HUNDRED, ZERO


@dataclass(frozen=True)
class Band:
    """A horizon: initiatives of up to so many months, the last one included; None: of any length."""

    key: str
    label: str
    up_to: int | None
    target_pct: Decimal


@dataclass(frozen=True)
class Limits:
    """The figures of the file."""

    bands: Sequence[Band]
    tolerance: Decimal
    limit_pct: Decimal
    safe_from: Decimal


@cache
def limits() -> Limits:
    """Return the figures of horizons and capacity."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    bands = [
        Band(one["key"], one["label"], one["up_to"], Decimal(one["target_pct"])) for one in raw["horizons"]["bands"]
    ]
    figures = (Decimal(raw[name]["value"]) for name in ("tolerance", "limit", "safe_from"))
    return Limits(bands, *figures)


def horizon_of(months: int | None) -> str:
    """Return the horizon of an initiative by its months to completion; "" where they are not known. Source: GRW-03."""
    if months is None:
        return ""
    return next(band.key for band in limits().bands if band.up_to is None or months <= band.up_to)


@dataclass(frozen=True)
class Lane:
    """A horizon with its budget and its share of all budgets, %; `gap` is what that lies above the target, in points."""

    band: Band
    budget: Decimal
    share_pct: Decimal | None
    gap: Decimal | None
    flagged: bool


def lanes(budgets: Iterable[tuple[str, Decimal]]) -> list[Lane]:
    """Return the horizons with what lies in them, of (horizon, budget); a share too far off its target is flagged.

    Source: GRW-03.
    """
    sums: dict[str, Decimal] = {}
    for key, budget in budgets:
        sums[key] = sums.get(key, ZERO) + budget
    whole = sum((sums.get(band.key, ZERO) for band in limits().bands), ZERO)
    found = []
    for band in limits().bands:
        mine = sums.get(band.key, ZERO)
        share = mine * HUNDRED / whole if whole else None
        gap = None if share is None else share - band.target_pct
        found.append(Lane(band, mine, share, gap, gap is not None and abs(gap) > limits().tolerance))
    return found


@dataclass(frozen=True)
class Demand:
    """What an initiative asks of people: hours in each month from its first on."""

    key: int
    start: date
    months: int
    hours: int


@dataclass(frozen=True)
class Month:
    """A month with the hours that all initiatives ask for, and that as a share of the capacity, %."""

    first: date
    hours: int
    load_pct: Decimal | None

    @property
    def over(self) -> bool:
        """Whether more is asked for than may overlap. Source: GRW-07."""
        return self.load_pct is not None and self.load_pct > limits().limit_pct


def load_of(demands: Iterable[Demand], capacity: int | None) -> list[Month]:
    """Return the load of each month that any initiative runs in; capacity is in hours a month. Source: GRW-07."""
    hours: dict[int, int] = {}
    for demand in demands:
        first = _number(demand.start)
        for month in range(first, first + demand.months):
            hours[month] = hours.get(month, 0) + demand.hours
    return [
        Month(_day(month), asked, Decimal(asked) * HUNDRED / capacity if capacity else None)
        for month, asked in sorted(hours.items())
    ]


def carried(demands: Sequence[Demand], capacity: int) -> tuple[set[int], dict[int, date]]:
    """Return which initiatives people can carry, and the month to which those that overlap too much would have to move.

    `demands` come highest score first; each takes the months it asks for where the load with it stays within the limit, else
    it would start in the first month from which it does. One that asks for more than the limit by itself never fits.
    Source: GRW-07.
    """
    most = limits().limit_pct * capacity / HUNDRED
    taken: dict[int, int] = {}
    fits: set[int] = set()
    moves: dict[int, date] = {}
    for demand in demands:
        if demand.hours > most:
            continue
        first = start = _number(demand.start)
        while any(taken.get(month, 0) + demand.hours > most for month in range(start, start + demand.months)):
            start += 1
        for month in range(start, start + demand.months):
            taken[month] = taken.get(month, 0) + demand.hours
        if start == first:
            fits.add(demand.key)
        else:
            moves[demand.key] = _day(start)
    return fits, moves


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
