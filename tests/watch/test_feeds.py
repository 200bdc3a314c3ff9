"""What feeds a signal can be chosen; adjusted signals are previewed over the book and look at it anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, Contact
from trackline.accounts.rulebook.adjusting import Target, draft, effect_of, save
from trackline.accounts.rulebook.preview import Preview
from trackline.accounts.rulebook.rewiring import change_feeds, effect_of_feeds
from trackline.core.playbook import rulebook
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.engine import watch_accounts
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions
from trackline.watch.rules.feeds import feeds

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
USAGE, DROP, CHART = "watch.signal.usage_decline", "watch.signal.nps_drop", "watch.signal.control_chart"
TOUCH, FALL = "watch.signal.touch_overdue", "watch.signal.champion_velocity"


@pytest.fixture
def admin() -> Context:
    return as_user(make_user("ada", role="admin"))


def months(account: Account, metric: str, *values: int, back: int = 0) -> None:
    for at, value in enumerate(reversed(values)):
        make("observation", account=account, metric=metric, on=TODAY - timedelta(days=back + 31 * at), value=value)


def alerts(rule: str) -> list[Alert]:
    return list(Alert.objects.filter(rule=rule).order_by("pk"))


def told(found: Preview) -> list[tuple[int, Any, Any]]:
    return [(one.holder.account_id, one.before.value, one.after.value) for one in found.effects]


def test_tags_that_fire_are_named_among_what_feeds() -> None:
    for rule, meant in definitions(TODAY).items():
        says = " ".join(source.says for feed in feeds()[rule].inputs.values() for source in feed.sources)
        assert all(tag in says for tag in meant.tags), rule


def test_another_metric_feeds_a_signal_after_its_effect_was_shown(admin: Context) -> None:
    make("metric", key="logins", name="Logins", unit="count", refresh="monthly")
    account, other = make_account(), make_account("Other")
    months(account, "logins", 900, 800, 700)
    months(account, "mau", 900, 910, 920)
    months(other, "mau", 900, 800, 700)
    assert [one.account_id for one in alerts(USAGE)] == [other.pk]
    changes = {"inputs": {"series": {"metrics": ["logins"]}}}
    found = effect_of_feeds(admin, USAGE, changes)
    assert found.summary["signal"] == {"fires": 1, "silent": 1}
    assert sorted(told(found)) == [(account.pk, "silent", "fires"), (other.pk, "fires", "silent")]
    assert [one.account_id for one in alerts(USAGE)] == [other.pk]
    change_feeds(admin, USAGE, changes, reason="We count logins")
    assert [(one.account_id, one.holds) for one in alerts(USAGE)] == [(other.pk, False), (account.pk, True)]
    assert effect_of_feeds(admin, USAGE, changes).summary["signal"] == {"fires": 0, "silent": 0}


def test_metrics_are_tried_in_order_and_within_their_days(admin: Context) -> None:
    account = make_account()
    months(account, "mau", 900, 910, 920)
    months(account, "seats_active_weekly", 90, 80, 70, back=40)
    assert not alerts(USAGE)
    change_feeds(admin, USAGE, {"inputs": {"series": {"metrics": ["seats_active_weekly", "mau"], "max_age_days": 39}}})
    assert not alerts(USAGE)
    change_feeds(admin, USAGE, {"inputs": {"series": {"metrics": ["seats_active_weekly", "mau"], "max_age_days": 40}}})
    assert [one.account_id for one in alerts(USAGE)] == [account.pk]


@pytest.mark.parametrize(
    ("rule", "change", "where"),
    [
        (USAGE, {"series": {"metrics": []}}, ["inputs", "series", "metrics"]),
        (USAGE, {"series": {"metrics": ["mau"] * 9}}, ["inputs", "series", "metrics"]),
        (USAGE, {"series": {"metrics": ["no_such"]}}, ["inputs", "series", "metrics"]),
        (DROP, {"current": {"metrics": ["nps", "csat"]}}, ["inputs", "current", "metrics"]),
        (DROP, {"previous": {"max_age_days": 9}}, ["inputs", "previous"]),
        (CHART, {"series": {"metrics": ["nps"]}}, ["inputs", "series", "metrics"]),
        (TOUCH, {"days": {"max_age_days": 9}}, ["inputs", "days"]),
    ],
)
def test_what_cannot_be_chosen_is_refused(admin: Context, rule: str, change: Any, where: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        change_feeds(admin, rule, {"inputs": change})
    assert next(error["loc"] for error in refused.value.errors) == where


def test_an_age_of_a_chart_counts(admin: Context) -> None:
    account = make_account()
    make("kpi", account=account, name="Output", metric=make("metric", key="output", name="Output", unit="count"))
    for at, value in enumerate([40, 42, 38, 41, 39, 43, 40, 37, 42, 38, 60]):
        make("observation", account=account, metric="output", on=TODAY - timedelta(days=60 - at), value=value)
    (alert,) = alerts(CHART)
    found = effect_of_feeds(admin, CHART, {"inputs": {"series": {"max_age_days": 49}}})
    assert told(found) == [(account.pk, "fires", "silent")]
    change_feeds(admin, CHART, {"inputs": {"series": {"max_age_days": 49}}})
    alert.refresh_from_db()
    assert not alert.holds


def test_adjusted_figures_are_previewed_and_reach_the_book_at_once(admin: Context) -> None:
    rule = rulebook().get(TOUCH)
    account = make_account()
    make("contact", account=account, name="Mei Tanaka", influence=5, last_touch_on=TODAY - timedelta(days=50))
    make("contact", account=account, name="Ana Roth", influence=5, last_touch_on=TODAY - timedelta(days=10))
    assert not alerts(TOUCH)
    found = effect_of(draft(rule, Target(), {"other_days": 49}, from_on=TODAY, today=TODAY), admin)
    assert told(found) == [(account.pk, "silent", "fires")]
    assert "Mei Tanaka" in found.effects[0].title
    assert found.to_json()["effects"][0]["says"].startswith("Mei Tanaka")
    assert not alerts(TOUCH)
    row = save(admin, rule, Target(), {"other_days": 49}, reason="Quarterly is too rare")
    assert len(alerts(TOUCH)) == 1
    assert row.effect["signal"] == {"fires": 1, "silent": 0}


def test_figures_that_decide_what_is_seen_are_previewed_too(admin: Context) -> None:
    rule = rulebook().get(FALL)
    account = make_account()
    gone = TODAY - timedelta(days=100)
    make("contact", account=account, name="Mei Tanaka", buying_role="champion", status="departed", status_on=gone)
    Contact.objects.update(created_at=NOW - timedelta(days=300))
    found = effect_of(draft(rule, Target(), {"days": 120}, from_on=TODAY, today=TODAY), admin)
    assert told(found) == [(account.pk, "silent", "fires")]


def test_an_account_that_moves_tier_is_watched_by_the_figures_of_its_tier(admin: Context) -> None:
    account = make_account()
    make("contact", account=account, name="Mei Tanaka", influence=5, last_touch_on=TODAY - timedelta(days=50))
    save(admin, rulebook().get(TOUCH), Target("tier", 1), {"other_days": 40}, reason="Key accounts want more")
    assert not alerts(TOUCH)
    records.update(system(), registry.get("account"), account.pk, {"tier": 1})
    assert len(alerts(TOUCH)) == 1


def test_watching_reads_the_feeds_once(django_assert_num_queries: Any) -> None:
    account = make_account()
    with django_assert_num_queries(0):
        watch_accounts(system(), [account.pk], ["no.such.signal"])
