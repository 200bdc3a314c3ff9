"""Properties of prices, margins and service levels: parts add up to the cent, better is never judged worse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from trackline.core.playbook import run

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}

money = st.decimals(0, 10_000, places=2)
quantity = st.integers(0, 5_000)
items = st.lists(st.tuples(quantity, quantity, money, money, money, money), min_size=1, max_size=6)


def near(one: Any, other: Any) -> bool:
    return abs(Decimal(one) - Decimal(other)) < Decimal("1e-15")


@given(items)
def test_the_bridge_adds_up_to_the_change_in_margin(rows: list[Any]) -> None:
    assume(sum(row[0] for row in rows))
    names = ("q0", "q1", "p0", "p1", "c0", "c1")
    found = run(
        "commercial.margin.bridge",
        {"items": [{"key": f"k{at}", **dict(zip(names, row, strict=True))} for at, row in enumerate(rows)]},
        as_of=DAY,
    )
    before = sum((q0 * (p0 - c0) for q0, _, p0, _, c0, _ in rows), Decimal(0))
    after = sum((q1 * (p1 - c1) for _, q1, _, p1, _, c1 in rows), Decimal(0))
    assert found.value is not None
    assert near(found.value, after - before)
    effects = [found.details[key] for key in ("volume", "mix", "price", "cost")]
    assert near(sum(effects, Decimal(0)), found.value)
    bps = found.details["bps"]
    if bps is not None:
        assert near(sum((bps[key] for key in ("volume", "mix", "price", "cost")), Decimal(0)), bps["total"])
        assert near(bps["volume"], 0)


@given(money, st.lists(st.tuples(st.decimals(-500, 500, places=2), st.booleans()), max_size=8))
def test_the_waterfall_closes_to_the_cent(base: Decimal, elements: list[tuple[Decimal, bool]]) -> None:
    found = run(
        "commercial.price.waterfall",
        {
            "list": base,
            "elements": [
                {"key": f"e{at}", "amount": amount, "before_net": before}
                for at, (amount, before) in enumerate(elements)
            ],
        },
        as_of=DAY,
    )
    net, pocket = found.details["net"], found.value
    assert isinstance(pocket, Decimal)
    assert net == base - sum((amount for amount, before in elements if before), Decimal(0))
    assert pocket == base - sum((amount for amount, _ in elements), Decimal(0))
    assert pocket == base + sum((part.contribution or Decimal(0) for part in found.parts), Decimal(0))
    if base:
        points = sum((part.points or Decimal(0) for part in found.parts), Decimal(0))
        assert near(points, 10_000 - found.details["pocket_pct"] * 100)


@given(
    st.lists(st.decimals(0, 100, places=3), min_size=3, max_size=3, unique=True).map(sorted),
    st.decimals(0, 100, places=3),
    st.decimals(0, 10, places=3),
    st.sampled_from(["up", "down"]),
)
def test_a_better_level_is_never_judged_worse(
    levels: list[Decimal], value: Decimal, gain: Decimal, direction: str
) -> None:
    threshold, target, stretch = levels if direction == "up" else levels[::-1]
    setup = {"threshold": threshold, "target": target, "stretch": stretch, "direction": direction}
    better = value + gain if direction == "up" else value - gain
    found, raised = (run("commercial.sla.tier", {**setup, "value": level}, as_of=DAY) for level in (value, better))
    assert BANDS[str(found.band)] <= BANDS[str(raised.band)]
    assert raised.details["stretch"] >= found.details["stretch"]
    assert found.details["stretch"] is False or found.band == "green"
