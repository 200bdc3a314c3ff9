"""Make an account large: copies of the records it has, until there are as many as asked for."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

OBSERVATIONS = 20_000
SIZES: Mapping[str, int] = {
    "business_unit": 10, "contact": 200, "relationship_line": 60, "kpi": 30, "issue": 40, "risk": 40, "note": 100,
    "interaction": 300, "health_snapshot": 24, "journey_score": 60, "pain_point": 30, "competitor": 8,
    "response": 60, "goal": 20, "check_in": 200, "customer_priority": 12, "value_outcome": 40, "route": 100,
    "project": 20, "contract": 12, "contract_item": 60, "play": 50, "step": 300, "cadence": 12, "meeting": 240,
    "decision": 60, "action": 120, "execution_metric": 7, "execution_reading": 60,
}  # fmt: skip
"""How many records of each type a large account has; those it points at stay the same."""
SHIFTED = {"health_snapshot": "on", "journey_score": "on", "execution_reading": "period_start", "meeting": "at"}
"""The day by which copies differ, where records of one day may not stand twice."""
PAIRED = {"relationship_line"}
"""Records between two people: a copy joins two others."""


def grow(account: Any, sizes: Mapping[str, int] = SIZES, observations: int = OBSERVATIONS) -> None:
    """Give an account as many records as `sizes` say, written in bulk: history, search and scores do not hear of it."""
    from trackline.kit.records.types import registry

    for name, count in sizes.items():
        rtype = registry.get(name)
        alive = rtype.model._default_manager.filter(deleted_at__isnull=True, **{rtype.account_pk_path: account.pk})
        rows = list(alive.order_by("pk"))
        if rows and name not in PAIRED:
            made = [_copied(rtype, rows[at % len(rows)], at) for at in range(len(rows), count)]
            if (day := SHIFTED.get(name)) is not None:
                first = min(getattr(row, day) for row in rows)
                for back, one in enumerate(made, start=1):
                    setattr(one, day, first - timedelta(days=back))
            rtype.model._default_manager.bulk_create(made, batch_size=500)
    _join_people(account, sizes["relationship_line"])
    _read(account, observations)


def _copied(rtype: Any, row: Any, at: int) -> Any:
    made = copy.copy(row)
    made._state = copy.copy(row._state)
    made.pk, made._state.adding = None, True
    if rtype.name not in SHIFTED and isinstance(title := getattr(row, rtype.title, None), str):
        setattr(made, rtype.title, f"{title[:80]} {at}")
    if rtype.name == "customer_priority":
        made.fiscal_year = 1000 + at
    if rtype.name == "contact":
        made.email = ""
    if rtype.name == "response":
        made.contact = None
    if rtype.name == "kpi":
        made.metric = _metric(row, at)
    return made


def _metric(kpi: Any, at: int) -> Any:
    from trackline.accounts.models import Metric

    stamps = {"created_at": kpi.created_at, "updated_at": kpi.updated_at}
    return Metric.objects.create(key=f"large_{kpi.account_id}_{at}", name=f"{kpi.name} {at}", account=kpi.account, unit=kpi.unit, **stamps)  # fmt: skip


def _join_people(account: Any, count: int) -> None:
    from trackline.accounts.models import Contact, RelationshipLine

    people = list(Contact.objects.filter(account=account, deleted_at__isnull=True).order_by("pk"))
    boss, stamps = people[0], {"created_at": people[0].created_at, "updated_at": people[0].updated_at}
    for at, one in enumerate(people[1:]):
        one.reports_to = people[at // 6] if at // 6 < len(people) else boss
    Contact.objects.bulk_update(people[1:], ["reports_to"], batch_size=200)
    known = set(RelationshipLine.objects.filter(account=account).values_list("contact", "toward"))
    kinds = RelationshipLine.Kind.values
    lines = [
        RelationshipLine(account=account, contact=one, toward=other, kind=kinds[at % len(kinds)], **stamps)
        for at, (one, other) in enumerate(zip(people, people[7:], strict=False))
        if (one.pk, other.pk) not in known
    ]
    RelationshipLine.objects.bulk_create(lines[: max(count - len(known), 0)])


def _read(account: Any, count: int) -> None:
    """Give each metric that the account has readings of, or a KPI for, one reading a day until there are `count` in all."""
    from django.utils import timezone

    from trackline.accounts.models import Kpi, Observation

    rows = Observation.objects.filter(account=account, deleted_at__isnull=True)
    have = set(rows.values_list("metric_id", "on"))
    metrics = sorted(
        {metric for metric, _ in have}
        | set(Kpi.objects.filter(account=account, deleted_at__isnull=True).values_list("metric_id", flat=True))
    )
    newest = dict(rows.order_by("on").values_list("metric_id", "value"))
    first = rows.order_by("pk").values("created_at", "updated_at").first() or {}
    made: list[Any] = []
    back, missing, today = 1, count - len(have), timezone.localdate()
    while len(made) < missing:
        on = today - timedelta(days=back)
        for metric in metrics:
            if (metric, on) not in have and len(made) < missing:
                value = newest.get(metric, Decimal(50)) + Decimal(back * 7 % 11)
                made.append(Observation(account=account, metric_id=metric, on=on, value=value, **first))
        back += 1
    Observation.objects.bulk_create(made, batch_size=1000)
