"""Scores are kept with a ledger that names part, cause and person, in a constant number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, Metric, Score, ScoreChange, ScoreVersion
from trackline.accounts.rulebook import queries
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.services.observations import record_observations
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
USAGE, RELATIONSHIP = "track.health.usage", "track.health.relationship"
WORKED = {"active_seat_pct": 78, "core_features_used": 4, "nps_rating": 7.2, "targets_met_pct": 91, "tickets_open": 0}


def feed(account: Account, back: int = 1, ctx: Any = None, **values: float) -> None:
    """Record readings of a day in bulk."""
    on = (TODAY - timedelta(days=back)).isoformat()
    rows = [{"account": str(account.pk), "metric": key, "on": on, "value": value} for key, value in values.items()]
    record_observations(ctx or system(), rows)


def lines(account: Account, rule: str = USAGE) -> list[ScoreChange]:
    return queries.ledger(account.pk, rule)


def test_a_reading_moves_one_part_and_the_ledger_names_it() -> None:
    account, katrin = make_account(), make_user("katrin")
    feed(account, 2, **WORKED)
    metric = Metric.objects.get(key="active_seat_pct")
    reading = make("observation", ctx=as_user(katrin), account=account, metric=metric, on=TODAY, value=85)
    change = lines(account)[0]
    assert (change.from_value, change.to_value, change.from_band, change.to_band) == (75, 90, "amber", "green")
    assert [(part["key"], part["delta"]) for part in change.difference["parts"]] == [("product_usage", 15)]
    assert change.difference["parts"][0]["causes"] == ["input"]
    assert change.cause["kind"] == "observation"
    assert change.cause["record_id"] == str(reading.pk)
    assert change.cause["change_id"] == str(reading.last_change.pk)
    assert (change.by, change.at, change.on) == (katrin, NOW, TODAY)


def test_bulk_readings_are_found_by_what_changed() -> None:
    account, tim = make_account(), make_user("tim")
    feed(account, 2, **WORKED)
    feed(account, 1, ctx=as_user(tim), active_seat_pct=20)
    change = lines(account)[0]
    newest = Score.objects.get(account=account, rule=USAGE).inputs["active_seat_pct"]
    assert change.cause["record_id"] == str(newest["observations"][0])
    assert (change.cause["kind"], change.by) == ("observation", tim)
    assert lines(account)[1].cause["kind"] == "observation"


def test_of_several_new_readings_the_one_behind_the_part_that_moved_is_named() -> None:
    account = make_account()
    feed(account, 2, **WORKED)
    feed(account, 1, **WORKED | {"active_seat_pct": 79, "nps_rating": 7.4, "targets_met_pct": 80})
    change = lines(account)[0]
    assert [part["key"] for part in change.difference["parts"] if part["delta"]] == ["success_metrics"]
    assert (change.cause["label"], change.cause["on"]) == ("Success targets met 80", "2026-11-22")
    reading = Score.objects.get(account=account, rule=USAGE).inputs["targets_met_pct"]["observations"][0]
    assert change.cause["record_id"] == str(reading)


def test_records_count_as_cause_with_their_label() -> None:
    account = make_account()
    unit = make("business_unit", account=account, name="Plant Graz")
    feed(account, 1, benefit_realization=95, engagement_pct=95, escalation_index=0, response_latency_hours=4, nps=60)
    before = len(lines(account, RELATIONSHIP))
    make("contact", account=account, name="Jana Reis", buying_role="champion", business_unit=unit)
    make("contact", account=account, name="Emil Falk", buying_role="champion", business_unit=unit)
    found = lines(account, RELATIONSHIP)
    assert len(found) > before
    assert found[0].cause["kind"] == "record"
    assert "Emil Falk" in found[0].cause["label"]


def test_what_grows_too_old_is_told_as_time_passing() -> None:
    account = make_account()
    feed(account, 0, **WORKED)
    refresh_scores([account.pk], TODAY + timedelta(days=40))
    change = lines(account)[0]
    assert change.cause["kind"] == "time"
    assert change.by is None
    assert (
        "active_seat_pct" in change.difference["went_missing"] or "product_usage" in change.difference["went_missing"]
    )


def test_a_part_that_does_not_move_writes_no_line() -> None:
    account = make_account()
    feed(account, 2, **WORKED)
    feed(account, 1, active_seat_pct=77)
    refresh_scores([account.pk], TODAY)
    assert len(lines(account)) == 1


def test_deleting_a_reading_is_told() -> None:
    account, ada = make_account(), make_user("ada", role="admin")
    feed(account, 2, **WORKED)
    reading = make("observation", account=account, metric=Metric.objects.get(key="nps_rating"), on=TODAY, value=9)
    services.delete(as_user(ada), registry.get("observation"), reading.pk)
    change = lines(account)[0]
    assert (change.to_value, change.by) == (75, ada)
    assert change.cause["record_id"] == str(reading.pk)


def test_versions_keep_their_parameters_and_scores_compare() -> None:
    account = make_account()
    feed(account, 2, **WORKED)
    feed(account, 1, nps_rating=9)
    score = Score.objects.get(account=account, rule=USAGE)
    assert ScoreVersion.objects.get(version=score.version).parameters["weights"]["product_usage"] == 30
    later = TODAY + timedelta(days=1)
    feed(account, 0, active_seat_pct=10)
    refresh_scores([account.pk], later)
    days = queries.trend(account.pk, USAGE)
    assert queries.difference(days[0], days[-1]).parameters == ()
    other = Score(account=account, rule=RELATIONSHIP, version="x")
    with pytest.raises(ValueError, match="cannot be compared"):
        queries.difference(days[0], other)
