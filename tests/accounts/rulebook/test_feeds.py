"""Which metric feeds which input is visible, and an administrator's change of it is checked, dated and used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.accounts.rulebook.test_refresh import TODAY, USAGE, WORKED, feed, lines
from tests.factories import as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, Metric, Score
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.rulebook.rewiring import change_feeds, effect_of_feeds, fed_rule, feeds_json
from trackline.accounts.services.taking_back import take_back
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


def seats(account: Account) -> Any:
    return Score.objects.filter(account=account, rule=USAGE).latest("on").inputs.get("active_seat_pct")


def test_every_age_says_who_sets_it() -> None:
    told = feeds_json(fed_rule(USAGE))
    assert {age["origin"] for age in told["max_age_days"].values()} == {"ours"}
    assert all(age["why"] and age["source"] for age in told["max_age_days"].values())


def test_another_metric_feeds_an_input_and_the_ledger_says_so() -> None:
    account, ada = make_account(), make_user("ada", role="admin")
    make("metric", key="logins_pct", name="Logins", unit="percent", refresh="weekly")
    feed(account, 1, **WORKED | {"logins_pct": 95})
    change_feeds(as_user(ada), USAGE, {"inputs": {"active_seat_pct": {"metrics": ["logins_pct"]}}})
    assert (seats(account)["value"], seats(account)["metrics"]) == (95, ["logins_pct"])
    change = lines(account)[0]
    assert (change.cause["kind"], change.by, change.to_value) == ("parameters", ada, 90)
    assert "Active seats" in change.cause["label"]
    make("observation", account=account, metric=Metric.objects.get(key="logins_pct"), on=TODAY, value=20)
    assert seats(account)["value"] == 20
    change_feeds(as_user(ada), USAGE, {})
    assert seats(account)["value"] == 78


def test_an_age_is_in_force_from_its_day() -> None:
    account = make_account()
    feed(account, 20, **WORKED)
    later = TODAY + timedelta(days=2)
    change_feeds(system(), USAGE, {"max_age_days": {"weekly": 10}}, from_on=later)
    refresh_scores([account.pk], TODAY + timedelta(days=1))
    assert seats(account)
    refresh_scores([account.pk], later)
    assert not seats(account)
    change_feeds(system(), USAGE, {"max_age_days": {"weekly": 400}}, from_on=later + timedelta(days=1))
    refresh_scores([account.pk], TODAY + timedelta(days=300))
    assert seats(account)["age_days"] == 320
    assert len(FeedChanges.load().versions) == 2


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"inputs": {"luck": {"max_age_days": 3}}}, ["inputs", "luck"]),
        ({"inputs": {"active_seat_pct": {"metrics": ["nothing_here"]}}}, ["inputs", "active_seat_pct", "metrics"]),
        ({"inputs": {"active_seat_pct": {"metrics": []}}}, ["inputs", "active_seat_pct", "metrics"]),
        ({"inputs": {"active_seat_pct": {"max_age_days": 0}}}, ["inputs", "active_seat_pct", "max_age_days"]),
        ({"inputs": {"active_seat_pct": 3}}, ["inputs", "active_seat_pct"]),
        ({"inputs": [1]}, ["inputs"]),
        ({"max_age_days": {"yearly": 3}}, ["max_age_days", "yearly"]),
        ({"max_age_days": {"weekly": True}}, ["max_age_days", "weekly"]),
    ],
)
def test_what_does_not_fit_is_refused(changes: Any, where: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        change_feeds(system(), USAGE, changes)
    assert where in [error["loc"] for error in refused.value.errors]


def test_administrators_alone_change_and_only_what_metrics_feed() -> None:
    with pytest.raises(Forbidden):
        change_feeds(as_user(make_user("tim")), USAGE, {})
    with pytest.raises(NotFound):
        change_feeds(system(), "commercial.sla.tier", {})
    with pytest.raises(Invalid, match="nothing to choose"):
        change_feeds(system(), "accounts.stakeholders.coverage", {"inputs": {"contacts": {"metrics": ["nps"]}}})
    with pytest.raises(Invalid):
        change_feeds(system(), USAGE, {}, from_on=TODAY - timedelta(days=1))


def test_the_effect_of_other_feeds_is_what_changing_them_brings() -> None:
    account, ada = make_account(), as_user(make_user("ada", role="admin"))
    make("metric", key="logins_pct", name="Logins", unit="percent", refresh="weekly")
    feed(account, 1, **WORKED | {"logins_pct": 95})
    feed(make_account("Other"), 1, **WORKED)
    before = Score.objects.count()
    changes = {"inputs": {"active_seat_pct": {"metrics": ["logins_pct"]}}}
    told = effect_of_feeds(ada, USAGE, changes)
    assert (Score.objects.count(), FeedChanges.load().versions) == (before, [])
    assert told.accounts == 2
    by_account = {one.holder.account_id: one for one in told.effects}
    assert by_account[account.pk].after.value == 90
    change_feeds(ada, USAGE, changes)
    for pk, one in by_account.items():
        saved = Score.objects.filter(account=pk, rule=USAGE).latest("on")
        assert (saved.value, saved.band) == (one.after.value, one.after.band)
    with pytest.raises(Invalid):
        effect_of_feeds(ada, USAGE, {"inputs": {"luck": {}}})


def test_a_change_that_is_taken_back_reaches_the_scores_and_keeps_its_reason() -> None:
    account, ada = make_account(), as_user(make_user("ada", role="admin"))
    make("metric", key="logins_pct", name="Logins", unit="percent", refresh="weekly")
    feed(account, 1, **WORKED | {"logins_pct": 95})
    change_feeds(ada, USAGE, {"inputs": {"active_seat_pct": {"metrics": ["logins_pct"]}}}, reason="Seats are shared")
    change = Change.objects.filter(title="scores.feeds").latest("pk")
    assert change.note == "Seats are shared"
    assert seats(account)["value"] == 95
    take_back(ada, change.pk)
    assert seats(account)["value"] == 78
    assert lines(account)[0].cause["record_type"] == "setting"


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        ("align.expansion.readiness", "champion_rating", 9),
        ("align.forecast.distribution", "target", 5000),
        ("track.survey.rhi", "nps", 30),
    ],
)
def test_rules_beside_health_can_be_fed_otherwise(rule: str, name: str, value: int) -> None:
    account, ada = make_account(), as_user(make_user("ada", role="admin"))
    make("metric", key="other_metric", name="Other", unit="count", refresh="monthly")
    feed(account, 1, other_metric=value)

    def given() -> Any:
        return Score.objects.filter(account=account, rule=rule).latest("on").inputs.get(name)

    change_feeds(ada, rule, {"inputs": {name: {"metrics": ["other_metric"]}}})
    assert (given()["value"], given()["metric"]) == (value, "other_metric")
    make("observation", account=account, metric="other_metric", on=TODAY, value=value - 1)
    assert given()["value"] == value - 1
    refused = {"inputs": {name: {"metrics": ["other_metric", "nps"]}}}
    with pytest.raises(Invalid, match=r"1 keys? of metrics"):
        change_feeds(ada, rule, refused)
    change_feeds(ada, rule, {"inputs": {name: {"max_age_days": 1}}})
    assert not given()
