"""Accounts at risk: who stands on the list and why, what recovers them, what changed in a week, where score and money part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import Account, Score
from trackline.book.models import StandUpEntry
from trackline.book.queries.at_risk import at_risk
from trackline.book.risk.stand_ups import discuss
from trackline.choose.models import Playbook
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.track.health import RULES
from trackline.track.rules.health_inputs import USAGE
from trackline.watch.rules.churn import churn_risk

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
MONDAY = date(2026, 11, 23)


@pytest.fixture
def cast() -> Cast:
    """The people, with an outsider who sees nothing of the account."""
    return make_cast()


def scored(account: Account, value: float, band: str, *, rule: str = RULES[USAGE].id, days: int = 0) -> None:
    """Keep a score of some days ago; one of today is the headline too."""
    Score.objects.update_or_create(
        account=account, rule=rule, preset="", on=TODAY - timedelta(days=days),
        defaults={"value": Decimal(str(value)), "band": band, "coverage_pct": 100, "version": "0" * 12},
    )  # fmt: skip
    if not days and rule == RULES[USAGE].id:
        health = {"value": value, "band": band, "preset": USAGE, "as_of": TODAY.isoformat()}
        Account.objects.filter(pk=account.pk).update(health=health)


def account(name: str, **more: Any) -> Account:
    """An account that is well."""
    found = make(
        "account",
        ctx=system(NOW - timedelta(days=30)),
        name=name,
        **({"arr": 100, "currency": "EUR", "tier": 2} | more),
    )
    scored(found, 90, "green", days=7)
    scored(found, 90, "green")
    return found


def listed(ctx: Any = None, **filters: str) -> dict[str, dict[str, Any]]:
    """The rows by name."""
    return {row["name"]: row for row in at_risk(ctx or system(), filters)["rows"]}


def test_each_reason_puts_an_account_on_the_list_those_with_most_money_first() -> None:
    account("Well")
    scored(account("Red", arr=300), 38.2, "red")
    scored(account("Churning", arr=None), 72, "red", rule=churn_risk.id)
    marked = account("Marked", arr=200, status="at_risk")
    rival = account("Courted")
    make(
        "alert",
        account=rival,
        title="They ask for quotes",
        rule="watch.signal.competitor_evaluation",
        severity="critical",
    )
    thin = account("Thin", renewal_date=TODAY + timedelta(days=120))
    make("alert", account=thin, title="One contact", rule="watch.signal.single_thread", severity="critical")
    far = account("Thin and far", renewal_date=TODAY + timedelta(days=220))
    make("alert", account=far, title="One contact", rule="watch.signal.single_thread", severity="critical")
    due = account("Due", arr=500)
    make("renewal_cycle", account=due, renewal_date=TODAY - timedelta(days=2), arr_up=450, forecast="at_risk")
    scored(account("Left", arr=900, status="churned"), 20, "red")
    found = at_risk(system())
    assert [(row["name"], row["arr"], row["reasons"]) for row in found["rows"]] == [
        ("Due", 450, ["renewal"]), ("Red", 300, ["red_health"]), ("Marked", 200, ["marked"]),
        ("Courted", 100, ["competitor"]), ("Thin", 100, ["single_thread"]), ("Churning", None, ["churn_risk"]),
    ]  # fmt: skip
    rows = {row["name"]: row for row in found["rows"]}
    assert (rows["Red"]["why"], rows["Thin"]["why"]) == ("Health red at 38", "One active contact, renewal in 120 d")
    assert (rows["Due"]["days"], rows["Thin"]["days"], rows["Red"]["days"]) == (-2, 120, None)
    assert (found["arr"], found["count"], found["without_plan"]) == (1150, 6, 6)
    assert rows["Red"]["needs_plan"] and not rows["Marked"]["needs_plan"]
    assert "1 without an ARR" in found["notes"][0]
    services.update(system(), registry.get("account"), marked.pk, {"status": "active"})
    assert "Marked" not in listed()


def test_recovery_tells_its_steps_and_keeps_an_account_on_the_list() -> None:
    saved = account("Saved")
    book = Playbook.objects.get(key="save")
    ctx = system(NOW - timedelta(days=20))
    play = make("play", ctx=ctx, account=saved, title="Save plan", playbook=book, start_on=ctx.today)
    services.update(ctx, registry.get("step"), play.steps.get(key="triage").pk, {"status": "done"})
    services.update(ctx, registry.get("step"), play.steps.get(key="plan").pk, {"status": "skipped"})
    row = listed()["Saved"]
    assert row["reasons"] == ["recovering"] and not row["new"]
    told = row["recovery"]
    assert (told["state"], told["done"], told["total"], told["overdue"], told["next"]) == (
        "Triaged", 3, 6, 2, "Our executive speaks with their sponsor",
    )  # fmt: skip
    services.update(system(), registry.get("step"), play.steps.get(key="executive").pk, {"status": "done"})
    row = listed()["Saved"]
    assert row["recovery"]["overdue"] == 1 and "1 step done" in row["changes"]
    services.update(system(), registry.get("play"), play.pk, {"status": "in_progress"})
    services.update(system(), registry.get("play"), play.pk, {"status": "done"})
    found = at_risk(system())
    assert found["rows"] == [] and [one["name"] for one in found["left"]] == ["Saved"]


def test_what_changed_in_a_week_is_told_against_the_day_a_week_ago() -> None:
    fell = account("Fell")
    scored(fell, 61, "amber", days=7)
    scored(fell, 40, "red")
    held = account("Held")
    scored(held, 45, "red", days=7)
    scored(held, 41, "red")
    scored(held, 30, "amber", rule=churn_risk.id, days=7)
    make("alert", account=held, title="Sponsor leaves", rule="watch.signal.sponsor_exit", severity="critical")
    scored(held, 64, "red", rule=churn_risk.id)
    rose = account("Rose")
    scored(rose, 30, "red", days=7)
    was = account("Was marked", status="at_risk")
    changed = system(NOW - timedelta(days=2))
    services.update(changed, registry.get("account"), was.pk, {"status": "active"})
    make_account("Just taken on", status="at_risk")
    found = at_risk(system())
    rows = {row["name"]: row for row in found["rows"]}
    assert rows["Just taken on"]["changes"] == ["new on the list"]
    assert rows["Fell"]["changes"] == ["new on the list", "health amber → red"]
    assert rows["Held"]["changes"] == ["health 45 → 41", "churn risk 30 → 64", "alert: Sponsor leaves"]
    assert [(one["name"], one["was"]) for one in found["left"]] == [
        ("Rose", "Health red at 30"), ("Was marked", "Marked at risk"),
    ]  # fmt: skip


def test_score_and_money_that_part_are_told_both_ways() -> None:
    def grown(name: str, before: int, now: int, **more: Any) -> Account:
        one = account(name, arr=now, **more)
        for on, value in ((date(2025, 11, 20), before), (date(2026, 11, 20), now)):
            make("observation", account=one, metric=make_arr(), on=on, value=value)
        return one

    shrinking, steady = grown("Shrinking", 100, 94), grown("Steady", 100, 96)
    ailing = grown("Ailing", 100, 130)
    scored(ailing, 60, "amber")
    make("renewal_cycle", account=steady, renewal_date=date(2027, 3, 1), forecast="commit")
    quiet = account("Quiet")
    make("alert", account=quiet, title="Logins fall", rule="watch.signal.usage_decline", severity="high")
    both = grown("Both ways", 100, 130)
    scored(both, 60, "amber")
    make("renewal_cycle", account=both, renewal_date=date(2027, 3, 1), forecast="at_risk")
    found = {one["name"]: (one["words"], one["signs"]) for one in at_risk(system())["disagreements"]}
    assert found == {
        "Shrinking": ("Healthy but shrinking", ["ARR ↓6\xa0% in 12 months"]),
        "Ailing": ("Ailing but growing", ["ARR ↑30\xa0% in 12 months"]),
        "Quiet": ("Healthy but shrinking", ["usage declines"]),
    }  # fmt: skip
    assert shrinking.name not in listed()


def make_arr() -> Any:
    """The metric that ARR is read from."""
    found = registry.get("metric").model.objects.filter(key="arr").first()  # type: ignore[attr-defined]
    return found or make("metric", key="arr", name="ARR", unit="money")


def test_a_tick_holds_for_a_week_and_is_taken_back(cast: Cast) -> None:
    services.update(system(), registry.get("account"), cast.account.pk, {"status": "at_risk"})
    ctx = as_user(cast.owner)
    entry = discuss(ctx, cast.account.pk, True)
    assert (entry.week_on, entry.by_id) == (MONDAY, cast.owner.pk)
    assert discuss(ctx, cast.account.pk, True).pk == entry.pk
    services.update(ctx, registry.get("stand_up_entry"), entry.pk, {"note": "Call their CFO"})
    row = listed(ctx)[cast.account.name]
    assert (row["discussed"]["note"], row["discussed"]["by"]) == ("Call their CFO", cast.owner.name)
    with pytest.raises(Invalid):
        make("stand_up_entry", account=cast.account, week_on=TODAY + timedelta(days=3))
    later = as_user(cast.owner, NOW + timedelta(days=7))
    row = listed(later)[cast.account.name]
    assert row["discussed"] is None and row["discussed_before"]["note"] == "Call their CFO"
    gone = discuss(ctx, cast.account.pk, False)
    assert listed(ctx)[cast.account.name]["discussed"] is None
    services.undo(ctx, gone.pk)
    assert StandUpEntry.objects.alive().get().note == "Call their CFO"
    with pytest.raises(NotFound):
        discuss(later, cast.account.pk, False)
    with pytest.raises(NotFound):
        discuss(as_user(cast.outsider), cast.account.pk, True)


def test_filters_and_rights_narrow_the_list(cast: Cast) -> None:
    services.update(system(), registry.get("account"), cast.account.pk, {"status": "at_risk"})
    account("Elsewhere", status="at_risk", region="North")
    assert set(listed()) == {cast.account.name, "Elsewhere"}
    assert set(listed(region="North")) == {"Elsewhere"}
    assert set(listed(owner=cast.owner.username)) == {cast.account.name}
    assert cast.account.name not in listed(as_user(cast.outsider))


def test_queries_do_not_grow_with_accounts() -> None:
    def count(ask: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    book = Playbook.objects.get(key="save")
    counts = []
    for at in range(2):
        for number in range(1 + 3 * at):
            one = account(f"Red {at} {number}")
            scored(one, 30, "red")
            play = make("play", account=one, title="Save plan", playbook=book)
            make("step", play=play, title="Call", due_on=TODAY)
            make("stand_up_entry", account=one)
        counts.append(count(lambda: at_risk(system())))
    assert counts[0] == counts[1]
