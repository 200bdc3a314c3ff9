"""Progress and status of goals: the worked examples of REV-03 and REV-04, their edges and their properties."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.reveal.rules import progress as rules

START, DUE, TODAY = date(2025, 1, 1), date(2025, 12, 31), date(2025, 7, 1)
status = partial(rules.status, at_risk_gap=D(-10), off_track_gap=D(-25))


@pytest.mark.parametrize(("current", "expected"), [(71, 50), (58, 0), (80, 100), (90, 100)])
def test_progress_from_62_to_80(current: int, expected: int) -> None:
    raw = rules.raw_progress(D(62), D(80), D(current))
    assert raw is not None
    assert rules.clamp(raw) == expected


def test_progress_downwards() -> None:
    raw = rules.raw_progress(D(12), D(8), D(9))
    assert raw == 75


def test_kpi_mode_weighs_attainments() -> None:
    assert rules.kpi_progress([(D(2), D(80)), (D(1), D(50))]) == 70
    assert rules.kpi_progress([]) is None


def test_elapsed_half_a_year() -> None:
    assert round(rules.elapsed_pct(START, DUE, TODAY), 1) == D("49.7")


def test_the_worked_example_is_at_risk() -> None:
    assert status(D(35), START, DUE, TODAY) == "at_risk"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (D(-10), "on_track"),
        (D("-10.000001"), "at_risk"),
        (D(-25), "at_risk"),
        (D("-25.000001"), "off_track"),
        (D("-10.00000001"), "on_track"),
    ],
)
def test_thresholds_are_inclusive_and_dust_does_not_decide(gap: D, expected: str) -> None:
    start, due = TODAY - timedelta(days=50), TODAY + timedelta(days=50)
    assert status(D(50) + gap, start, due, TODAY) == expected


def test_order_of_the_tests() -> None:
    late = DUE + timedelta(days=1)
    assert status(D(100), START, DUE, late) == "achieved"
    assert status(D(99), START, DUE, late) == "missed"
    assert status(D(0), START, DUE, START - timedelta(days=1)) == "not_started"
    assert status(D(5), None, DUE, TODAY) is None
    assert status(None, START, DUE, TODAY) is None


@given(st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2))
def test_progress_is_bounded_and_ends_at_the_target(baseline: D, target: D, current: D) -> None:
    raw = rules.raw_progress(baseline, target, current)
    if baseline == target:
        assert raw is None
        return
    assert raw is not None
    assert 0 <= rules.clamp(raw) <= 100
    assert rules.raw_progress(baseline, target, target) == 100
