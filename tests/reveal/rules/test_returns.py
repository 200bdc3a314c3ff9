"""Properties of goals and business cases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from trackline.core.playbook import run
from trackline.reveal.rules.returns import discounted, internal_rate, payback

DAY = date(2026, 6, 30)
amounts = st.integers(0, 10**7)
flows = st.lists(st.integers(-(10**6), 10**6).map(D), min_size=1, max_size=12)


@given(flows, st.integers(-50, 300))
def test_a_higher_rate_never_helps_money_that_comes_later(nets: list[D], rate: int) -> None:
    later = [D(0), *(abs(net) for net in nets)]
    assert sum(discounted(later, D(rate))) >= sum(discounted(later, D(rate + 1)))


@given(st.integers(1, 10**6), st.lists(amounts, min_size=1, max_size=10))
def test_at_the_rate_of_return_the_present_value_is_nothing(outlay: int, benefits: list[int]) -> None:
    nets = [D(-outlay), *map(D, benefits)]
    rate = internal_rate(nets)
    assume(rate is not None)
    assert rate is not None
    scale = sum((abs(share) for share in discounted(nets, rate)), D(1))
    assert abs(sum(discounted(nets, rate), D(0))) / scale < D("1e-9")


@given(flows)
def test_payback_lies_within_the_years(nets: list[D]) -> None:
    years = payback(nets)
    if years is not None:
        assert 0 <= years <= len(nets) - 1
        assert (years == 0) == all(sum(nets[: year + 1]) >= 0 for year in range(len(nets)))


@given(st.lists(st.tuples(st.integers(0, 8), amounts, amounts), min_size=1, max_size=8), st.integers(0, 40))
def test_break_even_is_where_the_case_is_worth_nothing(lines: list[tuple[int, int, int]], rate: int) -> None:
    listed = [{"year": year, "benefit": benefit, "cost": cost} for year, benefit, cost in lines]
    found = run("reveal.value.case", {"lines": listed, "discount_rate_pct": rate}, as_of=DAY)
    share = found.details["break_even_pct"]
    assume(share is not None)
    scaled = [{**line, "benefit": line["benefit"] * share / 100} for line in listed]
    assume(all(line["benefit"] < 10**17 for line in scaled))
    at_break_even = run("reveal.value.case", {"lines": scaled, "discount_rate_pct": rate}, as_of=DAY)
    assert isinstance(at_break_even.value, D)
    assert abs(at_break_even.value) < D("1e-6")
    npvs = [case["npv"] for case in found.details["cases"]]
    assert npvs == sorted(npvs)


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(-300, 300), st.integers(-50, 450))
def test_progress_is_bounded_and_its_status_follows_the_gap(baseline: int, target: int, current: int, day: int) -> None:
    assume(baseline != target)
    inputs: dict[str, Any] = {"baseline": baseline, "target": target, "current": current}
    inputs |= {"start_on": "2026-01-01", "due_on": "2026-12-31"}
    found = run("reveal.goal.progress", inputs, as_of=date(2026, 1, 1) + timedelta(days=day))
    assert isinstance(found.value, D)
    assert 0 <= found.value <= 100
    status = found.details["status"]
    assert (status == "achieved") == (found.value == 100)
    if status in ("on_track", "at_risk", "off_track"):
        gap = found.details["gap"]
        assert status == ("on_track" if gap >= -10 else "at_risk" if gap >= -25 else "off_track")
