"""One change to many records: one transaction, rights and rules per record, one undo for all of it.

A record that refuses is left as it is and listed with its reason; the others change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound, Problem
from trackline.kit.records import services
from trackline.kit.records.parsing import Parse, parse_values
from trackline.kit.records.types import RecordType, registry

MOST = 2000
"""Records that one call changes; more are a job for an import file."""

Values = Mapping[str, Any] | Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Refusal:
    """A record that was left as it is, by id and title, and why."""

    pk: int
    title: str
    reason: str


@dataclass
class BulkResult:
    """What a bulk change did; `batch` undoes it, if it changed anything."""

    batch: uuid.UUID
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def create_many(
    ctx: Context, rtype: RecordType, rows: Sequence[Mapping[str, Any]], *, parse: Parse = None
) -> BulkResult:
    """Create several records of a type in one batch."""
    ctx.require(rtype.write_permission)
    if len(rows) > MOST:
        raise Invalid.fields({"__all__": f"At most {MOST} records are made at once; these would be {len(rows)}."})
    result = BulkResult(uuid.uuid4())
    batched = replace(ctx, batch=result.batch)
    with transaction.atomic():
        for row in rows:
            try:
                with transaction.atomic():
                    result.changed.append(str(services.create(batched, rtype, row, parse=parse)))
            except Problem as problem:
                result.refused.append(Refusal(0, rtype.label, _reason(problem)))
    return result


def update_many(
    ctx: Context,
    rtype: RecordType,
    pks: Iterable[Any],
    data: Values,
    *,
    parse: Parse = None,
    batch: uuid.UUID | None = None,
) -> BulkResult:
    """Change the same fields of many records. `data` may be a function of the record, for what adds to a list; `batch` joins
    what else is changed as one."""
    ctx.require(rtype.write_permission)
    if not callable(data):
        # An error in the value itself is told once, not for each record.
        parse_values(rtype, data, parse, creating=False)

    def write(batched: Context, record: Any) -> bool:
        before = record.version
        values = data(record) if callable(data) else data
        return bool(services.update(batched, rtype, record.pk, values, parse=parse).version != before)

    return _each(ctx, rtype, pks, write, batch)


def delete_many(ctx: Context, rtype: RecordType, pks: Iterable[Any]) -> BulkResult:
    """Delete many records and what belongs to them."""
    ctx.require(rtype.write_permission)

    def write(batched: Context, record: Any) -> bool:
        services.delete(batched, rtype, record.pk)
        return True

    result = _each(ctx, rtype, pks, write)
    moved = bool(result.changed)
    while moved and result.refused:
        # What only waited for another of the chosen ones, a parent for its children, can go now.
        again = _each(ctx, rtype, [refusal.pk for refusal in result.refused], write, result.batch)
        moved = bool(again.changed)
        result.changed += again.changed
        result.refused = again.refused
    return result


def undo_batch(ctx: Context, batch: uuid.UUID) -> BulkResult:
    """Take back all changes of a batch, newest first. What was changed again since stays and is listed."""
    result = BulkResult(uuid.uuid4())
    undoing = replace(ctx, batch=result.batch)
    changes = list(Change.objects.filter(batch=batch).order_by("-id")[: MOST * 4])
    if not changes:
        raise NotFound("There is nothing to undo.")
    with transaction.atomic():
        if services.take_back_whole(ctx, batch):
            result.changed += [change.title for change in changes if change.action == Change.Action.DELETE]
            return result
        for change in changes:
            rtype = registry.find(change.record_type)
            if rtype is None:
                continue
            ctx.require(rtype.write_permission)
            try:
                with transaction.atomic():
                    services.undo(undoing, change.pk)
                result.changed.append(change.title)
            except NotFound:
                continue  # outside the actor's accounts it does not exist, nor does its title
            except Problem as problem:
                result.refused.append(Refusal(change.record_id, change.title, problem.detail))
    if not result.changed and not result.refused:
        raise NotFound("There is nothing to undo.")
    return result


def _each(
    ctx: Context,
    rtype: RecordType,
    pks: Iterable[Any],
    write: Callable[[Context, Any], bool],
    batch: uuid.UUID | None = None,
) -> BulkResult:
    wanted = list(dict.fromkeys(int(pk) for pk in pks if str(pk).isdecimal() and len(str(pk)) < 19))
    if not wanted:
        raise Invalid.fields({"ids": "Choose at least one record."})
    if len(wanted) > MOST:
        raise Invalid.fields({"ids": f"At most {MOST} records are changed at once; {len(wanted)} were chosen."})
    result = BulkResult(batch or uuid.uuid4())
    batched = replace(ctx, batch=result.batch)
    found = rtype.model.objects.filter(rtype.scope(ctx.actor), pk__in=wanted, deleted_at__isnull=True).in_bulk()
    with transaction.atomic():
        for pk in wanted:
            record = found.get(pk)
            if record is None:
                result.refused.append(Refusal(pk, f"{rtype.label} {pk}", f"There is no {rtype.label.lower()} {pk}."))
                continue
            try:
                with transaction.atomic():
                    moved = write(batched, record)
                (result.changed if moved else result.unchanged).append(str(record))
            except Problem as problem:
                result.refused.append(Refusal(pk, str(record), _reason(problem)))
    return result


def _reason(problem: Problem) -> str:
    messages = [str(error["msg"]) for error in problem.errors if error.get("msg")]
    return " ".join(messages) if isinstance(problem, Invalid) and messages else problem.detail
