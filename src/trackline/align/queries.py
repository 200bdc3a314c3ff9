"""Reads of the A section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q

from trackline.align.models import Route
from trackline.align.rules.gate import OPEN

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], _today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's A checks by account, in one query."""
    opened, won = Q(state__in=OPEN), Q(state="won")
    described = opened & Q(value__isnull=False, probability__isnull=False)
    with_project = won & Q(projects__isnull=False, projects__deleted_at__isnull=True)
    rows = Route.objects.filter(ALIVE, account__in=ids).order_by().values("account").annotate(
        open=Count("pk", filter=opened, distinct=True),
        described=Count("pk", filter=described, distinct=True),
        won=Count("pk", filter=won, distinct=True),
        won_with_project=Count("pk", filter=with_project, distinct=True),
    )  # fmt: skip
    return {row.pop("account"): row for row in rows}
