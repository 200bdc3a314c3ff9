"""What writes in the R section mean: goal progress and status, verified outcomes, priorities."""

from __future__ import annotations

from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting, settings_in_force
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.reveal.goals import compute
from trackline.reveal.models import CustomerPriority, Goal
from trackline.reveal.rules.progress import CLOSED

Links = dict[str, list[int]]


def prepare_goal(ctx: Context, goal: Any, changed: set[str], links: Links) -> None:
    """Check fields (REV-02) and number of goals (REV-01); compute progress and status (REV-03, REV-04)."""
    errors = {}
    if goal.progress_mode != "manual" and goal.baseline == goal.target:
        errors["target"] = "The target must differ from the baseline."
    if goal.start_on and goal.due_on and goal.due_on <= goal.start_on:
        errors["due_on"] = "The due date must lie after the start."
    if errors:
        raise Invalid.fields(errors)
    if "status" in changed and "status_mode" not in changed:
        goal.status_mode = "manual"
    if {"baseline", "target"} & changed and not goal.direction:
        goal.direction = "increase" if goal.target > goal.baseline else "decrease"
    compute(goal, ctx.today, Overrides.load(ctx.today))
    if goal._state.adding and goal.status not in CLOSED:
        active = Goal.objects.filter(account_id=goal.account_id, deleted_at__isnull=True).exclude(status__in=CLOSED)
        most = setting("goals.hard_max")
        if active.count() >= most:
            raise Invalid(
                f"This account already has {most} active goals. Close one first.",
                [{"loc": ["account"], "msg": f"At most {most} active goals."}],
                rule="REV-01",
            )


def after_goal(ctx: Context, goal: Any, changed: set[str], _created: bool) -> None:
    """Recompute a goal that follows its KPIs once their links have changed."""
    if "kpis" in changed and goal.progress_mode == "kpi":
        recompute(ctx, goal)


def recompute(ctx: Context, goal: Any) -> None:
    """Write progress and status where they have changed."""
    before = (goal.progress_pct, goal.status)
    compute(goal, ctx.today, Overrides.load(ctx.today))
    if (goal.progress_pct, goal.status) != before:
        Goal.objects.filter(pk=goal.pk).update(progress_pct=goal.progress_pct, status=goal.status)


def prepare_value_outcome(ctx: Context, outcome: Any, changed: set[str], _links: Links) -> None:
    """Date a verification on the day its name is given; refuse one of days to come (VAL-12)."""
    if (
        "verified_by" in changed
        and "verified_on" not in changed
        and outcome.verified_by_id
        and outcome.verified_on is None
    ):
        outcome.verified_on = ctx.today
    if "verified_on" in changed and outcome.verified_on is not None and outcome.verified_on > ctx.today:
        raise Invalid.fields({"verified_on": "A verification cannot be dated in the future."})


def other_source(_ctx: Context) -> str:
    """Default where a priority was heard to somewhere else."""
    return CustomerPriority.Source.OTHER.value


def prepare_priority(ctx: Context, priority: Any, changed: set[str], _links: Links) -> None:
    """Take the fiscal year from the date; at most three priorities a year (TRK-24), a new one last."""
    limits = settings_in_force()
    if priority.fiscal_year is None:
        start = limits["book.fiscal_year_start_month"]
        priority.fiscal_year = priority.on.year + (1 if start > 1 and priority.on.month >= start else 0)
    if priority._state.adding:
        there = CustomerPriority.objects.filter(
            account_id=priority.account_id, fiscal_year=priority.fiscal_year, deleted_at__isnull=True
        ).values_list("rank", flat=True)
        if len(there) >= limits["priority.max"]:
            raise Invalid.fields({"rank": f"{priority.fiscal_year} already has {len(there)} priorities."})
        if priority.rank is None:
            priority.rank = min(set(CustomerPriority.Rank.values) - set(there))
