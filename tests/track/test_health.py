"""Health on live data: stored scores, the headline, what triggers it, and that queries do not grow."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, Metric, Score, ScoreChange, ScoreVersion
from trackline.accounts.rulebook.adjusting import Target, draft, effect_of, rule_named, save
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
    Account.objects.filter(pk=other.pk).update(health={})
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


def test_a_tag_has_a_regulated_account_judged_by_the_weights_of_its_preset() -> None:
    account = make_account("Vestergaard Pharma")
    feed(account, 1, engagement_pct=88, response_latency_hours=30, escalation_index=3, benefit_realization=93, nps=34)

    def weights() -> tuple[dict[str, Any], Score]:
        score = Score.objects.filter(account=account, rule="track.health.relationship", on=TODAY).latest("on")
        assert ScoreVersion.objects.get(version=score.version).parameters["weights"]["engagement"] in (12, 15)
        return {part["key"]: part["weight"] for part in score.parts}, score

    before, score = weights()
    assert (before["engagement"], before["response_latency"]) == (15, 12.5)
    services.update(system(), registry.get("account"), account.pk, {"tags": ["Regulated sector", "regulated"]})
    after, score = weights()
    assert (after["engagement"], after["response_latency"]) == (12, 20)
    assert ScoreVersion.objects.get(version=score.version).parameters["weights"]["engagement"] == 12
    assert score.preset == ""
    assert score.inputs["preset"]["value"] == "regulated"
    assert score.inputs["preset"]["label"] == "Vestergaard Pharma, tag regulated"
    line = ScoreChange.objects.filter(account=account, rule="track.health.relationship").latest("pk")
    assert (line.cause["kind"], line.cause["record_type"]) == ("record", "account")
    services.update(system(), registry.get("account"), account.pk, {"tags": []})
    assert weights()[0]["engagement"] == 15
    usage = Score.objects.filter(account=account, rule="track.health.usage").latest("on")
    assert "preset" not in usage.inputs


def test_figures_laid_over_the_preset_reach_regulated_accounts_alone() -> None:
    ada = as_user(make_user("ada", role="admin"))
    regulated, other = make_account("Vestergaard Pharma", tags=["regulated"]), make_account("Nordwall")
    for account in (regulated, other):
        feed(account, 1, engagement_pct=88, response_latency_hours=30, escalation_index=3, benefit_realization=93)
    rule, target = rule_named("track.health.relationship"), Target(preset="regulated")
    changes = {"weights": {"engagement": 2, "benefit_realization": 30}}
    told = effect_of(draft(rule, target, changes, from_on=TODAY, today=TODAY), ada)
    assert [one.holder.account_id for one in told.effects] == [regulated.pk]
    save(ada, rule, target, changes, reason="Value proves trust")
    score = Score.objects.filter(account=regulated, rule=rule.id).latest("on")
    assert score.value == told.effects[0].after.value


def test_an_open_dispute_turns_the_relationship_red_until_it_is_closed() -> None:
    account = make_account()
    feed(account, 1, nps=40)
    rule = "track.health.relationship"

    def newest() -> Score:
        return Score.objects.filter(account=account, rule=rule).latest("on", "pk")

    assert newest().band == "unknown"
    issue = make(
        "issue", account=account, title="Claim over the recall", opened_on=TODAY, tags=["legal_dispute"],
        assignee=make_user("tim"),
    )  # fmt: skip
    assert (newest().band, newest().details["gates_failed"][-1]) == ("red", "legal_dispute")
    assert newest().inputs["legal_dispute"]["sources"][0]["record_id"] == issue.pk
    services.update(system(), registry.get("issue"), issue.pk, {"status": "resolved", "resolution": "Settled"})
    assert newest().band == "unknown"


def test_two_falling_quarters_keep_the_relationship_from_green() -> None:
    account = make_account()
    for back, nps in ((150, 60), (60, 40), (4, 80)):
        feed(account, back, nps=nps)
    feed(account, 242, nps=80)
    found = Score.objects.filter(account=account, rule="track.health.relationship").latest("on", "pk")
    assert found.inputs["negative_streak_quarters"]["value"] == 2
    assert "negative_streak" in found.details["gates_failed"]
