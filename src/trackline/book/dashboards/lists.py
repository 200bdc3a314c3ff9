"""Tiles that are lists: records by filters, or what a saved view shows; of accounts that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from django.db.models import Q

from trackline.accounts.models import SavedView
from trackline.book.dashboards.shapes import CellKind, Column, Found, Row, Rows
from trackline.book.dashboards.sources import Options, Sources, reader
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.exports import currency_of, names_of
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import MAX_LIMIT, ListParams, filtered, list_page
from trackline.kit.records.types import RecordType, registry

MOST_COLUMNS = 6
BEHIND = 1000
"""So many rows stand behind a list; the list itself has all."""
KINDS: Mapping[str, CellKind] = {
    "money": "money", "percent": "percent", "integer": "number", "decimal": "number", "date": "date", "datetime": "datetime",
}  # fmt: skip
Narrower = Callable[[Context, str], tuple[ListParams, Q | None, tuple[str, ...], list[str]]]
views: dict[str, Narrower] = {}
"""How the saved views of a list are read: record type → out of a query string its parameters, a condition beside them, the
columns it shows (none: the list's own), and what could not be read."""


def read_filters(text: str) -> dict[str, str]:
    """Return the filters of an address as people write it; what stands twice is a list."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text.lstrip("?"), keep_blank_values=False):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


@reader("records")
def records(s: Sources, options: Options) -> Found:
    """The first rows of a list."""
    rtype = registry.find(options["records"])
    if rtype is None:
        return Found(s.on, missing="choose a list", notes=["There are no records of this type."])
    params = ListParams(read_filters(options["filters"]), order=options["order"])
    return _found(s, rtype, params, None, (), [])


@reader("view")
def view(s: Sources, options: Options) -> Found:
    """The first rows of a saved view that is the reader's own, or shared."""
    key = options["view"]
    mine = Q(shared=True) | Q(user_id=s.ctx.actor.user_id) if s.ctx.actor.user_id is not None else Q()
    kept = SavedView.objects.filter(mine, pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if kept is None or kept.record_type not in views:
        return Found(s.on, missing="choose a view", notes=["The view is gone, or its owner keeps it to themselves."])
    params, only, columns, unread = views[kept.record_type](s.ctx, kept.query)
    return _found(s, registry.get(kept.record_type), params, only, columns, unread, title=kept.name)


def _found(
    s: Sources, rtype: RecordType, params: ListParams, only: Q | None, columns: tuple[str, ...], unread: list[str],
    title: str = "",
) -> Found:  # fmt: skip
    condition = _counting(s, rtype, only)
    try:
        count = filtered(s.ctx, rtype, params, condition).count()
    except BadRequest as problem:
        return Found(s.on, missing="cannot be read", notes=[problem.detail], title=title)
    notes = [f"{name} could not be read and was left out." for name in unread]
    if s.filters and not rtype.account:
        notes.append(f"{rtype.labels} belong to no account: the filters of the dashboard change nothing here.")
    if count > BEHIND:
        notes.append(f"The first {BEHIND} of {count} stand here; the list has all.")
    return Found(
        s.on, value=None, points=(), detail=formats.counted(count, rtype.label.lower(), rtype.labels.lower()),
        notes=notes, title=title, missing=f"no {rtype.labels.lower()}",
        behind=lambda: _rows(s, rtype, params, condition, columns),
    )  # fmt: skip


def _counting(s: Sources, rtype: RecordType, only: Q | None) -> Q | None:
    """What narrows a list to the accounts that count."""
    path = rtype.account_pk_path
    if not s.filters or not path:
        return only
    within = Q(**{f"{path}__in": s.among})
    return within if only is None else only & within


def _rows(s: Sources, rtype: RecordType, params: ListParams, only: Q | None, columns: tuple[str, ...]) -> Rows:
    items: list[dict[str, Any]] = []
    page = list_page(s.ctx, rtype, _limited(params), only)
    items += page.items
    while page.next and len(items) < BEHIND:
        page = list_page(s.ctx, rtype, _limited(params, page.next), only)
        items += page.items
    specs = _specs(rtype, columns)
    names, currencies = names_of(s.ctx, rtype, items), currency_of(rtype, items)
    labels = [Column(spec.label, KINDS.get(spec.kind, "text")) for spec in specs]
    rows = []
    for item in items[:BEHIND]:
        cells = [_cell(spec, item, names) for spec in specs]
        key = item["key"] if rtype.is_account else item["id"]
        rows.append(Row(cells, (rtype.name, key), currency=currencies.get(item["id"], "")))
    return Rows(labels, rows, s.rates.book)


def _limited(params: ListParams, cursor: str = "") -> ListParams:
    return ListParams(params.filters, params.q, params.order, cursor, MAX_LIMIT)


def _specs(rtype: RecordType, columns: tuple[str, ...]) -> list[FieldSpec]:
    """The title first, then the columns asked for, the account where there is one."""
    wanted = [rtype.title, *(columns or rtype.columns)]
    if rtype.account == "account" and not columns:
        wanted.insert(1, "account")
    known = [rtype.specs[name] for name in dict.fromkeys(wanted) if name in rtype.specs]
    return [spec for spec in known if spec.kind != "object"][:MOST_COLUMNS]


def _cell(spec: FieldSpec, item: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> Any:
    value = item.get(spec.name)
    if spec.kind == "ref":
        return names[spec.target].get(value or "", "")
    if spec.kind == "refs":
        return ", ".join(filter(None, (names[spec.target].get(pk) for pk in value or ())))
    if spec.kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value if KINDS.get(spec.kind) else spec.display(value)
