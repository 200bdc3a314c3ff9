"""Reads of the K section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from trackline.kickoff.models import Cadence, CadenceParticipant, ExecutionMetric, Meeting
from trackline.kit.statements import MOMENT, NUMBERS, Statement

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's K checks by account, in two queries."""
    start = datetime(today.year, today.month, today.day, tzinfo=UTC)
    facts: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    for pk, *values in _cadences.rows(ids, start):
        facts[pk].update(zip(_FACTS, values, strict=True))
    for pk, count in _metrics.rows(ids):
        facts[pk]["metrics"] = count
    return facts


def _facts(ids: Any, start: Any) -> Any:
    ahead = Meeting.objects.filter(ALIVE, cadence=OuterRef("pk"), status="scheduled", at__gte=start)
    cadences = Cadence.objects.filter(ALIVE, account__in=ids, active=True).annotate(
        has_people=Exists(CadenceParticipant.objects.filter(cadence=OuterRef("pk"))), has_next=Exists(ahead)
    )
    scheduled = ~Q(frequency="ad_hoc")
    return cadences.order_by().values_list("account").annotate(
        active_count=Count("pk"),
        staffed=Count("pk", filter=Q(has_people=True)),
        scheduled=Count("pk", filter=scheduled),
        with_next=Count("pk", filter=scheduled & Q(has_next=True)),
    )  # fmt: skip


_FACTS = ("active", "staffed", "scheduled", "with_next")
# Compiled once: these run with every write on an account.
_cadences = Statement(_facts, NUMBERS, MOMENT)
_metrics = Statement(
    lambda ids: (
        ExecutionMetric.objects.filter(ALIVE, account__in=ids)
        .order_by()
        .values_list("account")
        .annotate(count=Count("pk"))
    ),
    NUMBERS,
)
