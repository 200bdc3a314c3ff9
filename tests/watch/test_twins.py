"""Signals judged over arrays fire on the same series as their rules, on the limits, in gaps and beyond what floats hold too."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.readings import Series
from trackline.core.playbook import rulebook
from trackline.watch.engine import Fire, judged
from trackline.watch.evidence.series import CHART, USAGE
from trackline.watch.evidence.sight import Sight
from trackline.watch.rules.definitions import definitions
from trackline.watch.twins import ASK_THE_RULE, TWINS

DAY = date(2026, 6, 30)
STEADY = [40, 42, 38, 41, 39, 43, 40, 37, 42, 38]
"""Mean 40, deviation 2: limits 34 and 46 (SIG-45)."""
EDGES: dict[str, list[list[Any]]] = {
    CHART: [
        *([*STEADY, last] for last in (46, "46.0000004", "46.000001", 34, "33.999999", 47, 40)),
        [7] * 12,
        [*[7] * 9, "7.000001"],
        [*[7] * 9, "7.0000004"],
        list(range(8)),
        list(range(9)),
        list(range(30, 20, -1)),
        [1, 2],
        [5],
        [*[10**9 + at for at in range(9)], 2 * 10**9],
        [*["123456789012.000001", "123456789012.000002"] * 5, "123456789012.000003"],
    ],
    USAGE: [
        [100, 98, "96.04"],
        [100, "98.000001", 90],
        [100, "98.0000004", 90],
        [100, 0, 0],
        [0, 0, 0],
        [8200, 7900, 7400],
        [-1, -2, -3],
        [10**12, 98 * 10**10, 9604 * 10**8],
    ],
}

point = st.one_of(st.integers(0, 6), st.decimals(0, 100, places=2), st.sampled_from([Decimal("34"), Decimal("46")]))


def series(values: list[Any]) -> Series:
    rows = [(1, 1, DAY - timedelta(days=30 * (len(values) - at)), at, Decimal(one)) for at, one in enumerate(values)]
    return Series(rows, lambda on: on, lambda value: value)


def fires(rule_id: str, listed: list[list[Any]]) -> list[Fire]:
    rule, meant = rulebook().get(rule_id), definitions(DAY)[rule_id]
    force = rule.in_force(DAY)
    sights = [Sight(at, {}, "", series=series(values)) for at, values in enumerate(listed)]
    return [Fire(meant, rule, sight, force, DAY) for sight in sights]


def agree(rule_id: str, listed: list[list[Any]]) -> list[int]:
    found = fires(rule_id, listed)
    said = TWINS[rule_id]([one.sight for one in found], found[0].in_force.parameters).tolist()
    for fire, verdict in zip(found, said, strict=True):
        assert verdict in (ASK_THE_RULE, int(fire.is_on)), fire.sight.given
    return said


@pytest.mark.parametrize("rule_id", TWINS)
def test_on_and_beside_the_limits(rule_id: str) -> None:
    said = agree(rule_id, EDGES[rule_id])
    assert {0, 1} <= set(said)
    assert said.count(ASK_THE_RULE) == sum(
        any(abs(float(one)) > 1e9 or float(one) < 0 for one in row) for row in EDGES[rule_id]
    )
    # As the engine judges them: each series once, in order, whoever said it.
    found = fires(rule_id, EDGES[rule_id])
    sights = [(one.definition, one.sight) for one in found]
    assert [(one.sight, on) for one, on in judged(sights, DAY, dict.fromkeys(range(99)), Overrides({}))] == [
        (one.sight, one.is_on) for one in found
    ]


@given(st.lists(st.lists(point, min_size=1, max_size=14), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_any_series(listed: list[list[Decimal]]) -> None:
    for rule_id in TWINS:
        agree(rule_id, [row for row in listed if rule_id == CHART or len(row) > 2] or [[3, 2, 1]])


def test_the_last_reading_of_each_month_stands_for_it() -> None:
    days = [date(2026, 1, 31), date(2026, 3, 1), date(2026, 3, 30), date(2026, 4, 2), date(2026, 5, 5)]
    line = Series([(1, 1, on, at, Decimal(at)) for at, on in enumerate(days)], lambda on: on, lambda value: value)
    assert [one.on for one in line.last_of_months(3)] == [days[2], days[3], days[4]]
    assert [one.id for one in line.last_of_months(9)] == [0, 2, 3, 4]
    assert line.floats == [0.0, 1.0, 2.0, 3.0, 4.0]
