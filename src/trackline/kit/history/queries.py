"""Reads of the ledger: the history of a record, the changes of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.links import crossing, hidden
from trackline.kit.records.ordering import foreign, pack, unpack
from trackline.kit.records.types import RecordType, registry


def history_of(rtype: RecordType, pk: int) -> QuerySet[Any]:
    """Return the changes of a record, newest first, with their authors."""
    return Change.objects.filter(record_type=rtype.name, record_id=pk).select_related("actor").order_by("-id")


def changes_of_account(ctx: Context, account_id: int) -> QuerySet[Any]:
    """Return the changes of the records of an account that the actor may read, newest first, with their authors."""
    rows = Change.objects.filter(readable(ctx), account_id=account_id)
    return rows.select_related("actor").order_by("-at", "-id")


def readable(ctx: Context) -> Q:
    """Return the condition of changes of records that the actor may see; their account has to be in scope."""
    found = Q()
    for rtype in registry.all():
        if rtype.seen is not None and (seen := rtype.seen(ctx.actor)):
            out = rtype.model.objects.exclude(seen).values("pk")
            found &= ~Q(record_type=rtype.name, record_id__in=out)
    return found


@dataclass(frozen=True)
class ChangePage:
    """JSON-ready changes and the cursor of the next page, or None at the end."""

    items: list[dict[str, Any]]
    next: str | None


def history_page(ctx: Context, rtype: RecordType, pk: int, limit: int, cursor: str = "") -> ChangePage:
    """Return a page of a record's history. The caller has made sure that the record is in scope."""
    return _page(ctx, history_of(rtype, pk), limit, cursor)


def account_page(ctx: Context, account_id: int, limit: int, cursor: str = "") -> ChangePage:
    """Return a page of the timeline of an account. The caller has made sure that the account is in scope."""
    return _page(ctx, changes_of_account(ctx, account_id), limit, cursor)


Out = frozenset[tuple[str, int]]


def change_to_json(change: Any, out: Out = frozenset()) -> dict[str, Any]:
    """Return a change as the API shows it; records `out` of scope, by type and id, are left out of its values."""
    rtype = registry.find(change.record_type)
    return {
        "id": str(change.pk),
        "at": change.at,
        "by": {"id": str(change.actor_id), "name": change.actor.name} if change.actor else None,
        "via": change.via,
        "action": change.action,
        "record": {
            "type": change.record_type,
            "resource": rtype.resource if rtype else None,
            "id": str(change.record_id),
            "title": change.title,
        },
        "version": change.version,
        "note": change.note,
        "batch": str(change.batch) if change.batch else None,
        "changes": [
            {"field": name, "from": _value(rtype, name, old, out), "to": _value(rtype, name, new, out)}
            for name, (old, new) in change.changes.items()
        ],
    }


def _page(ctx: Context, query: QuerySet[Any], limit: int, cursor: str) -> ChangePage:
    query = query.order_by("-at", "-id")
    if cursor:
        at, pk = _place(cursor)
        query = query.filter(Q(at__lte=at) & (Q(at__lt=at) | Q(pk__lt=pk)))
    rows = list(query[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    out = _hidden(ctx, rows)
    following = pack([rows[-1].at.isoformat(), rows[-1].pk]) if more else None
    return ChangePage([change_to_json(row, out) for row in rows], following)


def _place(cursor: str) -> tuple[datetime, int]:
    values = unpack(cursor)
    try:
        at, pk = datetime.fromisoformat(values[0]), values[1]
        if type(pk) is not int or abs(pk) >= 2**63 or at.tzinfo is None or not 1 < at.year < 9999:
            raise ValueError
    except (ValueError, TypeError, IndexError, OverflowError):
        raise foreign() from None
    return at, pk


def _value(rtype: RecordType | None, name: str, value: Any, out: Out) -> Any:
    spec = rtype.specs.get(name) if rtype else None
    if spec is None:
        return value
    if spec.kind == "ref" and (spec.target, value) in out:
        return None
    return spec.to_json(spec.from_ledger(value)) if value is not None or spec.many else None


def _hidden(ctx: Context, rows: list[Any]) -> Out:
    """The records that these changes name and the actor must not know of."""
    if ctx.actor.visible is None:
        return frozenset()
    named: dict[str, set[int]] = {}
    for row in rows:
        rtype = registry.find(row.record_type)
        for name, target in crossing(rtype).items() if rtype else ():
            named.setdefault(target, set()).update(
                value for value in row.changes.get(name, ()) if isinstance(value, int)
            )
    return frozenset((target, pk) for target, ids in named.items() for pk in hidden(ctx, target, ids))
