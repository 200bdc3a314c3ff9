"""Reads of the R section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Q

from trackline.accounts.settings import settings_in_force
from trackline.kit.statements import NUMBERS, Statement
from trackline.reveal.models import Goal
from trackline.reveal.rules.progress import CLOSED

ACTIVE = Q(deleted_at__isnull=True) & ~Q(status__in=CLOSED)


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
