"""Goals and business cases beside a second reading of their entries, written with fractions and nothing of ours."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.playbook.reading import DAY, Exact, Row, answer, at_least, between, checked, same, six
from trackline.core.playbook import RunRefused

days = st.integers(-500, 500).map(lambda days: DAY + timedelta(days)) | st.sampled_from(
    [DAY, date(2026, 1, 31), date(2024, 2, 29), date(2026, 12, 31)]
)


@st.composite
def goal(draw: Any) -> Row:
    row: Row = {name: draw(between(-200, 200)) for name in ("baseline", "target", "current")}
    if draw(st.booleans()):
        row["current"] = draw(st.sampled_from([row["baseline"], row["target"]]))
    for name in ("start_on", "due_on"):
        if draw(st.sampled_from([True, True, True, False])):
            row[name] = draw(days).isoformat()
    return row


def goal_status(progress: Fraction, met: bool, start: date | None, due: date | None, gap: Exact) -> str | None:
    if met:
        return "achieved"
    if start is None or due is None or gap is None:
        return None
    if due < DAY:
        return "missed"
    if six(progress) == 0 and start > DAY:
        return "not_started"
    return "on_track" if six(gap) >= -10 else "at_risk" if six(gap) >= -25 else "off_track"


@given(goal())
@checked()
def test_progress(row: Row) -> None:
    start, due = (date.fromisoformat(row[name]) if name in row else None for name in ("start_on", "due_on"))
    baseline, target, current = (Fraction(row[name]) for name in ("baseline", "target", "current"))
    if baseline == target or (start and due and due <= start):
        with pytest.raises(RunRefused):
            answer("reveal.goal.progress", row)
        return
    found = answer("reveal.goal.progress", row)
    way = (current - baseline) / (target - baseline) * 100
    progress = min(Fraction(100), max(Fraction(0), way))
    elapsed = gap = None
    if start and due:
        elapsed = 100 * min(Fraction(1), max(Fraction(0), Fraction((DAY - start).days, (due - start).days)))
        gap = progress - elapsed
    status = goal_status(progress, six(way) >= 100, start, due, gap)
    assert same(found.value, progress)
    assert same(found.details["elapsed_pct"], elapsed)
    assert same(found.details["gap"], gap)
    assert found.details["status"] == status
    colours = {"achieved": "green", "on_track": "green", "at_risk": "amber", "off_track": "red", "missed": "red"}
    if status != "not_started":
        assert found.band == colours.get(status or "", "unknown")


@pytest.mark.parametrize("absent", ["baseline", "target", "current"])
def test_an_unknown_figure_leaves_progress_unknown(absent: str) -> None:
    row = {"baseline": 1, "target": 5, "current": 3, "start_on": "2026-01-01", "due_on": "2026-12-31", absent: None}
    found = answer("reveal.goal.progress", row)
    assert (found.value, found.band, found.missing) == (None, "unknown", (absent,))


money = st.integers(0, 500_000).map(lambda euros: euros * 1)
line = st.fixed_dictionaries({"year": st.integers(0, 5), "benefit": money, "cost": money})
rate = st.integers(0, 30)


def present(series: list[Fraction], rate: Fraction) -> Fraction:
    return sum((amount / (1 + rate) ** year for year, amount in enumerate(series)), Fraction(0))


def paid_back(series: list[Fraction]) -> Exact:
    """Return the first moment from which the total stays at or above zero for one crossing; zero if never below."""
    totals = list(accumulate(series))
    if all(total >= 0 for total in totals):
        return Fraction(0)
    for year, (before, after) in enumerate(pairwise(totals), 1):
        if before < 0 <= after:
            return year - 1 + -before / (after - before)
    return None


def changes_of_sign(series: list[Fraction]) -> int:
    signs = [amount > 0 for amount in series if amount]
    return sum(left is not right for left, right in pairwise(signs))


@given(st.lists(line, min_size=1, max_size=8), rate)
@checked(25)
def test_case(lines: list[Row], rate_pct: int) -> None:
    found = answer("reveal.value.case", {"lines": lines, "discount_rate_pct": rate_pct})
    horizon = max(row["year"] for row in lines) + 1
    benefits, costs = ([Fraction(0)] * horizon for _ in range(2))
    for row in lines:
        benefits[row["year"]] += row["benefit"]
        costs[row["year"]] += row["cost"]
    r = Fraction(rate_pct, 100)

    def check(shown: Any, factor: Fraction, npv: Any) -> None:
        net = [benefit * factor - cost for benefit, cost in zip(benefits, costs, strict=True)]
        assert same(npv, present(net, r))
        assert same(shown["payback_years"], paid_back(net))
        irr = shown["irr_pct"]
        if not changes_of_sign(net):
            assert irr is None
        elif irr is not None:
            assert -99 <= irr <= 1000
            at, step = Fraction(irr) / 100, Fraction(1, 10**6)
            assert present(net, at - step) * present(net, at + step) <= 0
        elif changes_of_sign(net) == 1:
            low, high = present(net, Fraction(-99, 100)), present(net, Fraction(10))
            assert low * high > 0

    net = [benefit - cost for benefit, cost in zip(benefits, costs, strict=True)]
    check(found.details, Fraction(1), found.value)
    assert same(
        found.details["discounted_payback_years"],
        paid_back([amount / (1 + r) ** year for year, amount in enumerate(net)]),
    )
    assert [case["factor_pct"] for case in found.details["cases"]] == [70, 80, 90, 100, 110, 120]
    for case in found.details["cases"]:
        check(case, Fraction(case["factor_pct"]) / 100, case["npv"])
    worth = present(benefits, r)
    assert same(found.details["break_even_pct"], 100 * present(costs, r) / worth if worth else None)


@given(st.lists(st.fixed_dictionaries({"committed": between(0, 1000), "verified": between(0, 1000)}), max_size=6))
@checked()
def test_realization(outcomes: list[Row]) -> None:
    found = answer("reveal.value.realization", {"outcomes": outcomes})
    committed, verified = (
        sum((Fraction(row[key]) for row in outcomes), Fraction(0)) for key in ("committed", "verified")
    )
    value = 100 * verified / committed if committed else None
    assert same(found.value, value)
    assert found.band == at_least(value, 90, 70)
    assert same(found.details["committed"], committed)
    assert same(found.details["verified"], verified)
