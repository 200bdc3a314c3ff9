"""Execution metrics out of records (KCK-08), and when a period is closed (KCK-09)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.accounts.models import Account
from trackline.choose.models import Play
from trackline.kickoff.measuring import Period, counts, keep_metrics, period_of
from trackline.kickoff.models import Action, Decision, ExecutionReading, Meeting

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31), TODAY)


@pytest.fixture
def account() -> Account:
    """An account with an owner."""
    return make_account("Okada", owner=make_user("katrin"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def share(account: Account, key: str, period: Any = QUARTER) -> tuple[int, int] | None:
    found = counts([account.pk], period)[key].get(account.pk)
    return (int(found.done or 0), int(found.due or 0)) if found else None


def meeting(account: Account, when: str, status: str, **more: Any) -> Meeting:
    found: Meeting = make("meeting", account=account, at=at(when), **more)
    Meeting.objects.filter(pk=found.pk).update(status=status)
    return found


def test_periods_are_months_and_fiscal_quarters() -> None:
    assert period_of("quarter", date(2026, 11, 1), TODAY) == QUARTER
    month = period_of("month", date(2026, 2, 10), TODAY)
    assert (month.start, month.end, month.until) == (date(2026, 2, 1), date(2026, 2, 28), date(2026, 2, 28))


def test_meetings_held_of_those_scheduled(account: Account) -> None:
    meeting(account, "2026-10-05T10:00", "held", review="qbr", pre_read_sent_at=at("2026-10-04T10:00"))
    meeting(account, "2026-11-05T10:00", "held", review="qbr", pre_read_sent_at=at("2026-11-04T10:01"))
    meeting(account, "2026-11-06T10:00", "cancelled_by_customer", review="qbr")
    meeting(account, "2026-11-06T12:00", "held")
    meeting(account, "2026-11-07T12:00", "rescheduled")
    meeting(account, "2026-12-20T12:00", "scheduled")
    meeting(account, "2026-09-30T12:00", "held", review="qbr")
    assert share(account, "qbr_completion") == (2, 3)
    assert share(account, "meeting_adherence") == (3, 4)
    assert share(account, "preread_on_time") == (1, 2)


def test_a_forum_asks_for_its_pre_read_two_days_before(account: Account) -> None:
    cadence = make("cadence", account=account, name="Operations", type="client_checkin", frequency="monthly")
    for sent in ("2026-11-03T10:00", "2026-11-03T10:01"):
        meeting(account, "2026-11-05T10:00", "held", cadence=cadence, pre_read_sent_at=at(sent))
    assert share(account, "preread_on_time") == (1, 2)


def action(account: Account, made: str, due: str | None = None, done: str | None = None, **more: Any) -> Action:
    found: Action = make("action", account=account, title="Act", **more)
    Action.objects.filter(pk=found.pk).update(
        created_at=at(made), due_on=due, done_on=done, status=more.get("status") or ("done" if done else "open")
    )
    return found


def test_actions_closed_of_those_open_at_the_start_or_made_since(account: Account) -> None:
    action(account, "2026-09-01T10:00", done="2026-09-30")
    action(account, "2026-09-01T10:00", done="2026-10-01")
    action(account, "2026-09-01T10:00")
    action(account, "2026-11-01T10:00", done="2026-11-02")
    action(account, "2026-11-01T10:00", status="cancelled")
    assert share(account, "actions_closed") == (2, 3)


def test_actions_on_time_count_by_their_due_date(account: Account) -> None:
    action(account, "2026-09-01T10:00", due="2026-11-10", done="2026-11-10")
    action(account, "2026-09-01T10:00", due="2026-11-10", done="2026-11-11")
    action(account, "2026-09-01T10:00", due="2026-12-24")
    assert share(account, "actions_on_time") == (1, 2)


def test_hours_from_a_decision_to_its_first_action(account: Account) -> None:
    for hours, owner in ((40, account.owner), (60, account.owner), (1, None)):
        decision = make("decision", account=account, title="Go")
        Decision.objects.filter(pk=decision.pk).update(created_at=at("2026-11-02T10:00"))
        made = make("action", account=account, title="Act", decision=decision, owner=owner)
        Action.objects.filter(pk=made.pk).update(created_at=at("2026-11-02T10:00") + timedelta(hours=hours))
    found = counts([account.pk], QUARTER)["decision_to_action"][account.pk]
    assert found.value == Decimal(50)


def test_plays_and_check_ins(account: Account) -> None:
    for due, done in (("2026-11-10", "2026-11-10"), ("2026-11-10", None), ("2026-12-31", None)):
        play = make(
            "play",
            account=account,
            title="Play",
            horizon=90,
            start_on=date(2026, 10, 5),
            due_on=date.fromisoformat(due),
        )
        Play.objects.filter(pk=play.pk).update(done_on=done)
    assert share(account, "plays_on_time") == (1, 2)
    for on in (TODAY, TODAY - timedelta(days=31)):
        goal = make(
            "goal",
            account=account,
            title="Goal",
            baseline=0,
            target=10,
            start_on=date(2026, 1, 1),
            due_on=date(2027, 6, 30),
        )
        make("check_in", goal=goal, on=on, value=5)
    assert share(account, "checkins_on_time") == (1, 2)


def test_nothing_due_is_no_count(account: Account) -> None:
    assert all(not found for found in counts([account.pk], QUARTER).values())


def test_readings_follow_the_open_period_and_stay_once_it_is_closed(account: Account) -> None:
    metric = make("execution_metric", account=account, name="Held", formula_key="meeting_adherence", period="month")
    make("execution_metric", account=account, name="By hand", formula_key="manual", period="month")
    ctx = system()
    meeting(account, "2026-11-02T10:00", "held")
    assert keep_metrics(ctx, [account.pk]) == 1
    assert keep_metrics(ctx, [account.pk]) == 0
    late = meeting(account, "2026-11-03T10:00", "no_show")
    assert keep_metrics(ctx, [account.pk]) == 1
    reading = ExecutionReading.objects.get(metric=metric)
    assert (reading.period_start, reading.numerator, reading.denominator, reading.value) == (
        date(2026, 11, 1),
        1,
        2,
        50,
    )
    Meeting.objects.filter(pk=late.pk).update(status="held")
    assert keep_metrics(replace(ctx, now=at("2026-12-04T12:00")), [account.pk]) == 1
    Meeting.objects.filter(pk=late.pk).update(status="no_show")
    assert keep_metrics(replace(ctx, now=at("2026-12-05T12:00")), [account.pk]) == 0
    assert ExecutionReading.objects.get(metric=metric).value == 100


def test_queries_do_not_grow_with_accounts(account: Account, django_assert_max_num_queries: Any) -> None:
    others = [make_account(f"Other {number}") for number in range(4)]
    for one in [account, *others]:
        make("execution_metric", account=one, name="Closed", formula_key="actions_closed", period="quarter")
        action(one, "2026-11-01T10:00")
    with django_assert_max_num_queries(16):
        assert keep_metrics(system(), [one.pk for one in [account, *others]]) == 5
