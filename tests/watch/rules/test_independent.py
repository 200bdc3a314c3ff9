"""Signals beside a second reading of their entries, written with fractions and nothing of ours; control charts of textbooks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.playbook.reading import Row, answer, between, checked, near, same, six

level = st.integers(0, 60) | between(0, 60)


@st.composite
def chart(draw: Any) -> Row:
    series = draw(st.lists(level, max_size=24))
    if draw(st.booleans()):
        start, step = draw(st.integers(-20, 20)), draw(st.sampled_from([-1, 1]))
        series += [start + step * at for at in range(draw(st.integers(6, 11)))]
    row: Row = {"series": series}
    if len(series) >= 8 and draw(st.booleans()):
        row["baseline"] = draw(st.integers(8, len(series)))
    if draw(st.booleans()):
        row["k"] = draw(st.sampled_from([1, 2, 3]))
    if draw(st.booleans()):
        row["run"] = draw(st.integers(3, 9))
    return row


@given(chart())
@checked()
def test_control_chart(row: Row) -> None:
    found = answer("watch.signal.control_chart", row)
    series = [Fraction(point) for point in row["series"]]
    k, run = row.get("k", 3), row.get("run", 8)
    base = series[: row.get("baseline", max(0, len(series) - 1))]
    if len(base) < 8:
        assert found.value is None
        assert found.band in (None, "unknown")
        return
    mean = sum(base) / len(base)
    # The limits need a root: squares are compared, on a grid finer than six decimals would see.
    variance = sum((point - mean) ** 2 for point in base) / (len(base) - 1)
    sd = Fraction(found.details["sd"])
    assert abs(sd**2 - variance) < Fraction(1, 10**12)
    assert same(found.details["mean"], mean)
    assert same(found.details["lower"], mean - k * sd)
    assert same(found.details["upper"], mean + k * sd)
    beyond = [
        at for at, point in enumerate(series) if six(point) > six(mean + k * sd) or six(point) < six(mean - k * sd)
    ]
    trends = []
    for end in range(run - 1, len(series)):
        steps = list(pairwise(series[end - run + 1 : end + 1]))
        if all(right > left for left, right in steps) or all(right < left for left, right in steps):
            trends.append(end)
    assert list(found.details["beyond"]) == beyond
    assert list(found.details["trends"]) == trends
    assert found.value == len({*beyond, *trends})


@given(st.lists(st.integers(0, 12_000), max_size=3), st.lists(st.sampled_from([95, 97, 98, 99, 100, 101]), max_size=3))
@checked()
def test_usage_decline(before: list[int], factors: list[int]) -> None:
    series: list[Any] = list(before)
    for factor in factors:
        series.append((Fraction(series[-1]) if series else Fraction(10_000)) * factor / 100)
    found = answer("watch.signal.usage_decline", {"series": [float(point) for point in series]})
    last = [Fraction(point) for point in series[-3:]]
    if len(last) < 3:
        assert found.value is None
        return
    # What was nothing cannot fall.
    changes = [100 * (right - left) / left if left else None for left, right in pairwise(last)]
    for ours, theirs in zip(found.details["falls_pct"], changes, strict=True):
        assert (ours is None) is (theirs is None)
        assert theirs is None or abs(Fraction(ours) - theirs) < Fraction(1, 10**9)
    assert found.value == int(all(change is not None and six(change) <= -2 for change in changes))


@given(between(-100, 100), between(-100, 100) | near(0, 10))
@checked()
def test_nps_drop(previous: Any, drop: Any) -> None:
    current = previous - drop
    if not -100 <= current <= 100:
        return
    found = answer("watch.signal.nps_drop", {"previous": previous, "current": current})
    assert same(found.details["drop"], Fraction(drop))
    assert found.value == int(six(Fraction(drop)) >= 10)


@given(st.lists(st.sampled_from(["critical", "high", "warn", "info"]), max_size=15))
@checked()
def test_churn_risk(severities: list[str]) -> None:
    share = {"critical": 40, "high": 20, "warn": 10, "info": 3}
    value = 100 * (1 - prod((Fraction(100 - share[name], 100) for name in severities), start=Fraction(1)))
    found = answer("watch.churn_risk", {"open_signals": severities})
    assert same(found.value, value)
    assert found.band == ("red" if six(value) >= 60 else "amber" if six(value) >= 30 else "green")
