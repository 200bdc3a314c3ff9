"""Signals over many series equal the rules on each of them, on the limits too."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.analytics.series import control_charts, falling_twice, trend_ends
from trackline.core.playbook import run
from trackline.core.series import trend_ends as exact_ends

DAY = date(2026, 6, 30)

point = st.one_of(st.integers(0, 6), st.decimals(0, 100, places=2).map(float), st.none())
matrix = st.integers(1, 14).flatmap(
    lambda width: st.lists(st.lists(point, min_size=width, max_size=width), min_size=1, max_size=6)
)


def array(rows: list[list[Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([[np.nan if value is None else value for value in row] for row in rows], float)


@given(matrix, st.sampled_from([None, 8, 9]), st.sampled_from([1, 2, 3]), st.sampled_from([3, 8]))
@settings(deadline=None, max_examples=150)
def test_charts_are_those_of_the_rule(rows: list[list[Any]], baseline: int | None, k: int, length: int) -> None:
    charts = control_charts(array(rows), baseline, Decimal(k), length)
    for at, row in enumerate(rows):
        found = run(
            "watch.signal.control_chart", {"series": row, "baseline": baseline, "k": k, "run": length}, as_of=DAY
        ).to_json()
        assert (None if charts.firing[at] < 0 else int(charts.firing[at])) == found["value"]
        assert np.flatnonzero(charts.trends[at]).tolist() == found["details"]["trends"]
        if found["value"] is not None:
            assert np.flatnonzero(charts.beyond[at]).tolist() == found["details"]["beyond"]
            assert charts.mean[at] == pytest.approx(found["details"]["mean"], abs=1e-12)
            assert charts.sd[at] == pytest.approx(found["details"]["sd"], abs=1e-9)


def test_points_on_the_limit() -> None:
    base = [40, 42, 38, 41, 39, 43, 40, 37, 42, 38]
    last = [46, 46.0000004, 46.000001, 34, 33.999999, 47]
    charts = control_charts(array([[*base, value] for value in last]))
    assert charts.beyond[:, -1].tolist() == [False, False, True, False, True, True]


@given(matrix)
@settings(deadline=None, max_examples=100)
def test_falls_are_those_of_the_rule(rows: list[list[Any]]) -> None:
    found = falling_twice(array(rows))
    for at, row in enumerate(rows):
        value = run("watch.signal.usage_decline", {"series": row}, as_of=DAY).value
        assert (None if found[at] < 0 else int(found[at])) == value


def test_falls_on_the_limit() -> None:
    rows = [[100, 98, 96.04], [100, 98.000001, 90], [100, 98.0000004, 90], [100, 0, 0], [8200, 7900, 7400]]
    assert falling_twice(array(rows)).tolist() == [1, 0, 1, 0, 1]


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(2, 5))
def test_trends_never_end_before_their_length(series: list[int], length: int) -> None:
    ends = exact_ends([Decimal(value) for value in series], length)
    assert all(at >= length - 1 for at in ends)
    assert np.flatnonzero(trend_ends(array([series]), length)[0]).tolist() == ends
