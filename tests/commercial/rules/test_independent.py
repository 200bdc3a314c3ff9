"""Prices, margins and service levels beside a second reading of their entries, written with fractions and nothing of ours."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run

DAY = date(2026, 6, 30)
Row = dict[str, Any]

money = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)
quantity = st.one_of(st.integers(0, 2_000), st.just(0))


def rule(name: str, inputs: Row) -> Explained:
    return run(name, inputs, as_of=DAY)


def same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs(Fraction(ours) - Fraction(theirs)) <= Fraction(1, 10**9) * max(1, abs(Fraction(theirs)))


def total(values: Any) -> Fraction:
    return sum(values, Fraction(0))


@given(
    st.lists(
        st.fixed_dictionaries({"q0": quantity, "q1": quantity, **dict.fromkeys(("p0", "p1", "c0", "c1"), money)}),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150)
def test_bridge(rows: list[Row]) -> None:
    found = rule("commercial.margin.bridge", {"items": [{"key": f"k{at}", **row} for at, row in enumerate(rows)]})
    items = [{key: Fraction(value) for key, value in row.items()} for row in rows]
    for item in items:
        if not item["q0"]:
            item |= {"p0": item["p1"], "c0": item["c1"]}
    before, after = total(item["q0"] for item in items), total(item["q1"] for item in items)
    if not before:
        assert found.value is None
        return
    margin = [item["p0"] - item["c0"] for item in items]
    volume = (after - before) * total(m * item["q0"] for m, item in zip(margin, items, strict=True)) / before
    mix = total((item["q1"] - item["q0"] * after / before) * m for m, item in zip(margin, items, strict=True))
    price = total((item["p1"] - item["p0"]) * item["q1"] for item in items)
    cost = -total((item["c1"] - item["c0"]) * item["q1"] for item in items)
    assert same(found.value, volume + mix + price + cost)
    for key, value in (("volume", volume), ("mix", mix), ("price", price), ("cost", cost)):
        assert same(found.details[key], value)
    base = total(item["q0"] * item["p0"] for item in items)
    moved = total(item["q1"] * item["p0"] for item in items)
    priced = total(item["q1"] * item["p1"] for item in items)
    if not (base and moved and priced):
        return
    first = total(item["q0"] * m for m, item in zip(margin, items, strict=True))
    shares = [
        first / base,
        first / base,
        total(item["q1"] * m for m, item in zip(margin, items, strict=True)) / moved,
        total(item["q1"] * (item["p1"] - item["c0"]) for item in items) / priced,
        total(item["q1"] * (item["p1"] - item["c1"]) for item in items) / priced,
    ]
    steps = [10_000 * (new - old) for old, new in itertools.pairwise(shares)]
    for key, value in zip(("volume", "mix", "price", "cost"), steps, strict=True):
        assert same(found.details["bps"][key], value)
    assert same(found.details["bps"]["total"], sum(steps))


element = st.fixed_dictionaries(
    {"amount": st.integers(-50_000, 50_000).map(lambda cents: Decimal(cents) / 100), "before_net": st.booleans()}
)


@given(money, st.lists(element, max_size=7))
def test_waterfall(price: Decimal, rows: list[Row]) -> None:
    elements = [{"key": f"k{at}", **row} for at, row in enumerate(rows)]
    found = rule("commercial.price.waterfall", {"list": price, "elements": elements})
    net = Fraction(price) - total(Fraction(row["amount"]) for row in rows if row["before_net"])
    pocket = net - total(Fraction(row["amount"]) for row in rows if not row["before_net"])
    assert same(found.value, pocket)
    assert same(found.details["net"], net)
    assert same(found.details["realization_pct"], 100 * net / Fraction(price) if price else None)
    assert same(found.details["pocket_pct"], 100 * pocket / Fraction(price) if price else None)
    bps = {part.key: part.points for part in found.parts}
    for row in elements:
        assert same(bps.get(row["key"]), 10_000 * Fraction(row["amount"]) / Fraction(price) if price else None)


@st.composite
def level(draw: Any) -> Row:
    marks = sorted(draw(st.lists(st.integers(9_000, 10_000), min_size=3, max_size=3, unique=True)))
    direction = draw(st.sampled_from(["up", "down"]))
    threshold, target, stretch = (Decimal(mark) / 100 for mark in (marks if direction == "up" else marks[::-1]))
    value = draw(
        st.one_of(
            st.integers(8_900, 10_000).map(lambda mark: Decimal(mark) / 100),
            st.sampled_from([threshold, target, stretch]),
        )
    )
    row: Row = {"value": value, "threshold": threshold, "target": target, "stretch": stretch, "direction": direction}
    if direction == "up" and draw(st.booleans()):
        row["window_minutes"] = draw(st.integers(1, 50_000))
        if draw(st.booleans()):
            row["cost_per_minute"] = draw(money)
    return row


@given(level())
@settings(max_examples=150)
def test_service_level(row: Row) -> None:
    found = rule("commercial.sla.tier", row)
    sign = 1 if row["direction"] == "up" else -1
    value, threshold, target, stretch = (sign * row[key] for key in ("value", "threshold", "target", "stretch"))
    assert same(found.value, row["value"])
    assert found.band == ("red" if value < threshold else "amber" if value < target else "green")
    assert found.details["stretch"] is (value >= stretch)
    if "window_minutes" not in row:
        return
    allowed = (100 - Fraction(row["target"])) / 100 * row["window_minutes"]
    down = (100 - Fraction(row["value"])) / 100 * row["window_minutes"]
    assert same(found.details["allowed_minutes"], allowed)
    assert same(found.details["down_minutes"], down)
    assert same(found.details["excess_minutes"], max(Fraction(0), down - allowed))
    if "cost_per_minute" in row:
        assert same(found.details["excess_cost"], max(Fraction(0), down - allowed) * Fraction(row["cost_per_minute"]))
