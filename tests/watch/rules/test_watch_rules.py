"""Properties of signals and of the risk that they add up to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.playbook import run

DAY = date(2026, 6, 30)

signals = st.lists(st.sampled_from(["critical", "high", "warn", "info"]), max_size=12)


@given(signals, st.sampled_from(["critical", "high", "warn", "info"]))
def test_risk_is_bounded_rises_with_each_signal_and_knows_no_order(severities: list[str], another: str) -> None:
    found = run("watch.churn_risk", {"open_signals": severities}, as_of=DAY)
    assert isinstance(found.value, Decimal)
    assert 0 <= found.value < 100
    assert sum((part.contribution or Decimal(0) for part in found.parts), Decimal(0)) == found.value
    more = run("watch.churn_risk", {"open_signals": [*severities, another]}, as_of=DAY)
    assert isinstance(more.value, Decimal)
    assert more.value > found.value
    assert run("watch.churn_risk", {"open_signals": severities[::-1]}, as_of=DAY).value == found.value


@given(st.lists(st.integers(0, 50), min_size=9, max_size=20), st.integers(-1000, 1000))
def test_a_chart_knows_no_level(series: list[int], level: int) -> None:
    found = run("watch.signal.control_chart", {"series": series}, as_of=DAY).details
    moved = run("watch.signal.control_chart", {"series": [point + level for point in series]}, as_of=DAY).details
    assert (moved["beyond"], moved["trends"]) == (found["beyond"], found["trends"])
    assert abs(moved["mean"] - found["mean"] - level) < Decimal("1e-30")


@given(st.lists(st.integers(1, 10_000), min_size=3, max_size=8), st.integers(2, 9))
def test_a_decline_knows_no_scale_and_only_the_last_three_months(series: list[int], factor: int) -> None:
    found = run("watch.signal.usage_decline", {"series": series}, as_of=DAY)
    assert (
        run("watch.signal.usage_decline", {"series": [point * factor for point in series]}, as_of=DAY).value
        == found.value
    )
    assert run("watch.signal.usage_decline", {"series": series[-3:]}, as_of=DAY).value == found.value
    if found.value:
        assert series[-1] < series[-2] < series[-3]


@given(st.integers(-100, 100), st.integers(-100, 100))
def test_a_drop_fires_from_ten_points(previous: int, current: int) -> None:
    found = run("watch.signal.nps_drop", {"previous": previous, "current": current}, as_of=DAY)
    assert found.value == int(previous - current >= 10)
