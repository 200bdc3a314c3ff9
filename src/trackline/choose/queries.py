"""Reads of the C section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q

from trackline.choose.models import Play
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kit.statements import NUMBERS, Statement

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], _today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's C checks by account, in one query."""
    return {pk: dict(zip(_FACTS, values, strict=True)) for pk, *values in _facts.rows(ids)}


_FACTS = ("open", "owned", "with_route", "with_assignment")
_OPENED = Q(status__in=OPEN_PLAYS)
_facts = Statement(
    lambda ids: (
        Play.objects.filter(ALIVE, account__in=ids)
        .order_by()
        .values_list("account")
        .annotate(
            open=Count("pk", filter=_OPENED, distinct=True),
            owned=Count("pk", filter=_OPENED & Q(owner__isnull=False, due_on__isnull=False), distinct=True),
            with_route=Count(
                "pk", filter=_OPENED & Q(routes__isnull=False, routes__deleted_at__isnull=True), distinct=True
            ),
            with_assignment=Count(
                "pk", filter=Q(assignments__isnull=False, assignments__deleted_at__isnull=True), distinct=True
            ),
        )
    ),
    NUMBERS,
)
"""Compiled once: it runs with every write on an account."""
