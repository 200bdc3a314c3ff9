"""Health on live data: stored scores, the headline, what triggers it, and that queries do not grow."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, make, make_account, system
from trackline.accounts.models import Account, Metric, Score
from trackline.accounts.rulebook.refresh import HISTORY_WEEKS, refresh_scores
from trackline.accounts.services.observations import record_observations
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
WORKED = {"active_seat_pct": 78, "core_features_used": 4, "nps_rating": 7.2, "targets_met_pct": 91}


def feed(account: Account, back: int = 1, **values: float) -> None:
    """Record readings of a day in bulk."""
    on = (TODAY - timedelta(days=back)).isoformat()
    record_observations(
        system(),
        [{"account": str(account.pk), "metric": key, "on": on, "value": value} for key, value in values.items()],
    )


def health(account: Account) -> dict[str, Any]:
    account.refresh_from_db()
    found: dict[str, Any] = account.health
    return found


def test_a_bulk_write_computes_score_parts_and_headline() -> None:
    account = make_account(tier=2)
    feed(account, 31, tickets_new=40)
    feed(account, 1, tickets_new=47, **WORKED)
    score = Score.objects.get(account=account, rule="track.health.usage", on=TODAY)
    assert (score.value, score.band, score.coverage_pct, score.missing) == (60, "amber", 100, [])
    assert [part["contribution"] for part in score.parts] == [15, 20, 10, 0, 15]
    assert score.inputs["ticket_trend"]["change_pct"] == 17.5
    assert health(account) == {
        "value": 60, "band": "amber", "as_of": TODAY.isoformat(), "preset": "usage", "coverage_pct": 100, "change": None,
    }  # fmt: skip


def test_too_little_is_no_score() -> None:
    account = make_account()
    feed(account, 1, active_seat_pct=90)
    score = Score.objects.get(account=account, rule="track.health.usage")
    assert (score.value, score.band, score.coverage_pct) == (None, "unknown", 30)
    assert {"input": "nps_rating", "last_on": None} in score.missing


def test_single_writes_count_and_only_those_that_feed() -> None:
    account = make_account()
    metric = Metric.objects.get(key="active_seat_pct")
    reading = make("observation", account=account, metric=metric, on=TODAY, value=90)
    assert health(account)["coverage_pct"] == 30
    services.delete(system(), registry.get("observation"), reading.pk)
    assert health(account)["coverage_pct"] == 0
    other = make_account("Nordwall")
    make("observation", account=other, metric=Metric.objects.get(key="revenue"), on=TODAY, value=1)
    assert health(other) == {}


def test_an_impossible_reading_is_left_out() -> None:
    account = make_account()
    feed(account, 1, **WORKED | {"nps_rating": 72})
    score = Score.objects.get(account=account, rule="track.health.usage")
    assert "nps_rating" not in score.inputs
    assert any(one["input"] == "nps_rating" and one["refused"] for one in score.missing)


def test_tier_1_shows_the_worse_model() -> None:
    account = make_account(tier=1)
    feed(account, 1, tickets_open=0, **WORKED | {"active_seat_pct": 95, "nps_rating": 9})
    feed(account, 2, benefit_realization=20, engagement_pct=20, escalation_index=20, response_latency_hours=90, nps=-50)
    assert (health(account)["preset"], health(account)["band"]) == ("relationship", "red")
    services.update(system(), registry.get("account"), account.pk, {"tier": 2})
    assert (health(account)["preset"], health(account)["band"]) == ("usage", "green")


def test_history_is_filled_from_the_readings_of_those_days() -> None:
    account = make_account()
    feed(account, 35, tickets_open=0, **WORKED | {"active_seat_pct": 95})
    feed(account, 1, tickets_open=0, **WORKED)
    refresh_scores([account.pk], TODAY, weeks_back=HISTORY_WEEKS)
    line = Score.objects.filter(account=account, rule="track.health.usage").order_by("on")
    assert line.count() == 27
    assert line[0].value is None
    assert line.get(on=TODAY - timedelta(days=35)).value == Decimal("90")
    assert (health(account)["value"], health(account)["change"]) == (75, -15)


def test_nothing_new_is_not_kept_again_within_a_week() -> None:
    account = make_account()
    feed(account, 0, tickets_open=0, **WORKED)
    for later in (1, 6, 7):
        refresh_scores([account.pk], TODAY + timedelta(days=later))
    days = Score.objects.filter(account=account, rule="track.health.usage").values_list("on", flat=True)
    assert sorted((on - TODAY).days for on in days) == [0, 7]
    assert health(account)["as_of"] == (TODAY + timedelta(days=7)).isoformat()


def test_queries_do_not_grow_with_the_accounts() -> None:
    accounts = [make_account(f"Account {n}", tier=1) for n in range(6)]
    for account in accounts:
        feed(account, 1, tickets_open=0, **WORKED)
        make("contact", account=account, name="C", buying_role="champion")
    refresh_scores([one.pk for one in accounts], TODAY)  # the versions of the rules are noted once
    counts = []
    for some in (accounts[:1], accounts):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            refresh_scores([one.pk for one in some], TODAY)
        counts.append(len(captured))
    assert counts[0] == counts[1]
