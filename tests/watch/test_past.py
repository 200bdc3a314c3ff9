"""When a signal would have fired: as the book stood then, once for each thing that happened, under two sets of figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.accounts.models import Account, Contact, Score
from trackline.accounts.rulebook.adjusting import Target
from trackline.core.playbook import rulebook
from trackline.watch.models import Alert
from trackline.watch.past import Past, past_json, past_of

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
DROP, TOUCH = "watch.signal.nps_drop", "watch.signal.touch_overdue"
CHAMPION, OVERDUE, FALL = "watch.signal.champion_exit", "watch.signal.review_overdue", "watch.signal.health_fall"


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def look(rule: str, months: int = 6, changes: Any = None) -> Past:
    return past_of(rulebook().get(rule), Target().slot, changes or {}, TODAY, months)


def told(found: Past) -> list[tuple[date | None, date | None]]:
    return [(one.before, one.after) for one in found.firings]


def nps(account: Account, **values: int) -> None:
    for on, value in values.items():
        make("observation", account=account, metric="nps", on=ago(int(on[1:])), value=value)


def test_each_drop_is_told_on_its_day_under_both_sets_of_figures() -> None:
    account = make_account()
    nps(account, d220=50, d150=38, d90=45, d20=30)
    assert told(look(DROP)) == [(ago(20), ago(20)), (ago(150), ago(150))]
    assert told(look(DROP, months=3)) == [(ago(20), ago(20))]
    higher = look(DROP, changes={"drop_from": 13})
    assert told(higher) == [(ago(20), ago(20)), (ago(150), None)]
    assert (higher.before, higher.after) == (2, 1)
    lower = look(DROP, changes={"drop_from": 5})
    assert (lower.before, lower.after) == (2, 2)
    assert not Alert.objects.filter(rule=DROP, fired_at__date__lt=TODAY).exists()


def test_what_was_true_before_is_not_told_as_new() -> None:
    nps(make_account(), d220=50, d200=30)
    assert told(look(DROP)) == []


def test_silence_is_counted_from_the_touches_that_had_been_then() -> None:
    account = make_account()
    long_ago = system(NOW - timedelta(days=400))
    person: Contact = make("contact", ctx=long_ago, account=account, name="Sabine", influence=5, buying_role="champion")
    for days in (190, 100, 3):
        make("interaction", account=account, on=ago(days), kind="call", summary="Call", contacts=[person.pk])
    # Thirty days for champions: silent from 160 and from 70 days ago on; the looks are a week apart.
    found = look(TOUCH)
    starts = [one.before for one in found.firings]
    assert len(starts) == 2 and all(one is not None for one in starts)
    assert ago(70) <= starts[0] <= ago(63) and ago(160) <= starts[1] <= ago(152)  # type: ignore[operator]
    assert look(TOUCH, changes={"champion_days": 95}).after == 0


def test_who_left_later_was_there_then() -> None:
    account = make_account()
    make("contact", ctx=system(NOW - timedelta(days=300)), account=account, name="James", buying_role="champion",
         status="departed", status_on=ago(40))  # fmt: skip
    assert told(look(CHAMPION)) == [(ago(40), ago(40))]


def test_the_same_review_overdue_is_one_firing_that_comes_earlier() -> None:
    account = make_account()
    make("meeting", account=account, title="QBR", review="qbr", at=NOW - timedelta(days=80), status="scheduled")
    [one] = look(OVERDUE, changes={"days": 15}).firings
    assert one.before is not None and one.after is not None
    assert (one.before - one.after).days in (14, 21)


def test_health_is_read_as_it_was_scored() -> None:
    account = make_account()
    for days, value, band in ((170, 82, "green"), (120, 82, "green"), (60, 55, "amber")):
        Score.objects.create(account=account, rule="track.health.usage", preset="", on=ago(days), value=value, band=band,
                             coverage_pct=100, version="1")  # fmt: skip
    found = look(FALL)
    assert found.before == 1
    assert found.firings[0].on <= ago(53)


def test_a_look_back_goes_on_where_the_time_was_up() -> None:
    first, second = make_account("A"), make_account("B")
    nps(first, d60=50, d20=30)
    nps(second, d60=50, d20=30)
    rule = rulebook().get(DROP)
    whole = past_of(rule, Target().slot, {}, TODAY, 3)
    assert (whole.accounts, whole.total, whole.resume) == (2, 2, None)
    rest = past_of(rule, Target().slot, {}, TODAY, 3, after=first.pk)
    assert [one.account_id for one in rest.firings] == [second.pk]
    assert past_json(whole)["firings"][0] | {"account": ""} == {
        "account": "", "key": "a", "name": "A", "says": "NPS 50 → 30", "now": ago(20).isoformat(),
        "then": ago(20).isoformat(),
    }  # fmt: skip
