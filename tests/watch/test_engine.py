"""Signals on live records: one alert each, repeated, over, and never told twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import NOW, make, make_account, make_user, system
from trackline.accounts.models import Account
from trackline.accounts.rulebook.adjusting import Target, save
from trackline.core.playbook import rulebook
from trackline.kit.history.models import Change
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.engine import watch_accounts
from trackline.watch.evidence.shape import check_evidence
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
CHAMPION, THREAD, TOUCH = "watch.signal.champion_exit", "watch.signal.single_thread", "watch.signal.touch_overdue"
TAG = "watch.signal.competitor_evaluation"


def contact(account: Account, name: str = "Mei Tanaka", **more: Any) -> Any:
    return make("contact", account=account, name=name, **more)


def alerts(rule: str) -> list[Alert]:
    return list(Alert.objects.filter(rule=rule).order_by("pk"))


def change(record: Any, kind: str, at: datetime = NOW, **data: Any) -> None:
    records.update(system(at), registry.get(kind), record.pk, data)


def settle(alert: Alert, at: datetime = NOW) -> None:
    records.update(system(at), registry.get("alert"), alert.pk, {"state": "closed"})


def test_every_signal_has_its_rule() -> None:
    for rule_id in definitions(TODAY):
        assert rule_id in rulebook()


def test_a_champion_who_leaves_raises_one_alert_with_owner_clocks_and_evidence() -> None:
    owner, sponsor = make_user("katrin"), make_user("hanna")
    account = make_account(owner=owner, exec_sponsor=sponsor)
    person = contact(account, buying_role="champion")
    change(person, "contact", status="departed", status_on=TODAY)
    (alert,) = alerts(CHAMPION)
    assert (alert.severity, alert.owner_id, alert.backup_id, alert.state) == ("critical", owner.pk, sponsor.pk, "open")
    assert alert.ack_due_at == NOW + timedelta(minutes=30)
    assert alert.diagnose_due_at == NOW + timedelta(hours=24)
    assert [(one["record_type"], one["record_id"]) for one in alert.evidence["sources"]] == [("contact", person.pk)]
    check_evidence(alert.evidence)
    assert Change.objects.filter(record_type="alert", record_id=alert.pk, action="create").count() == 1
    watch_accounts(system(), [account.pk])
    assert len(alerts(CHAMPION)) == 1
    assert alerts(CHAMPION)[0].count == 1


def test_an_occurrence_that_was_closed_is_never_told_again() -> None:
    account = make_account()
    person = contact(account, buying_role="champion", status="departed", status_on=TODAY)
    settle(alerts(CHAMPION)[0])
    watch_accounts(system(NOW + timedelta(days=1)), [account.pk])
    assert len(alerts(CHAMPION)) == 1
    contact(account, "Another", buying_role="champion", status="departed", status_on=TODAY)
    assert [one.subject for one in alerts(CHAMPION)][1:] != [f"contact:{person.pk}"]
    assert len(alerts(CHAMPION)) == 2


def test_a_state_stays_silent_until_it_was_over() -> None:
    account = make_account()
    contact(account, "One", last_touch_on=TODAY)
    first = alerts(THREAD)[0]
    settle(first)
    watch_accounts(system(NOW + timedelta(days=1)), [account.pk])
    assert len(alerts(THREAD)) == 1
    second = contact(account, "Two", last_touch_on=TODAY)
    first.refresh_from_db()
    assert (first.holds, first.cleared_at) == (False, NOW)
    records.delete(system(), registry.get("contact"), second.pk)
    assert [one.state for one in alerts(THREAD)] == ["closed", "open"]


def test_a_state_that_comes_back_while_its_alert_is_open_counts() -> None:
    account = make_account()
    contact(account, "One", last_touch_on=TODAY)
    second = contact(account, "Two", last_touch_on=TODAY)
    records.delete(system(), registry.get("contact"), second.pk)
    (alert,) = alerts(THREAD)
    assert (alert.count, alert.holds, alert.cleared_at) == (2, True, None)


def test_an_account_without_contacts_is_no_single_thread() -> None:
    account = make_account()
    watch_accounts(system(), [account.pk])
    assert not alerts(THREAD)


def test_a_tag_fires_and_a_later_one_repeats() -> None:
    account = make_account()
    make("note", account=account, title="Bake-off", on=TODAY, tags=["competitor_evaluation"])
    make("note", account=account, title="Harmless", on=TODAY, tags=["birthday"])
    make(
        "issue",
        account=account,
        title="Second vendor",
        opened_on=TODAY,
        tags=["competitor_evaluation"],
        assignee=make_user("tim"),
    )
    (alert,) = alerts(TAG)
    assert alert.count == 2
    assert {one["label"] for one in alert.evidence["sources"]} == {"Bake-off", "Second vendor"}


def test_readings_fire_drop_and_streak() -> None:
    account = make_account()
    metrics = {key: registry.get("metric").model.objects.get(key=key) for key in ("nps", "active_seat_pct")}
    for on, value in ((date(2026, 8, 20), 42), (date(2026, 11, 20), 31)):
        make("observation", account=account, metric=metrics["nps"], on=on, value=value)
    for month, value in ((9, 82), (10, 79), (11, 74)):
        make("observation", account=account, metric=metrics["active_seat_pct"], on=date(2026, month, 20), value=value)
    assert [one.title for one in alerts("watch.signal.nps_drop")] == ["NPS drop: NPS 42 → 31"]
    assert len(alerts("watch.signal.usage_decline")) == 1


def test_red_health_fires() -> None:
    account = make_account()
    Account.objects.filter(pk=account.pk).update(
        health={"value": 40, "band": "red", "as_of": TODAY.isoformat(), "preset": "usage"}
    )
    watch_accounts(system(), [account.pk])
    assert [one.severity for one in alerts("watch.signal.red_health")] == ["critical"]


def test_silence_of_the_influential_alone() -> None:
    account, owner = make_account(), make_user("rolf")
    old = TODAY - timedelta(days=31)
    contact(account, "Champion", buying_role="champion", influence=5, last_touch_on=old, owner=owner)
    contact(account, "Other", influence=5, last_touch_on=old)
    contact(account, "Small", influence=3, last_touch_on=TODAY - timedelta(days=90))
    assert [(one.severity, one.owner_id) for one in alerts(TOUCH)] == [("info", owner.pk)]


def test_figures_of_administrators_count() -> None:
    account = make_account()
    save(system(), rulebook().get(CHAMPION), Target(), {"days": 5}, reason="Sooner")
    contact(account, buying_role="champion", status="departed", status_on=TODAY - timedelta(days=6))
    assert not alerts(CHAMPION)


def test_accounts_that_left_are_not_watched() -> None:
    account = make_account(status="churned")
    contact(account, buying_role="champion", status="departed", status_on=TODAY)
    assert not alerts(CHAMPION)


def test_queries_do_not_grow_with_accounts() -> None:
    accounts = [make_account(f"Account {n}") for n in range(6)]
    records.subscribers, listening = [], records.subscribers[:]
    try:
        for account in accounts:
            contact(account, buying_role="champion", status="departed", status_on=TODAY)
            make("note", account=account, title="Bake-off", on=TODAY, tags=["competitor_evaluation"])
    finally:
        records.subscribers = listening

    def count(chosen: list[Account]) -> int:
        with CaptureQueriesContext(connection) as seen:
            watch_accounts(system(), [one.pk for one in chosen])
        return len(seen)

    count(accounts[:1])
    one, many = count(accounts[1:2]), count(accounts[2:])
    assert many == one
    assert Alert.objects.filter(rule=CHAMPION).count() == 6


VELOCITY, OVERDUE = "watch.signal.champion_velocity", "watch.signal.review_overdue"


def test_more_champions_lost_than_won_fires_until_the_balance_is_back() -> None:
    account = make_account()
    since = NOW - timedelta(days=200)
    people = [make("contact", ctx=system(since), account=account, name=f"Champion {n}", buying_role="champion")
              for n in range(3)]  # fmt: skip
    change(people[0], "contact", status="departed", status_on=TODAY - timedelta(days=90))
    watch_accounts(system(), [account.pk])
    assert not alerts(VELOCITY)  # ninety days ago is over
    change(people[1], "contact", status="departed", status_on=TODAY - timedelta(days=89))
    change(people[2], "contact", buying_role="user_influencer")
    (alert,) = alerts(VELOCITY)
    assert alert.evidence["inputs"] == {"gained": 0, "lost": 1}
    watch_accounts(system(NOW + timedelta(hours=1)), [account.pk])
    assert len(alerts(VELOCITY)) == 1
    contact(account, "New one", buying_role="champion")
    contact(account, "Another", buying_role="champion")
    alert.refresh_from_db()
    assert (alert.holds, len(alerts(VELOCITY))) == (False, 1)


@pytest.mark.parametrize(
    ("status", "days", "fires"),
    [("scheduled", 31, True), ("scheduled", 30, False), ("held", 40, False), ("cancelled_by_us", 31, True)],
)
def test_a_review_that_was_not_held_fires_after_thirty_days(status: str, days: int, fires: bool) -> None:
    account = make_account()
    now = timezone.now()
    make("meeting", account=account, title="Review", review="qbr", status=status, at=now - timedelta(days=days))
    watch_accounts(system(now), [account.pk])
    assert len(alerts(OVERDUE)) == int(fires)
