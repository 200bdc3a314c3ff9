"""Reads of the R section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet

from trackline.accounts.models import Kpi
from trackline.accounts.settings import setting, settings_in_force, several
from trackline.kit.statements import NUMBERS, Statement
from trackline.reveal.models import Goal
from trackline.reveal.rules.progress import CLOSED

ACTIVE = Q(deleted_at__isnull=True) & ~Q(status__in=CLOSED)


def with_rhythm(goals: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate `last`, the day of the newest check-in, and `lagging`: KPIs are linked and all of them lag."""
    linked = Kpi.objects.filter(goals=OuterRef("pk"), deleted_at__isnull=True)
    only_lagging = Q(Exists(linked)) & ~Q(Exists(linked.exclude(kind="lagging")))
    annotated: QuerySet[Any] = goals.annotate(
        last=Max("check_ins__on", filter=Q(check_ins__deleted_at__isnull=True)),
        lagging=ExpressionWrapper(only_lagging, output_field=BooleanField()),
    )
    return annotated


def checkin_days(*, lagging: bool) -> int:
    """Return after how many days a goal's check-in is overdue. Source: REV-07."""
    return int(setting("goal.checkin_lagging_days" if lagging else "goal.checkin_days"))


def past_rhythm(today: date, late: Callable[[date], Q]) -> Q:
    """Return the filter, on goals `with_rhythm`, for those that are `late` by the last day their rhythm allows."""
    limits = several("goal.checkin_days", "goal.checkin_lagging_days")
    often, seldom = (today - timedelta(days=int(days)) for days in limits.values())
    return Q(lagging=False) & late(often) | Q(lagging=True) & late(seldom)


def check_in_overdue(today: date) -> Q:
    """Return the filter, on active goals `with_rhythm`, for those whose check-in is overdue; the first one is due from their
    start on. Source: REV-07."""
    return past_rhythm(
        today, lambda day: Q(last__lt=day) | Q(last__isnull=True) & (Q(start_on__lt=day) | Q(start_on__isnull=True))
    )


def completeness_facts(ids: list[int], _today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's R checks by account, in two queries."""
    limits = settings_in_force()
    facts: dict[int, dict[str, Any]] = {
        pk: {"warn_min": limits["goals.warn_min"], "warn_max": limits["goals.warn_max"]} for pk in ids
    }
    for pk, *values in _facts.rows(ids):
        facts[pk].update(zip(_FACTS, values, strict=True))
    return facts


_FACTS = ("goals", "measured", "with_kpi", "with_objective")
_facts = Statement(
    lambda ids: (
        Goal.objects.filter(ACTIVE, account__in=ids)
        .order_by()
        .values_list("account")
        .annotate(
            goals=Count("pk", distinct=True),
            measured=Count("pk", filter=~Q(baseline=F("target")), distinct=True),
            with_kpi=Count("pk", filter=Q(kpis__deleted_at__isnull=True, kpis__isnull=False), distinct=True),
            with_objective=Count(
                "pk", filter=Q(objectives__deleted_at__isnull=True, objectives__isnull=False), distinct=True
            ),
        )
    ),
    NUMBERS,
)
"""Compiled once: it runs with every write on an account."""
