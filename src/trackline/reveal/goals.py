"""Progress and status of goals, as the rule of their progress says under the figures in force (REV-03, REV-04)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Prefetch, QuerySet

from trackline.accounts.rulebook.carried import CarriedRule, Carrier, register_carried
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Explained, InForce
from trackline.core.playbook.feeds import file_feeds
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal, GoalKpi
from trackline.reveal.rules import progress as rules
from trackline.reveal.rules.goal import BANDS, goal_progress


def figures_for(account: Any, overrides: Overrides, today: date) -> InForce:
    """Return the figures that goals of an account are judged by: those for it, for its tier, or for all."""
    return overrides.in_force(goal_progress, today, tier=account.tier, account_id=account.pk)


def compute(goal: Any, today: date, overrides: Overrides) -> None:
    """Set progress and, unless set by hand, status."""
    given = read_inputs(goal_progress.inputs, inputs_of(goal))
    found = goal_progress.explain(given, figures_for(goal.account, overrides, today), today)
    if goal.progress_mode != Goal.ProgressMode.MANUAL:
        goal.progress_pct = None if found.value is None else round(Decimal(found.value), 4)
    if goal.status_mode == Goal.Mode.AUTO:
        goal.status = _status(found) or Goal.Status.NOT_STARTED.value


def inputs_of(goal: Any) -> Mapping[str, Any]:
    """Return what the rule takes of a goal; where progress itself is given it is the way from 0 to 100 %."""
    dates = {"start_on": goal.start_on, "due_on": goal.due_on}
    if goal.progress_mode == Goal.ProgressMode.VALUE:
        ends = {name: getattr(goal, name) for name in ("baseline", "target", "current")}
        # What an undo brings back is text until it is saved.
        return {name: None if value is None else Decimal(value) for name, value in ends.items()} | dates
    known = goal.progress_pct if goal.progress_mode == Goal.ProgressMode.MANUAL else _of_kpis(goal)
    return {"baseline": 0, "target": 100, "current": known} | dates


def _of_kpis(goal: Any) -> Decimal | None:
    parts = []
    links = goal.goalkpi_set.all() if "goalkpi_set" in getattr(goal, "_prefetched_objects_cache", {}) else _links(goal)
    for link in links:
        kpi = link.kpi
        if kpi.baseline is not None and kpi.target is not None:
            raw = rules.raw_progress(kpi.baseline, kpi.target, kpi.current)
            if raw is not None:
                parts.append((Decimal(link.weight), rules.clamp(raw)))
    return rules.kpi_progress(parts)


def _links(goal: Any) -> QuerySet[GoalKpi]:
    of_goal = GoalKpi.objects.filter(kpi__deleted_at__isnull=True).select_related("kpi")
    return of_goal.filter(goal_id=goal.pk) if goal.pk else of_goal.none()


def with_kpis(goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Read goals with all that their progress rests on, in a fixed number of queries."""
    links = GoalKpi.objects.filter(kpi__deleted_at__isnull=True).select_related("kpi")
    return goals.select_related("account").prefetch_related(Prefetch("goalkpi_set", queryset=links))


def refresh_goals(ctx: Context, account_ids: Iterable[int]) -> int:
    """Bring status and progress of active goals up to the day; return how many changed."""
    overrides = Overrides.load(ctx.today)
    rows = Goal.objects.filter(account_id__in=list(account_ids), deleted_at__isnull=True)
    changed = 0
    for goal in with_kpis(rows.exclude(status__in=("cancelled", "achieved"))):
        before = (goal.progress_pct, goal.status)
        compute(goal, ctx.today, overrides)
        if (goal.progress_pct, goal.status) != before:
            records.update(ctx, registry.get("goal"), goal.pk, {})
            changed += 1
    return changed


# -- the rulebook ------------------------------------------------------------------------------------------------------


def carriers(account_ids: Sequence[int], _on: date) -> Iterator[Carrier]:
    """Yield the goals of accounts whose status follows the rule, in two queries."""
    rows = Goal.objects.filter(account_id__in=account_ids, deleted_at__isnull=True, status_mode=Goal.Mode.AUTO)
    for goal in with_kpis(rows.exclude(status=Goal.Status.CANCELLED).order_by("account_id", "pk")):
        yield Carrier(goal.account_id, goal.pk, goal.title, inputs_of(goal))


def _status(found: Explained) -> str | None:
    status: str | None = found.details["status"]
    return status


def _held(account_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    rows = Goal.objects.filter(account_id__in=account_ids, deleted_at__isnull=True, status_mode=Goal.Mode.AUTO)
    rows = rows.exclude(status=Goal.Status.CANCELLED)
    return {pk: (status, BANDS[status] or "") for pk, status in rows.values_list("pk", "status")}


def register_all() -> None:
    """Have adjusted figures of the rule reach the goals, and its preview tell of them."""
    feeds = file_feeds(Path(__file__).parent / "rules" / "feeds.yaml")[goal_progress.id]
    register_carried(CarriedRule(goal_progress, "goal", carriers, refresh_goals, _status, _held, feeds))
