"""Many records of one type at once: checked like any write, kept with their history, without a query each.

Only for types whose room adds nothing to a new record.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Kpi, Metric
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.parsing import parse_values
from trackline.kit.records.text import search_text
from trackline.kit.records.types import RecordType

_AT_ONCE = 500


def create(rtype: RecordType, rows: Iterable[tuple[Context, dict[str, Any]]]) -> int:
    """Write records from JSON values, each in its own context, and return how many. Raises `Invalid` for a bad row."""
    made, contexts = [], []
    for ctx, data in rows:
        values = parse_values(rtype, data, "json", creating=True)
        columns = {f"{name}_id" if rtype.specs[name].kind == "ref" else name: value for name, value in values.items()}
        record = rtype.model(
            **columns,
            created_at=ctx.now,
            updated_at=ctx.now,
            created_by_id=ctx.actor.user_id,
            updated_by_id=ctx.actor.user_id,
        )
        record.search_text = search_text(rtype, record)
        made.append(record)
        contexts.append(ctx)
    rtype.model._default_manager.bulk_create(made, batch_size=_AT_ONCE)
    Change.objects.bulk_create(
        [
            Change(
                at=ctx.now,
                actor_id=ctx.actor.user_id,
                via=ctx.via,
                action=Change.Action.CREATE,
                record_type=rtype.name,
                record_id=record.pk,
                account_id=rtype.account_of(record),
                title=str(record)[:250],
                batch=ctx.batch,
            )
            for ctx, record in zip(contexts, made, strict=True)
        ],
        batch_size=_AT_ONCE,
    )
    return len(made)


def metric_ids() -> dict[str, int]:
    """Return the ids of the book's metrics by code."""
    return dict(Metric.objects.filter(deleted_at__isnull=True).values_list("key", "pk"))


def kpi_metrics() -> dict[int, int]:
    """Return the metric of each KPI."""
    return dict(Kpi.objects.filter(deleted_at__isnull=True).values_list("pk", "metric_id"))


def plain(value: Any) -> Any:
    """Return a value as JSON would hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def decimal(value: float) -> Decimal:
    """Return the decimal that a number is written as."""
    return Decimal(str(value))
