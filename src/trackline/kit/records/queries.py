"""The readers of records: one record, a page of a list, JSON-ready rows. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from trackline.kit.policy import READ, Actor, Context
from trackline.kit.problems import BadRequest, NotFound
from trackline.kit.records.external import external_ids_for
from trackline.kit.records.filters import condition
from trackline.kit.records.links import crossing, hidden, linked_ids
from trackline.kit.records.merges import survivor_of
from trackline.kit.records.ordering import Sorting, column_of, foreign, order_keys, read_cursor, write_cursor
from trackline.kit.records.text import normalise
from trackline.kit.records.types import RecordType, registry
from trackline.kit.records.values import storable
from trackline.kit.statements import NUMBER, TEXT, Instances, Selection, Statement

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
BASE = ("id", "created_at", "updated_at", "version")


@dataclass(frozen=True)
class ListParams:
    """What a list asks for: filters by name, search text, order, cursor, size; `deleted` for what can be restored."""

    filters: Mapping[str, str] = field(default_factory=dict)
    q: str = ""
    order: str = ""
    cursor: str = ""
    limit: int = DEFAULT_LIMIT
    deleted: bool = False

    @classmethod
    def of(cls, raw: Mapping[str, str]) -> ListParams:
        """Read query parameters. Raises `BadRequest` for a limit that is not 1–200, and for `deleted` but `only`."""
        rest = dict(raw)
        text = rest.pop("limit", str(DEFAULT_LIMIT))
        if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MAX_LIMIT:
            raise BadRequest(f"limit: a whole number from 1 to {MAX_LIMIT} is expected.", [_error("limit")])
        deleted = rest.pop("deleted", "")
        if deleted not in ("", "only"):
            raise BadRequest("deleted: only is expected.", [_error("deleted")])
        return cls(
            q=rest.pop("q", ""),
            order=rest.pop("order", ""),
            cursor=rest.pop("cursor", ""),
            limit=int(text),
            deleted=bool(deleted),
            filters=rest,
        )


@dataclass(frozen=True)
class Page:
    """JSON-ready rows of a list and the cursor of the next page, or None at the end."""

    items: list[dict[str, Any]]
    next: str | None


def scoped(ctx: Context, rtype: RecordType, *, deleted: bool = False) -> QuerySet[Any]:
    """Return the living records of a type that the actor may see, or the deleted ones that they may restore.

    Raises `Forbidden` without `track:read`, for deleted ones without what a write needs.
    """
    ctx.require(rtype.write_permission if deleted else READ)
    return rtype.model.objects.filter(rtype.scope(ctx.actor), deleted_at__isnull=not deleted)


class WithinScope:
    """A query of what an actor may see of some types, compiled once for each shape that scopes have.

    `make` takes a function from a user's id to an actor with that scope, and returns a `Statement` or `Instances` whose first
    argument is that id, a `NUMBER`. What a type's `seen` asks of an actor may depend on anything: it is compiled each time.
    """

    def __init__(
        self, rtypes: Iterable[RecordType], make: Callable[[Callable[[Any], Actor]], Statement | Instances]
    ) -> None:
        self._make = make
        self._keeps = all(rtype.seen is None for rtype in rtypes)
        self._made: dict[Any, Statement | Instances] = {}

    def rows(self, actor: Actor, *values: Any) -> list[Any]:
        """Return all rows for an actor and these values."""
        if not self._keeps:
            return self._make(lambda _user: actor).rows(actor.user_id or 0, *values)
        nobody = actor.user_id is None  # the program itself
        shape = actor.visible, nobody
        if shape not in self._made:
            self._made[shape] = self._make(lambda user: actor if nobody else replace(actor, user_id=user))
        return self._made[shape].rows(actor.user_id or 0, *values)


def get(ctx: Context, rtype: RecordType, pk: Any) -> Any:
    """Return one record by id (an account also by key), or raise `NotFound`; one that was merged is its survivor."""
    ctx.require(READ)
    for lookup, kind, value in _spellings(rtype, str(pk)):
        found = _record_by(rtype.name, lookup, kind).rows(ctx.actor, value)
        if found:
            return found[0]
    if (survivor := survivor_of(rtype, str(pk))) is not None:
        return get(ctx, rtype, survivor)
    raise NotFound(f"There is no {rtype.label.lower()} {str(pk)[:80]}.")


@cache
def _record_by(name: str, lookup: str, kind: str) -> WithinScope:
    rtype = registry.get(name)
    return WithinScope(
        [rtype],
        lambda actor: Instances(
            rtype.model,
            lambda user, value: rtype.model.objects.filter(
                rtype.scope(actor(user)), deleted_at__isnull=True, **{lookup: value}
            )[:1],
            NUMBER,
            kind,
        ),
    )


@cache
def _id_by(name: str, lookup: str, kind: str, *, deleted: bool) -> WithinScope:
    rtype, alive = registry.get(name), {} if deleted else {"deleted_at__isnull": True}
    return WithinScope(
        [rtype],
        lambda actor: Statement(
            lambda user, value: (
                rtype.model.objects.filter(rtype.scope(actor(user)), **alive, **{lookup: value})
                .order_by("-id")
                .values_list("pk")[:1]
            ),
            NUMBER,
            kind,
        ),
    )


def resolve(ctx: Context, rtype: RecordType, text: str, *, deleted: bool = False) -> int:
    """Return the id that a text in an address means (an id, or an account's key), or raise `NotFound`.

    With `deleted`, a deleted record is found too.
    """
    ctx.require(READ)
    for lookup, kind, value in _spellings(rtype, text):
        found = _id_by(rtype.name, lookup, kind, deleted=deleted).rows(ctx.actor, value)
        if found:
            return int(found[0][0])
    if not deleted and (survivor := survivor_of(rtype, text)) is not None:
        return resolve(ctx, rtype, str(survivor))
    raise NotFound(f"There is no {rtype.label.lower()} {text[:80]}.")


def get_json(ctx: Context, rtype: RecordType, text: str) -> dict[str, Any]:
    """Return one record by id (an account also by key) as the API shows it, or raise `NotFound`."""
    query = scoped(ctx, rtype)
    for lookup, _kind, value in _spellings(rtype, text):
        rows = shape_of(rtype).selection.rows(query.filter(**{lookup: value})[:1])
        if rows:
            return rows_to_json(ctx, rtype, rows)[0]
    if (survivor := survivor_of(rtype, text)) is not None:
        return get_json(ctx, rtype, str(survivor))
    raise NotFound(f"There is no {rtype.label.lower()} {text[:80]}.")


def stored_json(ctx: Context, rtype: RecordType, pk: int) -> dict[str, Any]:
    """Return a record that was just written as the API shows it, whatever the scope."""
    rows = shape_of(rtype).selection.rows(rtype.model.objects.filter(pk=pk))
    return rows_to_json(ctx, rtype, rows)[0]


def _spellings(rtype: RecordType, text: str) -> list[tuple[str, str, Any]]:
    """Return what a text in an address may mean: the field, its kind in a statement, and its value."""
    found: list[tuple[str, str, Any]] = []
    if text.isascii() and text.isdecimal() and len(text) < 19:
        found.append(("pk", NUMBER, int(text)))
    if rtype.lookup and storable(text):
        found.append((rtype.lookup, TEXT, text))
    return found


def filtered(ctx: Context, rtype: RecordType, params: ListParams, only: Q | None = None) -> QuerySet[Any]:
    """Return the records that match filters, search text and the condition `only`, unordered."""
    query = scoped(ctx, rtype, deleted=params.deleted)
    if only is not None:
        query = query.filter(only)
    for name, value in params.filters.items():
        query = query.filter(condition(ctx, rtype, name, value))
    if params.q:
        for word in normalise(params.q).split()[:8]:
            query = query.filter(search_text__contains=word)
    return query


def list_page(
    ctx: Context,
    rtype: RecordType,
    params: ListParams,
    only: Q | None = None,
    *,
    external: bool = True,
    extra: bool = True,
) -> Page:
    """Return one page of a list as JSON-ready rows. The number of queries does not depend on the rows.

    `only` narrows the list by a condition that filters cannot say; cursors hold as long as it stays the same. Who shows
    neither `external` ids nor `extra` values need not have them read.
    """
    query = filtered(ctx, rtype, params, only)
    if params.cursor:
        keys, values = read_cursor(rtype, params.cursor, params.order)
    else:
        keys, values = order_keys(rtype, params.order), None
    sorting = Sorting(ctx, rtype, keys)
    try:
        query = sorting.put(query, values)
    except (ValidationError, ValueError, TypeError):
        raise foreign() from None
    shape = shape_of(rtype)
    rows = shape.selection.rows(query[: params.limit + 1])
    more = len(rows) > params.limit
    rows = rows[: params.limit]
    items = rows_to_json(ctx, rtype, rows, external=external, extra=extra)
    cursor = None
    if more:
        cursor = write_cursor(keys, sorting.values(dict(zip(shape.columns, rows[-1], strict=True))))
    return Page(items, cursor)


def to_json(ctx: Context, rtype: RecordType, record: Any) -> dict[str, Any]:
    """Return one record as the API shows it."""
    row = tuple(getattr(record, column) for column in shape_of(rtype).columns)
    return rows_to_json(ctx, rtype, [row])[0]


def rows_to_json(
    ctx: Context, rtype: RecordType, rows: Sequence[Sequence[Any]], *, external: bool = True, extra: bool = True
) -> list[dict[str, Any]]:
    """Turn rows of `values_list` over the type's columns into JSON-ready dicts, links included.

    `external` ids and `extra` values of the type are added unless they are not asked for.
    """
    shape = shape_of(rtype)
    items = [dict(zip(shape.names, row, strict=True)) for row in rows]
    for item in items:
        for name, convert in shape.converters:
            value = item[name]
            if value is not None:
                item[name] = convert(value)
    if ctx.actor.visible is not None:
        _hide(ctx, rtype, items)
    pks = [row[0] for row in rows]
    if pks:
        _link(rtype, pks, items)
        if external:
            known = external_ids_for(rtype, pks)
            for pk, item in zip(pks, items, strict=True):
                item["external_ids"] = known.get(pk, {})
        if extra and rtype.extra:
            rtype.extra(ctx, items)  # noqa: S610  (a hook of the record type, not a queryset)
    return items


def _link(rtype: RecordType, pks: Sequence[int], items: list[dict[str, Any]]) -> None:
    for name, spec in rtype.links.items():
        linked = linked_ids(spec, rtype, pks)
        for pk, item in zip(pks, items, strict=True):
            item[name] = [str(other) for other in linked.get(pk, ())]


def _hide(ctx: Context, rtype: RecordType, items: list[dict[str, Any]]) -> None:
    for name, target in crossing(rtype).items():
        out = hidden(ctx, target, [int(item[name]) for item in items if item[name] is not None])
        for item in items:
            if item[name] is not None and int(item[name]) in out:
                item[name] = None


def _error(name: str) -> dict[str, Any]:
    return {"loc": ["query", name], "msg": "not understood"}


# -- columns -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """What reading a record type needs to know of its columns: their names, the API's names, what turns values over."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    converters: tuple[tuple[str, Callable[[Any], Any]], ...]
    selection: Selection


def shape_of(rtype: RecordType) -> Shape:
    """Return the shape of a record type, made once."""
    found = _shapes.get(rtype.name)
    if found is None:
        columns = (*BASE, *(column_of(rtype, name) for name in rtype.stored), "custom")
        names = (*BASE, *rtype.stored, "custom")
        found = Shape(columns, names, tuple(_converters(rtype)), Selection(rtype.model, columns))
        _shapes[rtype.name] = found
    return found


_shapes: dict[str, Shape] = {}


def _null_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _converters(rtype: RecordType) -> list[tuple[str, Callable[[Any], Any]]]:
    found: list[tuple[str, Callable[[Any], Any]]] = [("id", str)]
    for name, spec in rtype.stored.items():
        if spec.kind == "ref":
            found.append((name, str))
        elif spec.kind in ("choice", "picklist", "email", "url", "currency"):
            found.append((name, _null_if_empty))
    return found
