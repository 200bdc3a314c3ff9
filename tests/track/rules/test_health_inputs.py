"""Which readings become inputs of the health models: fresh ones only, and each remembers where it came from."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from trackline.track.rules.health_inputs import RELATIONSHIP, USAGE, Collected, Reading, collect, headline, wiring
from trackline.track.rules.health_relationship import norms_of

TODAY = date(2026, 11, 23)
RHYTHMS = {"active_seat_pct": "weekly", "nps_rating": "quarterly"}


def series(*pairs: tuple[int, float]) -> list[Reading]:
    """Readings from (days ago, value), oldest first."""
    return [Reading(TODAY - timedelta(days=back), 100 + back, Decimal(str(value))) for back, value in pairs]


def collected(model: str = USAGE, facts: Any = None, **readings: list[Reading]) -> Collected:
    return collect(
        model, readings, RHYTHMS, facts or {}, TODAY, norms=norms_of(TODAY) if model == RELATIONSHIP else None
    )


def test_an_input_remembers_its_reading() -> None:
    found = collected(active_seat_pct=series((40, 90), (2, 78)))
    assert found.values == {"active_seat_pct": Decimal(78)}
    assert found.sources["active_seat_pct"] == {
        "metrics": ["active_seat_pct"], "observations": [102], "on": "2026-11-21", "age_days": 2,
    }  # fmt: skip


def test_seats_stand_in_for_their_share_and_never_exceed_it() -> None:
    found = collected(seats_active_weekly=series((1, 150)), seats_licensed=series((9, 200)))
    assert found.values["active_seat_pct"] == 75
    assert found.sources["active_seat_pct"]["age_days"] == 9
    assert collected(seats_active_weekly=series((1, 9)), seats_licensed=series((1, 8))).values["active_seat_pct"] == 100
    assert "active_seat_pct" not in collected(seats_active_weekly=series((1, 9)), seats_licensed=series((1, 0))).values


@pytest.mark.parametrize(("metric", "limit"), [("active_seat_pct", 30), ("targets_met_pct", 47), ("nps_rating", 138)])
def test_old_readings_are_missing_and_told(metric: str, limit: int) -> None:
    assert metric in collected(**{metric: series((limit, 8))}).values
    found = collected(**{metric: series((limit + 1, 8))})
    assert metric not in found.values
    last = (TODAY - timedelta(days=limit + 1)).isoformat()
    assert {"input": metric, "last_on": last} in found.missing


def test_later_readings_do_not_exist_yet() -> None:
    found = collected(targets_met_pct=[*series((3, 80)), Reading(TODAY + timedelta(days=1), 9, Decimal(99))])
    assert found.values["targets_met_pct"] == 80


@pytest.mark.parametrize(
    ("readings", "trend"),
    [
        ({"tickets_new": series((31, 20), (1, 23))}, "increasing"),
        ({"tickets_new": series((31, 20), (1, 22))}, "increasing"),
        ({"tickets_new": series((31, 1000), (1, 1099))}, "stable"),
        ({"tickets_new": series((31, 1000), (1, 901))}, "stable"),
        ({"tickets_new": series((31, 20), (1, 18))}, "decreasing"),
        ({"tickets_new": series((31, 0), (1, 1))}, "increasing"),
        ({"tickets_new": series((31, 0), (1, 0))}, "stable"),
        ({"tickets_new": series((31, 20), (1, 23)), "tickets_open": series((1, 0))}, "none_open"),
        ({"tickets_open": series((1, 0)), "tickets_escalated": series((1, 1))}, "escalated"),
        ({"tickets_new": series(*((back, 5) for back in range(56, 29, -7)), *((b, 9) for b in range(28, 0, -7)))}, "increasing"),
        ({"tickets_new": series((1, 23))}, None),
        ({"tickets_new": series((90, 20), (1, 23))}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_ticket_trend(readings: dict[str, list[Reading]], trend: str | None) -> None:
    assert collected(**readings).values.get("ticket_trend") == trend


def test_facts_of_records_feed_the_relationship_model() -> None:
    found = collected(
        RELATIONSHIP, {"champions_per_unit": {"value": [0, 2], "units": [1, 2]}}, benefit_realization=series((5, 60))
    )
    assert found.values == {"champions_per_unit": [0, 2], "benefit_realization_pct": 60}
    assert "sponsor_exit_days" not in {one["input"] for one in found.missing}


@pytest.mark.parametrize(
    ("tier", "usage", "relationship", "model"),
    [
        (2, (90, "green"), (10, "red"), USAGE),
        (None, (90, "green"), (10, "red"), USAGE),
        (1, (90, "green"), (70, "amber"), RELATIONSHIP),
        (1, (60, "amber"), (70, "amber"), USAGE),
        (1, (70, "amber"), (60, "amber"), RELATIONSHIP),
        (1, (None, "unknown"), (90, "green"), RELATIONSHIP),
        (1, (90, "green"), (None, "unknown"), USAGE),
        (1, (90, "green"), (None, "red"), RELATIONSHIP),
    ],
)
def test_the_headline_of_tier_1_is_the_worse_model(tier: int | None, usage: Any, relationship: Any, model: str) -> None:
    models = {
        name: (None if value is None else Decimal(value), band)
        for name, (value, band) in ((USAGE, usage), (RELATIONSHIP, relationship))
    }
    assert headline(tier, models) == model


def test_the_data_file_names_each_input_of_its_model() -> None:
    from trackline.track.health import RULES

    for model, feeds in wiring().feeds.items():
        assert set(feeds) <= set(RULES[model].inputs.model_fields)


# -- quarters: TODAY lies in the fourth of 2026; the third ended 54 days ago, the second 146, the first 237, the one before 327


@pytest.mark.parametrize(
    ("nps", "streak"),
    [
        ((40, 35, 31), 2),
        ((40, 35, 36), 0),
        ((35, 40, 36), 1),
        ((50, 40, 35, 31), 3),
        ((60, 50, 40, 35, 31), 3),
        ((40, 35), 1),
        ((40, 36), 1),
        ((40, 36.0000001), 1),
        ((40, 36.1), 0),
        ((40,), None),
        ((), None),
    ],
)
def test_falling_quarters_are_counted_up_to_the_last_completed_one(nps: tuple[float, ...], streak: int | None) -> None:
    ends = [54 + 92 * at for at in range(len(nps))]
    readings = series(*((back, value) for back, value in zip(reversed(ends), nps, strict=True)))
    found = collected(RELATIONSHIP, nps=[*readings, *series((3, -90))])
    assert found.values.get("negative_streak_quarters") == streak
    if streak:
        told = found.sources["negative_streak_quarters"]
        assert told["metrics"] == ["nps"]
        assert told["observations"] == [100 + back for back in ends[: streak + 1]]


def test_the_metric_that_has_been_falling_longest_counts() -> None:
    found = collected(
        RELATIONSHIP, nps=series((150, 40), (60, 30)), engagement_pct=series((240, 90), (150, 80), (60, 70))
    )
    assert found.values["negative_streak_quarters"] == 2
    assert found.sources["negative_streak_quarters"]["metrics"] == ["engagement_pct"]


def test_a_quarter_without_a_reading_ends_the_row() -> None:
    found = collected(RELATIONSHIP, nps=series((330, 60), (240, 50), (60, 40)))
    assert "negative_streak_quarters" not in found.values


def test_voice_falls_by_its_distance_from_even() -> None:
    found = collected(RELATIONSHIP, share_of_voice_pct=series((150, 58), (60, 65)))
    assert found.values["negative_streak_quarters"] == 1


@pytest.mark.parametrize(
    ("now", "steady"), [(90, True), (110, True), (89.9, False), (110.1, False), (89.9999999, True)]
)
def test_engagement_is_steady_within_ten_percent_of_the_quarter_before(now: float, steady: bool) -> None:
    found = collected(RELATIONSHIP, engagement_pct=series((60, 100), (4, now)))
    assert found.values["engagement_steady"] is steady
    assert found.sources["engagement_steady"]["observations"] == [104, 160]
    assert "engagement_steady" not in collected(RELATIONSHIP, engagement_pct=series((4, now))).values
