"""The margin bridge: how much of a change in margin came from volume, mix, price and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import Field

from trackline.core.decimals import ZERO
from trackline.core.playbook import Finding, Inputs, Part, insufficient, rule
from trackline.core.playbook.fields import Money, Quantity, Text

BPS = 10_000
"""Basis points of a whole."""

EFFECTS = {"volume": "Volume", "mix": "Mix", "price": "Price", "cost": "Cost"}


class Item(Inputs):
    """A product in two periods: quantity, price and cost of a unit."""

    key: Text = Field(description="Key of the product")
    q0: Quantity | None = Field(description="Quantity before")
    q1: Quantity | None = Field(description="Quantity now")
    p0: Money | None = Field(description="Price before; not needed where nothing was sold")
    p1: Money | None = Field(description="Price now; not needed where nothing is sold")
    c0: Money | None = Field(description="Unit cost before; not needed where nothing was sold")
    c1: Money | None = Field(description="Unit cost now; not needed where nothing is sold")


class Bridge(Inputs):
    """Products of both periods."""

    items: list[Item] | None = Field(description="Products sold in either period")


@dataclass(frozen=True, slots=True)
class _Line:
    q0: Decimal
    q1: Decimal
    p0: Decimal
    p1: Decimal
    c0: Decimal
    c1: Decimal


@rule(
    "commercial.margin.bridge",
    title="Margin bridge",
    spec=("MRG-11", "MRG-12"),
    summary="A change in margin split into volume, mix, price and cost, in money and basis points.",
)
def bridge(given: Bridge) -> Finding:
    """Volume is what the old mix would have earned on the new quantity; mix is what the shift between products did; price and
    cost are the changes per unit on what is sold now. The four add up to the change in margin. A new product counts as mix.
    Basis points: the margin rate recomputed after each step, in that order. Every figure must be known.

    Source: MRG-11, MRG-12.
    """
    nothing: dict[str, Any] = {**dict.fromkeys(EFFECTS), "bps": None}
    lines = None if given.items is None else [_line(item) for item in given.items]
    if lines is None or None in lines:
        return insufficient("items", details=nothing)
    rows = [line for line in lines if line is not None]
    before = sum((row.q0 for row in rows), ZERO)
    if not before:
        return insufficient(notes=("Nothing was sold before: there is no change to split.",), details=nothing)
    growth = sum((row.q1 for row in rows), ZERO) / before
    effects = _effects(rows, growth)
    bps = _bps(rows, growth)
    return Finding(
        sum(effects.values(), ZERO),
        parts=tuple(Part(key, label, contribution=effects[key]) for key, label in EFFECTS.items()),
        notes=() if bps else ("A step without revenue has no margin rate.",),
        details={**effects, "bps": bps},
    )


def _line(item: Item) -> _Line | None:
    """The figures of a product; what it had no sales for takes the other period's. None where a figure is missing."""
    p0, c0, p1, c1 = item.p0, item.c0, item.p1, item.c1
    if item.q0 == 0:
        p0, c0 = p1, c1
    elif item.q1 == 0:
        p1, c1 = (p0 if p1 is None else p1), (c0 if c1 is None else c1)
    if item.q0 == 0 and item.q1 == 0:
        return _Line(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)
    figures = [item.q0, item.q1, p0, p1, c0, c1]
    known = [figure for figure in figures if figure is not None]
    return _Line(*known) if len(known) == len(figures) else None


def _effects(rows: Sequence[_Line], growth: Decimal) -> dict[str, Decimal]:
    margin = sum(((row.p0 - row.c0) * row.q0 for row in rows), ZERO)
    return {
        "volume": (growth - 1) * margin,
        "mix": sum(((row.q1 - row.q0 * growth) * (row.p0 - row.c0) for row in rows), ZERO),
        "price": sum(((row.p1 - row.p0) * row.q1 for row in rows), ZERO),
        "cost": -sum(((row.c1 - row.c0) * row.q1 for row in rows), ZERO),
    }


def _bps(rows: Sequence[_Line], growth: Decimal) -> dict[str, Decimal] | None:
    """Return what each step does to the margin rate, None where a step has no revenue."""
    steps = (
        _rate([(row.q0, row.p0, row.c0) for row in rows]),
        _rate([(row.q0 * growth, row.p0, row.c0) for row in rows]),
        _rate([(row.q1, row.p0, row.c0) for row in rows]),
        _rate([(row.q1, row.p1, row.c0) for row in rows]),
        _rate([(row.q1, row.p1, row.c1) for row in rows]),
    )
    rates = [rate for rate in steps if rate is not None]
    if len(rates) < len(steps):
        return None
    found = {key: (rates[at + 1] - rates[at]) * BPS for at, key in enumerate(EFFECTS)}
    return {**found, "total": (rates[-1] - rates[0]) * BPS}


def _rate(lines: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Decimal | None:
    revenue = sum((quantity * price for quantity, price, _ in lines), ZERO)
    earned = sum((quantity * (price - cost) for quantity, price, cost in lines), ZERO)
    return earned / revenue if revenue else None
