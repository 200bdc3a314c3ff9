"""Goals, check-ins and priorities (REV-01, REV-02, REV-07, TRK-24)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.accounts.services import record_observations
from trackline.kit.history.models import Change
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.reveal.goals import refresh_goals

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


def follower(account: Any, **more: Any) -> tuple[Any, Any]:
    """A goal that follows one KPI, from 0 to 100, with the KPI."""
    kpi = make("kpi", account=account, name="On time", baseline=0, target=100)
    goal = make_goal(account, progress_mode="kpi", kpis=[kpi.pk], **more)
    return goal, kpi


def progress(goal: Any) -> Any:
    goal.refresh_from_db()
    return goal.progress_pct


def test_a_goal_follows_the_observations_of_its_kpi() -> None:
    goal, kpi = follower(make_account())
    first = make("observation", account=kpi.account_id, metric=kpi.metric_id, value=40, on=TODAY - timedelta(days=1))
    assert progress(goal) == 40
    second = make("observation", account=kpi.account_id, metric=kpi.metric_id, value=60, on=TODAY)
    assert progress(goal) == 60
    services.delete(system(), registry.get("observation"), second.pk)
    assert progress(goal) == 40
    services.restore(system(), registry.get("observation"), second.pk)
    assert progress(goal) == 60
    services.update(system(), registry.get("kpi"), kpi.pk, {"target": Decimal(200)})
    assert progress(goal) == 30
    for observation in (first, second):
        services.delete(system(), registry.get("observation"), observation.pk)
    kpi.refresh_from_db()
    assert (kpi.current, progress(goal)) == (None, None)


def test_a_goal_follows_readings_in_bulk_and_says_when_its_status_turns() -> None:
    goal, kpi = follower(make_account(), start_on=TODAY - timedelta(days=10), due_on=TODAY + timedelta(days=90))
    record_observations(system(), [{"kpi": str(kpi.pk), "value": 50, "on": TODAY.isoformat()}])
    assert (progress(goal), goal.status) == (50, "on_track")
    version = goal.version
    record_observations(system(), [{"kpi": str(kpi.pk), "value": 60, "on": TODAY.isoformat()}])
    assert (progress(goal), goal.status, goal.version) == (60, "on_track", version)
    record_observations(system(), [{"kpi": str(kpi.pk), "value": 100, "on": TODAY.isoformat()}])
    assert (progress(goal), goal.status) == (100, "achieved")
    assert Change.objects.filter(record_type="goal", record_id=goal.pk).latest("id").changes["status"] == [
        "on_track",
        "achieved",
    ]


def test_a_goal_follows_a_second_value_of_its_kpi_on_one_day() -> None:
    goal, kpi = follower(make_account())
    for value in (20, 60):
        services.update(system(), registry.get("kpi"), kpi.pk, {"current": value})
        goal.refresh_from_db()
        assert goal.progress_pct == value


def test_a_goal_without_a_deleted_kpi_follows_the_others() -> None:
    account = make_account()
    goal, kpi = follower(account)
    other = make("kpi", account=account, name="Scrap", baseline=0, target=10, current=1)
    services.update(system(), GOAL, goal.pk, {"kpis": [kpi.pk, other.pk]})
    make("observation", account=kpi.account_id, metric=kpi.metric_id, value=90)
    assert progress(goal) == 50
    services.delete(system(), registry.get("kpi"), kpi.pk)
    assert progress(goal) == 10


def test_a_check_in_taken_back_gives_the_goal_back_what_it_held() -> None:
    goal = make_goal(current=50, start_on=TODAY - timedelta(days=50), due_on=TODAY + timedelta(days=50))
    first = make("check_in", goal=goal, on=TODAY - timedelta(days=9), value=40)
    newest = make("check_in", goal=goal, on=TODAY, value=20)
    services.undo(system(), newest.last_change.pk)
    goal.refresh_from_db()
    assert (goal.current, goal.progress_pct) == (40, 20)
    services.undo(system(), first.last_change.pk)
    goal.refresh_from_db()
    assert (goal.current, goal.progress_pct) == (50, 0)
    services.restore(system(), registry.get("check_in"), newest.pk)
    goal.refresh_from_db()
    assert goal.current == 20


def test_an_older_check_in_taken_back_changes_nothing() -> None:
    goal = make_goal(current=50)
    older = make("check_in", goal=goal, on=TODAY - timedelta(days=9), value=20)
    make("check_in", goal=goal, on=TODAY, value=20)
    services.delete(system(), registry.get("check_in"), older.pk)
    goal.refresh_from_db()
    assert goal.current == 20


def test_a_status_of_a_check_in_taken_back_follows_the_rule_again() -> None:
    goal = make_goal(current=50, start_on=TODAY - timedelta(days=90), due_on=TODAY + timedelta(days=10))
    said = make("check_in", goal=goal, on=TODAY, comment="It will come", status="on_track")
    goal.refresh_from_db()
    assert (goal.status, goal.status_mode) == ("on_track", "manual")
    services.undo(system(), said.last_change.pk)
    goal.refresh_from_db()
    assert (goal.status, goal.status_mode) == ("off_track", "auto")


def test_progress_by_hand_sets_the_status_that_follows_from_it() -> None:
    goal = make_goal(
        progress_mode="manual", start_on=TODAY - timedelta(days=50), due_on=TODAY + timedelta(days=50)
    )  # fmt: skip
    make("check_in", goal=goal, on=TODAY, progress_override=30)
    goal.refresh_from_db()
    assert (goal.progress_pct, goal.status) == (30, "at_risk")
