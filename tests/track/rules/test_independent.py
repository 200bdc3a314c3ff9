"""Health and surveys beside a second reading of their entries, written with fractions and nothing of ours."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.playbook.reading import (
    Exact,
    Row,
    answer,
    at_least,
    between,
    checked,
    exact,
    joined,
    maybe,
    near,
    renormalised,
    rows,
    same,
    six,
)

usage = rows(
    {},
    {
        "active_seat_pct": between(0, 100, 50, 80),
        "core_features_used": st.integers(0, 5),
        "nps_rating": between(0, 10, 6, 8),
        "ticket_trend": st.sampled_from(["decreasing", "none_open", "stable", "increasing", "escalated"]),
        "targets_met_pct": between(0, 100, 70, 90),
    },
)


def three(value: Exact, green: bool, amber: bool) -> Exact:
    return None if value is None else Fraction(100 if green else 50 if amber else 0)


def usage_points(row: Row) -> dict[str, tuple[Fraction, Exact]]:
    seats, features, rating, targets = (
        exact(row.get(name)) for name in ("active_seat_pct", "core_features_used", "nps_rating", "targets_met_pct")
    )
    trend = row.get("ticket_trend")
    tickets = {"decreasing": 100, "none_open": 100, "stable": 50, "increasing": 0, "escalated": 0}
    return {
        "product_usage": (Fraction(30), three(seats, six(seats or 0) > 80, six(seats or 0) >= 50)),
        "feature_adoption": (Fraction(20), three(features, (features or 0) >= 3, (features or 0) >= 1)),
        "relationship": (Fraction(20), three(rating, six(rating or 0) >= 8, six(rating or 0) >= 6)),
        "support_tickets": (Fraction(15), None if trend is None else Fraction(tickets[trend])),
        "success_metrics": (Fraction(15), three(targets, six(targets or 0) > 90, six(targets or 0) >= 70)),
    }


@given(usage)
@checked()
def test_usage(row: Row) -> None:
    found = answer("track.health.usage", row)
    points = usage_points(row)
    value, share = renormalised(list(points.values()))
    assert same(found.value, value)
    assert same(found.coverage_pct, share)
    colour = "unknown" if value is None else "green" if six(value) > 75 else "amber" if six(value) >= 50 else "red"
    assert found.band == colour
    assert ("provisional" in found.notes) is (60 <= share < 70)
    inputs = ("active_seat_pct", "core_features_used", "nps_rating", "ticket_trend", "targets_met_pct")
    assert set(found.missing) == {name for name in inputs if row.get(name) is None}
    given_points = {part.key: part.points for part in found.parts if part.points is not None}
    assert given_points == {key: score for key, (_, score) in points.items() if score is not None}
    for part in found.parts:
        weight, score = points[part.key]
        assert same(part.weight, weight)
        if value is not None and score is not None:
            assert same(part.contribution, 100 * weight * score / sum(w for w, s in points.values()) / share)


ANCHORS: dict[str, tuple[Any, ...]] = {
    "engagement": (0, 60, 80, 100),
    "share_of_voice": (50, 20, 10, 0),
    "response_latency": (120, 48, 24, 4),
    "escalation_index": (12, 5, 2, 0),
    "benefit_realization": (0, 70, 90, 100),
    "champion_velocity": (-3, -1, 0, 2),
    "competitive_intrusion": (5, 2, 1, 0),
}
INPUTS = {
    "engagement": "engagement_pct",
    "share_of_voice": "share_of_voice_pct",
    "response_latency": "response_latency_hours",
    "benefit_realization": "benefit_realization_pct",
}
WEIGHTS = {
    "standard": {
        "engagement": 15, "share_of_voice": 10, "response_latency": "12.5", "escalation_index": "12.5",
        "benefit_realization": 25, "advocacy": 10, "champion_velocity": 10, "competitive_intrusion": 5,
    },
    "regulated": {
        "engagement": 12, "share_of_voice": 8, "response_latency": 20, "escalation_index": 20,
        "benefit_realization": 20, "advocacy": 8, "champion_velocity": 8, "competitive_intrusion": 4,
    },
}  # fmt: skip

relationship = rows(
    {},
    {
        "engagement_pct": between(0, 130, 60, 80),
        "share_of_voice_pct": between(0, 100, 50, 40, 60, 30, 70),
        "response_latency_hours": between(0, 200, 4, 24, 48, 120),
        "escalation_index": between(0, 15, 2, 5, 12),
        "benefit_realization_pct": between(0, 130, 70, 90),
        "nps": between(-100, 100, -50, 10, 30, 70),
        "csat": between(1, 5, "3.5", "4.3"),
        "champion_velocity": st.integers(-5, 5),
        "competitive_intrusion": st.integers(0, 7),
        "champions_per_unit": st.lists(st.integers(0, 4), min_size=1, max_size=3),
        "negative_streak_quarters": st.integers(0, 4),
        "engagement_steady": st.booleans(),
        "legal_dispute": st.booleans(),
        "sponsor_exit_days": st.sampled_from([0, 1, 29, 30, 31, 90]),
        "preset": st.sampled_from(["standard", "regulated"]),
    },
)
healthy = st.fixed_dictionaries(
    {
        "engagement_pct": st.integers(75, 100),
        "share_of_voice_pct": st.integers(45, 60),
        "response_latency_hours": st.integers(1, 30),
        "escalation_index": st.integers(0, 3),
        "benefit_realization_pct": between(85, 100, 90),
        "nps": between(20, 60, 30),
        "csat": between(4, 5, "4.3"),
        "champion_velocity": st.integers(-1, 2),
        "competitive_intrusion": st.integers(0, 1),
        "champions_per_unit": st.lists(st.integers(1, 4), min_size=1, max_size=2),
    },
    optional={
        "engagement_steady": st.booleans(),
        "negative_streak_quarters": st.integers(0, 2),
        "sponsor_exit_days": st.sampled_from([0, 29, 30]),
    },
)


def norm(value: Exact, anchors: tuple[Any, ...]) -> Exact:
    return joined(value, list(zip(anchors, (0, 60, 80, 100), strict=True)))


def relationship_norms(row: Row) -> dict[str, Exact]:
    norms: dict[str, Exact] = {}
    for key, anchors in ANCHORS.items():
        value = exact(row.get(INPUTS.get(key, key)))
        if key == "share_of_voice" and value is not None:
            value = abs(value - 50)
        norms[key] = norm(value, anchors)
    both = [
        score
        for score in (
            norm(exact(row.get("nps")), (-50, 10, 30, 70)),
            norm(exact(row.get("csat")), (1, Fraction("3.5"), Fraction("4.3"), 5)),
        )
        if score is not None
    ]
    norms["advocacy"] = sum(both, Fraction(0)) / len(both) if both else None
    return norms


def relationship_verdict(row: Row, value: Exact) -> tuple[str, set[str]]:
    """Return the colour and the keys of the gates and tests that stand against green."""
    nps, benefit, units = row.get("nps"), row.get("benefit_realization_pct"), row.get("champions_per_unit")
    exit_days, velocity, streak = (
        row.get(key) for key in ("sponsor_exit_days", "champion_velocity", "negative_streak_quarters")
    )
    against = {
        "nps": nps is None or six(Fraction(nps)) < 30,
        "benefit_realization": benefit is None or six(Fraction(benefit)) < 90,
        "champions_per_unit": units is None or any(count < 2 for count in units),
        "negative_streak": streak is not None and streak >= 2,
        "champion_velocity": velocity is not None and velocity < 0 and row.get("engagement_steady") is True,
        "sponsor_exit": exit_days is not None,
        "composite": value is not None and six(value) < 60,
        "legal_dispute": row.get("legal_dispute") is True,
    }
    failed = {key for key, hit in against.items() if hit}
    if against["composite"] or against["legal_dispute"] or (exit_days is not None and exit_days >= 30):
        return "red", failed
    if value is None:
        return "unknown", failed
    return ("green" if six(value) >= 80 and not failed else "amber"), failed


@given(relationship | healthy)
@checked()
def test_relationship(row: Row) -> None:
    found = answer("track.health.relationship", row)
    norms = relationship_norms(row)
    weights = WEIGHTS[row.get("preset") or "standard"]
    value, share = renormalised([(Fraction(weight), norms[key]) for key, weight in weights.items()])
    assert same(found.value, value)
    assert same(found.coverage_pct, share)
    band, failed = relationship_verdict(row, value)
    assert found.band == band
    assert set(found.details["gates_failed"]) == failed
    assert ("provisional" in found.notes) is (60 <= share < 70)
    for part in found.parts:
        assert same(part.points, norms[part.key])
        assert same(part.weight, Fraction(weights[part.key]))
    for name in ("nps", "benefit_realization_pct", "champions_per_unit", "engagement_pct", "csat", "escalation_index"):
        assert (name in found.missing) is (row.get(name) is None)


@given(st.lists(maybe(st.integers(0, 10)), max_size=30))
@checked()
def test_nps(ratings: list[int | None]) -> None:
    found = answer("track.survey.nps", {"ratings": ratings})
    known = [rating for rating in ratings if rating is not None]
    promoters, detractors = sum(r >= 9 for r in known), sum(r <= 6 for r in known)
    n = len(known)
    assert {key: found.details[key] for key in ("promoters", "passives", "detractors", "n", "provisional")} == {
        "promoters": promoters, "passives": n - promoters - detractors, "detractors": detractors,
        "n": n, "provisional": n < 5,
    }  # fmt: skip
    value = Fraction(100 * (promoters - detractors), n) if n else None
    assert same(found.value, value)
    assert found.band == at_least(value, 40, 10)
    if n:
        p, d = promoters / n, detractors / n
        assert abs(float(found.details["margin_of_error"]) - 196 * sqrt(max(0, p + d - (p - d) ** 2) / n)) < 1e-6
    else:
        assert found.details["margin_of_error"] is None


@pytest.mark.parametrize(("rule", "top", "green", "amber"), [("csat", 5, "4.3", "3.5"), ("ces", 7, "5.5", "4")])
def test_mean(rule: str, top: int, green: str, amber: str) -> None:
    @given(st.lists(maybe(st.integers(1, top)), max_size=20))
    @checked()
    def agree(answers: list[int | None]) -> None:
        found = answer(f"track.survey.{rule}", {"answers": answers})
        known = [score for score in answers if score is not None]
        value = Fraction(sum(known), len(known)) if known else None
        assert same(found.value, value)
        assert found.band == at_least(value, green, amber)

    agree()


@given(
    rows(
        {},
        {
            "nps": between(-100, 100, 10, 40),
            "csat": between(1, 5, "3.5", "4.3"),
            "ces": between(1, 7, 4, "5.5"),
            "preset": st.sampled_from(["banded", "linear"]),
        },
    )
    # All three on their green and amber floors land on the limits of the index.
    | st.fixed_dictionaries(
        {
            "nps": near(40, 10),
            "csat": near("4.3", "3.5"),
            "ces": near("5.5", 4),
            "preset": st.sampled_from(["linear", "banded"]),
        }
    )
)
@checked()
def test_index(row: Row) -> None:
    found = answer("track.survey.rhi", row)
    nps, csat, ces = (exact(row.get(name)) for name in ("nps", "csat", "ces"))
    if row.get("preset") == "linear":
        parts = [
            joined(nps, [(-100, 0), (100, 100)]),
            joined(csat, [(1, 0), (5, 100)]),
            joined(ces, [(1, 0), (7, 100)]),
        ]
        green, amber = "75.625", "56.375"
    else:
        parts = [
            norm(nps, (-100, 10, 40, 100)),
            norm(csat, (1, Fraction("3.5"), Fraction("4.3"), 5)),
            norm(ces, (1, 4, Fraction("5.5"), 7)),
        ]
        green, amber = "80", "60"
    value, share = renormalised(list(zip((Fraction(40), Fraction(35), Fraction(25)), parts, strict=True)))
    assert same(found.value, value)
    assert found.band == at_least(value, green, amber)
    assert same(found.coverage_pct, share)
    assert set(found.missing) == {name for name in ("nps", "csat", "ces") if row.get(name) is None}
    assert ("provisional" in found.notes) is (60 <= share < 70)
    points = [part.points for part in found.parts if part.points is not None]
    assert all(same(*pair) for pair in zip(points, [part for part in parts if part is not None], strict=True))
