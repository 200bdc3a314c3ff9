"""Reads of the C section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q

from trackline.choose.models import Play
from trackline.choose.rules.states import OPEN_PLAYS

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], _today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's C checks by account, in one query."""
    opened = Q(status__in=OPEN_PLAYS)
    rows = Play.objects.filter(ALIVE, account__in=ids).order_by().values("account").annotate(
        open=Count("pk", filter=opened, distinct=True),
        owned=Count("pk", filter=opened & Q(owner__isnull=False, due_on__isnull=False), distinct=True),
        with_route=Count("pk", filter=opened & Q(routes__isnull=False, routes__deleted_at__isnull=True), distinct=True),
        with_assignment=Count(
            "pk", filter=Q(assignments__isnull=False, assignments__deleted_at__isnull=True), distinct=True
        ),
    )  # fmt: skip
    return {row.pop("account"): row for row in rows}
