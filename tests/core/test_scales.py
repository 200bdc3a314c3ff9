"""Bands and the four-point norm: on the limit, beside it, and in every order."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.core.scales import Anchors, Bands, Cut

numbers = st.decimals(-1000, 1000, places=3)


def bands(*cuts: tuple[str, str, str]) -> Bands:
    return Bands(tuple(Cut(band, test, D(limit)) for band, test, limit in cuts))


@pytest.mark.parametrize(
    ("value", "band"),
    [
        ("75.000001", "green"),
        ("75.0000004", "amber"),
        ("75", "amber"),
        ("50", "amber"),
        ("49.9999996", "amber"),
        ("49.999999", "red"),
    ],
)
def test_strict_and_inclusive_cuts(value: str, band: str) -> None:
    assert bands(("green", ">", "75"), ("amber", ">=", "50")).of(D(value)) == band


def test_less_is_better() -> None:
    judged = bands(("green", "<=", "2"), ("amber", "<=", "3"))
    assert [judged.of(D(value)) for value in ("2", "2.000001", "3", "3.000001")] == ["green", "amber", "amber", "red"]
    assert judged.of(None) == "unknown"


@pytest.mark.parametrize(
    "cuts",
    [
        (("green", ">=", "50"), ("amber", ">=", "60")),
        (("green", ">=", "50"), ("amber", ">=", "50")),
        (("green", ">=", "50"), ("amber", ">", "50")),
        (("green", "<=", "3"), ("amber", "<=", "2")),
        (("green", ">=", "50"), ("amber", "<=", "60")),
    ],
)
def test_bands_out_of_order_are_found(cuts: tuple[tuple[str, str, str], ...]) -> None:
    assert bands(*cuts).disorder()


def test_a_strict_and_an_inclusive_cut_may_meet() -> None:
    assert bands(("green", ">", "0"), ("amber", ">=", "0")).disorder() is None


NPS = Anchors(D(-100), D(10), D(40), D(100))
LATENCY = Anchors(D(120), D(48), D(24), D(4))


@pytest.mark.parametrize(
    ("anchors", "value", "points"),
    [
        (NPS, "25", "70"),
        (NPS, "-100", "0"),
        (NPS, "-101", "0"),
        (NPS, "10", "60"),
        (NPS, "40", "80"),
        (NPS, "100", "100"),
        (LATENCY, "30", "75"),
        (LATENCY, "3", "100"),
        (LATENCY, "200", "0"),
    ],
)
def test_the_four_point_norm(anchors: Anchors, value: str, points: str) -> None:
    assert anchors.norm(D(value)) == D(points)


@given(st.lists(numbers, min_size=4, max_size=4, unique=True).map(sorted), st.booleans(), numbers, numbers)
def test_the_norm_is_bounded_and_monotone(values: list[D], falling: bool, one: D, other: D) -> None:
    anchors = Anchors(*(reversed(values) if falling else values))
    assert anchors.disorder() is None
    low, high = sorted((one, other))
    before, after = anchors.norm(low), anchors.norm(high)
    assert 0 <= before <= 100
    assert before >= after if falling else before <= after


def test_anchors_must_rise_or_fall() -> None:
    assert Anchors(D(0), D(60), D(60), D(100)).disorder()
    assert Anchors(D(0), D(60), D(50), D(100)).disorder()
