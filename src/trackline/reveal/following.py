"""Keeps goals that follow their KPIs in step with them (REV-03)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trackline.accounts.models import Kpi
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.services.measures import kpi_listeners
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.reveal.goals import compute
from trackline.reveal.models import Goal

ENDS = frozenset({"baseline", "target"})
"""Fields of a KPI that move its progress, beside its current value."""


def listen() -> None:
    """Subscribe to new values of KPIs, and to writes of the KPIs themselves."""
    kpi_listeners.append(_on_values)
    records.subscribers.append(_on_write)


def _on_values(ctx: Context, kpis: Sequence[Kpi]) -> None:
    _follow(ctx, [kpi.pk for kpi in kpis])


def _on_write(ctx: Context, event: records.WriteEvent) -> None:
    if event.rtype.name == "kpi" and (event.action in ("delete", "restore") or event.changed & ENDS):
        _follow(ctx, [event.record.pk])


def _follow(ctx: Context, kpi_ids: Iterable[int]) -> None:
    """Recompute the goals that these KPIs measure. A new status has its line in the history, progress alone has none."""
    goals = Goal.objects.filter(progress_mode="kpi", deleted_at__isnull=True, goalkpi__kpi__in=kpi_ids)
    overrides = None
    for goal in goals.exclude(status="cancelled").select_related("account").distinct():
        overrides = overrides or Overrides.load(ctx.today)
        before = goal.progress_pct, goal.status
        compute(goal, ctx.today, overrides)
        if goal.status != before[1]:
            records.update(ctx, registry.get("goal"), goal.pk, {})
        elif goal.progress_pct != before[0]:
            Goal.objects.filter(pk=goal.pk).update(progress_pct=goal.progress_pct)
