"""Figures that administrators lay over the rule of progress decide the status of goals: everywhere, and previewed first."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import RuleOverride, Setting
from trackline.accounts.rulebook.adjusting import Target, draft, effect_of, rule_named, save
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.reveal.goals import carriers, refresh_goals
from trackline.reveal.models import Goal

pytestmark = pytest.mark.django_db

RULE = rule_named("reveal.goal.progress")
TODAY = NOW.date()
HALFWAY = {"start_on": TODAY - timedelta(days=50), "due_on": TODAY + timedelta(days=50)}


@pytest.fixture
def admin() -> Context:
    return as_user(make_user("ada", role="admin"))


def goal_of(account: Any, progress: int, **more: Any) -> Any:
    """Return a goal that is so many percent of the way after half of its time."""
    given = {"account": account, "title": f"At {progress}", "baseline": 0, "target": 100, "current": progress}
    return make("goal", **(given | HALFWAY | more))


def status(goal: Any) -> str:
    goal.refresh_from_db()
    return str(goal.status)


def keep(admin: Context, changes: Any, target: Target | None = None, **more: Any) -> RuleOverride:
    return save(admin, RULE, target or Target(), changes, reason="We are stricter", **more)


def test_saving_reaches_goals_at_once_with_the_reason_in_their_history(admin: Context) -> None:
    goal = goal_of(make_account(), 42)
    assert status(goal) == "on_track"
    keep(admin, {"at_risk_gap": -5})
    assert status(goal) == "at_risk"
    change = Change.objects.filter(record_type="goal", record_id=goal.pk).latest("pk")
    assert change.changes["status"] == ["on_track", "at_risk"]
    assert (change.actor_id, change.note) == (admin.actor.user_id, "Progress of a goal v1: We are stricter")


def test_a_write_after_it_goes_by_the_same_figures(admin: Context) -> None:
    keep(admin, {"at_risk_gap": -5})
    goal = goal_of(make_account(), 42)
    assert status(goal) == "at_risk"
    services.update(system(), registry.get("goal"), goal.pk, {"current": 45})
    assert status(goal) == "on_track"


def test_goals_that_follow_kpis_go_by_them_too(admin: Context) -> None:
    keep(admin, {"at_risk_gap": -5})
    account = make_account()
    kpi = make("kpi", account=account, name="Scrap", baseline=0, target=100, current=45)
    goal = goal_of(account, 0, progress_mode="kpi", kpis=[kpi.pk])
    assert status(goal) == "on_track"
    services.update(system(), registry.get("kpi"), kpi.pk, {"current": 42})
    assert status(goal) == "at_risk"


@pytest.mark.parametrize("narrow", ["tier", "account"])
def test_narrower_figures_count_for_their_accounts_alone(admin: Context, narrow: str) -> None:
    first, other = make_account("a", tier=1), make_account("b", tier=2)
    goals = [goal_of(first, 42), goal_of(other, 42)]
    keep(admin, {"at_risk_gap": -5}, Target("tier", tier=1) if narrow == "tier" else Target("account", account=first))
    assert [status(goal) for goal in goals] == ["at_risk", "on_track"]


def test_an_account_that_changes_tier_takes_its_goals_along(admin: Context) -> None:
    account = make_account(tier=2)
    goal = goal_of(account, 42)
    keep(admin, {"at_risk_gap": -5}, Target("tier", tier=1))
    services.update(system(), registry.get("account"), account.pk, {"tier": 1})
    assert status(goal) == "at_risk"


def test_figures_of_a_day_to_come_count_from_that_day(admin: Context) -> None:
    goal = goal_of(make_account(), 43)
    keep(admin, {"at_risk_gap": -2}, from_on=TODAY + timedelta(days=3))
    assert status(goal) == "on_track"
    refresh_goals(replace(system(), now=NOW + timedelta(days=2)), [goal.account_id])
    assert status(goal) == "on_track"
    refresh_goals(replace(system(), now=NOW + timedelta(days=3)), [goal.account_id])
    assert status(goal) == "at_risk"


def test_the_preview_tells_the_goals_that_would_change_and_stores_nothing(admin: Context) -> None:
    account = make_account("nordwind", tier=1)
    near, far = goal_of(account, 42), goal_of(account, 10)
    by_hand, gone = goal_of(account, 42), goal_of(account, 42)
    services.update(system(), registry.get("goal"), by_hand.pk, {"status": "on_track"})
    services.update(system(), registry.get("goal"), gone.pk, {"status": "cancelled"})
    told = effect_of(draft(RULE, Target(), {"at_risk_gap": -5}, from_on=TODAY, today=TODAY), admin)
    assert (told.records, told.record_type, told.live) == (2, "goal", True)
    (one,) = told.to_json()["effects"]
    assert one["record"] == {"type": "goal", "id": str(near.pk), "title": "At 42"}
    assert (one["before"], one["after"]) == (
        {"value": "on_track", "band": "green"},
        {"value": "at_risk", "band": "amber"},
    )
    assert [status(near), status(far)] == ["on_track", "off_track"]
    row = keep(admin, {"at_risk_gap": -5})
    assert row.effect["changed"] == 1
    assert row.effect["bands"] == [{"from": "green", "to": "amber", "count": 1}]
    assert status(near) == "at_risk"


def test_limits_out_of_order_are_not_saved(admin: Context) -> None:
    with pytest.raises(Invalid) as refused:
        keep(admin, {"at_risk_gap": -30})
    assert refused.value.errors[0]["loc"] == ["changes", "off_track_gap"]
    assert keep(admin, {"at_risk_gap": -25}).number == 1


def test_queries_do_not_grow_with_goals() -> None:
    account = make_account()
    counts = []
    for number in range(3):
        kpi = make("kpi", account=account, name=f"K{number}", baseline=0, target=100, current=42)
        goal_of(account, 0, progress_mode="kpi", kpis=[kpi.pk])
        with CaptureQueriesContext(connection) as seen:
            assert len(list(carriers([account.pk], TODAY))) == number + 1
            assert refresh_goals(system(), [account.pk]) == 0
        counts.append(len(seen))
    assert counts == [counts[0]] * 3


# -- the settings that were before ---------------------------------------------------------------------------------------


def moved(*rows: tuple[str, Any, date]) -> list[tuple[date, dict[str, Any]]]:
    """Return the versions that settings became."""
    ada = make_user("ada", role="admin")
    for key, value, day in rows:
        Setting.objects.create(key=key, value=value, valid_from=day, changed_by=ada, changed_at=NOW)
    migration = importlib.import_module("trackline.accounts.migrations.0006_goal_limits")
    migration.move_goal_limits(apps, SimpleNamespace(connection=connection))
    assert not Setting.objects.filter(key__startswith="goal.").exclude(key__startswith="goal.checkin").exists()
    found = RuleOverride.objects.order_by("number")
    assert all(row.created_by == ada and row.scope == "all" for row in found)
    return [(row.from_on, row.changes) for row in found]


DAY = date(2026, 3, 1)
LATER = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("rows", "versions"),
    [
        ([], []),
        ([("goal.at_risk_gap", -10, DAY)], []),
        ([("goal.checkin_days", 14, DAY)], []),
        (
            [("goal.at_risk_gap", -5, DAY), ("goal.off_track_gap", -15, DAY)],
            [(DAY, {"at_risk_gap": -5, "off_track_gap": -15})],
        ),
        (
            [("goal.at_risk_gap", -5, DAY), ("goal.off_track_gap", -15, LATER)],
            [(DAY, {"at_risk_gap": -5}), (LATER, {"at_risk_gap": -5, "off_track_gap": -15})],
        ),
        ([("goal.at_risk_gap", -5, DAY), ("goal.at_risk_gap", -10, LATER)], [(DAY, {"at_risk_gap": -5}), (LATER, {})]),
        ([("goal.at_risk_gap", -30, DAY)], [(DAY, {"at_risk_gap": -30, "off_track_gap": -30})]),
    ],
)
def test_settings_become_versions_that_say_the_same(rows: Any, versions: Any) -> None:
    assert moved(*rows) == versions


def test_goals_stand_as_they_stood_after_the_move() -> None:
    goal = goal_of(make_account(), 42)
    moved(("goal.at_risk_gap", -5, DAY), ("goal.off_track_gap", -7, DAY))
    refresh_goals(system(), [goal.account_id])
    assert status(goal) == "off_track"
    assert Goal.objects.get().progress_pct == 42
