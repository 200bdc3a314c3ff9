"""Goals, check-ins and priorities (REV-01, REV-02, REV-07, TRK-24)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.reveal.services import refresh_goals

pytestmark = pytest.mark.django_db

GOAL = registry.get("goal")
TODAY = NOW.date()


def make_goal(account: Any = None, **more: Any) -> Any:
    return make(
        "goal", **({"account": account or make_account(), "title": "Scrap", "baseline": 50, "target": 0} | more)
    )


def test_the_sixth_active_goal_is_refused() -> None:
    account = make_account()
    goals = [make_goal(account, title=f"G{number}") for number in range(5)]
    with pytest.raises(Invalid, match="already has 5 active goals"):
        make_goal(account)
    services.update(system(), GOAL, goals[0].pk, {"status": "cancelled"})
    assert make_goal(account).pk


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"baseline": 50, "target": 50}, "target"),
        ({"start_on": TODAY, "due_on": TODAY}, "due_on"),
    ],
)
def test_fields_that_cannot_be(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as problem:
        make_goal(**fields)
    assert problem.value.errors[0]["loc"] == [wrong]


def test_baseline_may_equal_target_where_progress_is_set_by_hand() -> None:
    assert make_goal(baseline=50, target=50, progress_mode="manual").progress_pct is None


def test_the_newest_check_in_sets_the_current_value() -> None:
    goal = make_goal(start_on=TODAY - timedelta(days=50), due_on=TODAY + timedelta(days=50))
    make("check_in", goal=goal, on=TODAY, value=20)
    make("check_in", goal=goal, on=TODAY - timedelta(days=9), value=40)
    goal.refresh_from_db()
    assert (goal.current, goal.progress_pct, goal.status) == (20, 60, "on_track")


def test_a_status_set_by_hand_stays() -> None:
    goal = make_goal(start_on=TODAY - timedelta(days=90), due_on=TODAY + timedelta(days=10), current=50)
    assert goal.status == "off_track"
    services.update(system(), GOAL, goal.pk, {"status": "on_track"})
    services.update(system(), GOAL, goal.pk, {"current": 49})
    goal.refresh_from_db()
    assert (goal.status, goal.status_mode) == ("on_track", "manual")


def test_goals_that_follow_kpis() -> None:
    account = make_account()
    first = make("kpi", account=account, name="A", baseline=0, target=10, current=8)
    second = make("kpi", account=account, name="B", baseline=0, target=10, current=5)
    goal = make_goal(account, progress_mode="kpi", kpis=[first.pk, second.pk])
    goal.refresh_from_db()
    assert goal.progress_pct == 65


def test_status_follows_the_calendar_on_refresh() -> None:
    goal = make_goal(start_on=TODAY, due_on=TODAY + timedelta(days=100), current=50)
    assert goal.status == "on_track"
    later = system(NOW + timedelta(days=30))
    assert refresh_goals(later, [goal.account_id]) == 1
    goal.refresh_from_db()
    assert goal.status == "off_track"
    assert refresh_goals(later, [goal.account_id]) == 0


def test_at_most_three_priorities_a_year() -> None:
    account = make_account()
    for rank in (1, 2, 3):
        make("customer_priority", account=account, title=f"P{rank}", rank=rank, source="qbr", on=date(2026, 5, 1))
    with pytest.raises(Invalid):
        make("customer_priority", account=account, title="P4", rank=1, source="qbr", on=date(2026, 6, 1))
    assert make("customer_priority", account=account, title="P", rank=1, source="qbr", on=date(2027, 6, 1)).fiscal_year
