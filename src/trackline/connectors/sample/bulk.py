"""Many records of one type at once: shaped and prepared like any write, kept with their history, without a query each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from trackline.accounts.models import Kpi, Metric
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.parsing import parse_values
from trackline.kit.records.text import search_text
from trackline.kit.records.types import RecordType

_AT_ONCE = 500


class Row(NamedTuple):
    """A record to be made: in which context, from which JSON values, of which account (its id)."""

    ctx: Context
    data: dict[str, Any]
    account: int | None


def create(rtype: RecordType, rows: Iterable[Row], *, prepare: bool = True) -> list[Any]:
    """Write complete records, each in its own context, and return them. Raises what the room's `prepare` refuses.

    References are taken as they are, and `after` hooks are the caller's to run.
    """
    rows = list(rows)
    made, wanted = [], []
    for row in rows:
        record, links = _record(rtype, row, prepare)
        made.append(record)
        wanted.append(links)
    rtype.model._default_manager.bulk_create(made, batch_size=_AT_ONCE)
    for name in rtype.links:
        _link(rtype, name, [(record.pk, links.get(name, [])) for record, links in zip(made, wanted, strict=True)])
    Change.objects.bulk_create(
        [_entry(rtype, row, record) for row, record in zip(rows, made, strict=True)], batch_size=_AT_ONCE
    )
    return made


def _record(rtype: RecordType, row: Row, prepare: bool) -> tuple[Any, dict[str, list[int]]]:
    ctx = row.ctx
    values = parse_values(rtype, row.data, "json", creating=True)
    for name, default in rtype.defaults.items():
        if name not in values and (value := default(ctx)) is not None:
            values[name] = value
    links = {name: values.pop(name) for name in rtype.links if name in values}
    columns = {f"{name}_id" if rtype.specs[name].kind == "ref" else name: value for name, value in values.items()}
    by = ctx.actor.user_id
    record = rtype.model(**columns, created_at=ctx.now, updated_at=ctx.now, created_by_id=by, updated_by_id=by)
    if prepare and rtype.prepare:
        rtype.prepare(ctx, record, set(values) | set(links), links)
    record.search_text = search_text(rtype, record)
    return record, links


def _link(rtype: RecordType, name: str, wanted: list[tuple[int, list[int]]]) -> None:
    field: Any = rtype.model._meta.get_field(name)
    through = field.remote_field.through
    here, there = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    through._default_manager.bulk_create(
        [through(**{here: pk, there: target}) for pk, targets in wanted for target in targets], batch_size=_AT_ONCE
    )


def _entry(rtype: RecordType, row: Row, record: Any) -> Change:
    return Change(
        at=row.ctx.now,
        actor_id=row.ctx.actor.user_id,
        via=row.ctx.via,
        action=Change.Action.CREATE,
        record_type=rtype.name,
        record_id=record.pk,
        account_id=row.account,
        title=str(record)[:250],
        batch=row.ctx.batch,
    )


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
