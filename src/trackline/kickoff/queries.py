"""Reads of the K section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from trackline.kickoff.models import Cadence, CadenceParticipant, ExecutionMetric, Meeting

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's K checks by account, in two queries."""
    start = datetime(today.year, today.month, today.day, tzinfo=UTC)
    ahead = Meeting.objects.filter(ALIVE, cadence=OuterRef("pk"), status="scheduled", at__gte=start)
    cadences = Cadence.objects.filter(ALIVE, account__in=ids, active=True).annotate(
        has_people=Exists(CadenceParticipant.objects.filter(cadence=OuterRef("pk"))), has_next=Exists(ahead)
    )
    scheduled = ~Q(frequency="ad_hoc")
    rows = cadences.order_by().values("account").annotate(
        active_count=Count("pk"),
        staffed=Count("pk", filter=Q(has_people=True)),
        scheduled=Count("pk", filter=scheduled),
        with_next=Count("pk", filter=scheduled & Q(has_next=True)),
    )  # fmt: skip
    facts: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    for row in rows:
        row["active"] = row.pop("active_count")
        facts[row.pop("account")].update(row)
    metrics: Any = ExecutionMetric.objects.filter(ALIVE, account__in=ids).order_by().values_list("account")
    for pk, count in metrics.annotate(count=Count("pk")):
        facts[pk]["metrics"] = count
    return facts
