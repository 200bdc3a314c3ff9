"""What is promised to an account beside what its tier grants, line by line, as panels print it. Source: PF-26."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.book.rules.promises import promises
from trackline.book.tiers.funding import lacking
from trackline.kit import formats


@dataclass(frozen=True)
class Line:
    """A line of either side: what it is, how it comes about, and its amount; None where it is not known."""

    label: str
    note: str
    amount: Decimal | None


@dataclass(frozen=True)
class Side:
    """One side, line by line, and its sum; None where it is not known."""

    label: str
    lines: Sequence[Line]
    amount: Decimal | None


@dataclass(frozen=True)
class Bill:
    """What is promised, then what is granted. `pays` is None where it cannot be told, and then `lacks` names what is missing."""

    sides: Sequence[Side]
    pays: bool | None
    over: Decimal | None
    lacks: str


def bill_of(budget: Mapping[str, Any], currency: str) -> Bill | None:
    """Return the bill of a budget as decisions keep it; None where there is no tier, or the decision is from before bills."""
    if budget.get("hours") is None or "promises" not in budget:
        return None
    number = {
        key: _decimal(budget[key])
        for key in ("hours", "hours_served", "hour_cost", "opex", "promised", "funded", "over")
    }
    each, of = number["hour_cost"], {one.key: one for one in promises()}
    served, granted = number["hours_served"], number["hours"]
    promised = [
        Line("Hours of our people", _hours(served, each, currency), _times(served, each)),
        *(Line(of[key].label if key in of else key, "a year", _decimal(cost)) for key, cost in budget["promises"].items()),
    ]  # fmt: skip
    paid = [
        Line("Hours of the tier", _hours(granted, each, currency), _times(granted, each)),
        Line("Operating money", "a share of twelve months' revenue", number["opex"]),
    ]
    sides = [Side("Promised", promised, number["promised"]), Side("Granted", paid, number["funded"])]
    return Bill(sides, budget["pays"], number["over"], lacking(budget))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _times(hours: Decimal | None, each: Decimal | None) -> Decimal | None:
    return None if hours is None or each is None else hours * each


def _hours(hours: Decimal | None, each: Decimal | None, currency: str) -> str:
    told = "hours not known" if hours is None else f"{formats.number(hours, 0)} h"
    return f"{told} at {'a cost not told' if each is None else formats.money(each, currency)}"
