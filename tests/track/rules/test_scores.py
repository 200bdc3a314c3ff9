"""Properties of the track rules: bounded, monotone, bands that follow the value."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}


def score(rule: str, **inputs: Any) -> Explained:
    return run(rule, inputs, as_of=DAY)


def number(explained: Explained) -> float:
    assert explained.value is not None
    return float(explained.value)


shares = st.floats(0, 100, allow_nan=False)


@given(
    shares, shares, st.integers(0, 6), st.floats(0, 10), st.sampled_from(["decreasing", "stable", "escalated"]), shares
)
def test_usage_is_bounded_and_never_falls_with_more_active_seats(
    one: float, other: float, features: int, rating: float, trend: str, targets: float
) -> None:
    low, high = sorted((one, other))
    rest = {"core_features_used": features, "nps_rating": rating, "ticket_trend": trend, "targets_met_pct": targets}
    before, after = (score("track.health.usage", active_seat_pct=seats, **rest) for seats in (low, high))
    assert 0 <= number(before) <= number(after) <= 100
    assert BANDS[str(before.band)] <= BANDS[str(after.band)]


relationship = {
    "engagement_pct": st.floats(-20, 150),
    "share_of_voice_pct": shares,
    "response_latency_hours": st.floats(0, 300),
    "escalation_index": st.floats(0, 20),
    "benefit_realization_pct": st.floats(0, 150),
    "nps": st.floats(-100, 100),
    "csat": st.floats(1, 5),
    "champion_velocity": st.integers(-5, 5),
    "competitive_intrusion": st.integers(0, 8),
    "champions_per_unit": st.lists(st.integers(0, 4), max_size=3),
}


@given(st.fixed_dictionaries(relationship), st.floats(0, 300))
def test_relationship_is_bounded_and_never_rises_with_latency(inputs: dict[str, Any], latency: float) -> None:
    low, high = sorted((inputs["response_latency_hours"], latency))
    fast, slow = (
        score("track.health.relationship", **{**inputs, "response_latency_hours": hours}) for hours in (low, high)
    )
    assert 0 <= number(slow) <= number(fast) <= 100
    assert BANDS[str(slow.band)] <= BANDS[str(fast.band)]


@given(st.lists(st.integers(0, 10), min_size=1, max_size=50))
def test_nps_is_bounded_and_counts_everybody(ratings: list[int]) -> None:
    found = score("track.survey.nps", ratings=ratings)
    assert -100 <= number(found) <= 100
    assert sum(found.details[name] for name in ("promoters", "passives", "detractors")) == len(ratings)
    assert 0 <= found.details["margin_of_error"] <= 196


@given(st.floats(-100, 100), st.floats(1, 5), st.floats(1, 7), st.sampled_from(["banded", "linear"]))
def test_the_index_is_bounded_and_meets_the_floors_of_its_parts(
    nps: float, csat: float, ces: float, preset: str
) -> None:
    found = score("track.survey.rhi", nps=nps, csat=csat, ces=ces, preset=preset)
    assert 0 <= number(found) <= 100
    bands = {part.band for part in found.parts}
    if bands == {"green"}:
        assert found.band == "green"
    if "red" not in bands:
        assert found.band != "red"
