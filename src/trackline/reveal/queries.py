"""Reads of the R section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Q

from trackline.accounts.settings import settings_in_force
from trackline.reveal.models import Goal
from trackline.reveal.rules.progress import CLOSED

ACTIVE = Q(deleted_at__isnull=True) & ~Q(status__in=CLOSED)


def completeness_facts(ids: list[int], _today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's R checks by account, in two queries."""
    limits = settings_in_force()
    facts: dict[int, dict[str, Any]] = {
        pk: {"warn_min": limits["goals.warn_min"], "warn_max": limits["goals.warn_max"]} for pk in ids
    }
    linked_kpi = Q(kpis__deleted_at__isnull=True, kpis__isnull=False)
    linked_objective = Q(objectives__deleted_at__isnull=True, objectives__isnull=False)
    rows = Goal.objects.filter(ACTIVE, account__in=ids).order_by().values("account").annotate(
        goals=Count("pk", distinct=True),
        measured=Count("pk", filter=~Q(baseline=F("target")), distinct=True),
        with_kpi=Count("pk", filter=linked_kpi, distinct=True),
        with_objective=Count("pk", filter=linked_objective, distinct=True),
    )  # fmt: skip
    for row in rows:
        facts[row.pop("account")].update(row)
    return facts
