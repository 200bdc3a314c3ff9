"""The Accounts list as HTML: header and rows. Built here and not in a template: a page has hundreds of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from trackline.kit import formats
from trackline.kit.templatetags.tl import icon, shape
from trackline.workspace.queries.accounts.asked import TREE, Asked
from trackline.workspace.queries.accounts.columns import ON_PHONES, Column, anchored
from trackline.workspace.queries.accounts.groups import value_of as value_in_group
from trackline.workspace.queries.accounts.page import AccountsPage
from trackline.workspace.queries.accounts.tree import Node
from trackline.workspace.records import addresses, cells, display
from trackline.workspace.records.facts import Item, value_of

from .filters import ACCOUNT, SOON_DAYS


def head(asked: Asked, columns: Sequence[Column], *, edit: bool) -> SafeString:
    """Draw the header row; a click on a header sorts by it, a second one the other way round."""
    name = Column("name", "Account", ACCOUNT.specs["name"], order="name")
    parts = [_heading(asked, column, "stick" if column is name else column.css) for column in (name, *columns)]
    pick = (
        '<th class="pick" scope="col"><input type="checkbox" data-select-all aria-label="Select all on this page"></th>'
    )
    end = '<th scope="col" class="hide-phone"><span class="sr">Open beside</span></th>'
    return mark_safe(f"<tr>{pick if edit else ''}{''.join(parts)}{end}</tr>")  # noqa: S308  # parts are escaped


def body(page: AccountsPage, *, edit: bool) -> SafeString:
    """Draw the rows of a page."""
    nodes = {node.pk: node for node in page.nodes}
    drawing = _Drawing(page, edit)
    rows = []
    last: Any = _NO_GROUP
    for item in page.items:
        if page.grouping:
            value = value_in_group(page.grouping, item)
            if value != last:
                rows.append(_group_row(page, value, edit=edit))
            last = value
        rows.append(drawing.row(item, nodes.get(item["id"])))
    return mark_safe("\n".join(rows))  # noqa: S308  # parts are escaped


def _group_row(page: AccountsPage, value: Any, *, edit: bool) -> str:
    """The line above a group: its name, how many, what they add up to and how many renew soon."""
    group = page.groups[value]
    facts = [f"{formats.number(group.count)} account{'' if group.count == 1 else 's'}"]
    if group.count > group.without_arr:
        facts.append(f"{formats.money(group.arr.amount, group.arr.currency)} ARR")
    if group.soon:
        facts.append(f"{formats.number(group.soon)} renew{'s' if group.soon == 1 else ''} within {SOON_DAYS} d")
    mark = shape(group.value, True) if page.grouping and page.grouping.name == "band" else ""
    url, title = escape(group.url), escape(group.arr.note)
    return (
        f'<tr class="group-row"><th scope="rowgroup" colspan="{len(page.columns) + 2 + edit}"><span class="group-line">'
        f'{mark}<a href="{url}" hx-get="{url}" hx-target="#list" hx-push-url="true" title="Only these">'
        f'{escape(group.label)}</a><span class="num" title="{title}">{escape(" · ".join(facts))}</span></span></th></tr>'
    )


def _heading(asked: Asked, column: Column, css: str) -> str:
    label, names = escape(column.label), f' class="{css}"' if css else ""
    if not column.order:
        return f'<th scope="col"{names}>{label}</th>'
    first = asked.order.split(",")[0]
    state = {column.order: "ascending", f"-{column.order}": "descending"}.get(first, "none")
    falls = column.right or column.order in ("track", "watch")
    rising, falling = column.order, f"-{column.order}"
    by = (rising if state == "descending" else falling) if falls else (falling if state == "ascending" else rising)
    url = escape(replace(asked, order=by, page=1).url)
    return (
        f'<th scope="col"{names} aria-sort="{state}"><a class="sort" href="{url}" hx-get="{url}" hx-target="#list" '
        f'hx-push-url="true" data-focus="sort-{escape(column.name)}">{label}</a></th>'
    )


class _Drawing:
    """The rows of one page: what is the same in many cells is drawn once."""

    def __init__(self, page: AccountsPage, edit: bool) -> None:
        self.page, self.edit = page, edit
        self.frames = [self._frame(column) for column in page.columns]
        self.known: dict[tuple[str, Any], SafeString] = {}

    def row(self, item: Item, node: Node | None) -> str:
        """Draw one `<tr>`."""
        pk, name = item["id"], escape(item["name"])
        quiet = ' class="aside-row"' if node is not None and not node.matches else ""
        parts = [f'<tr data-row id="row-account-{pk}"{quiet}>']
        if self.edit:
            parts.append(
                f'<td class="pick"><input type="checkbox" data-select value="{pk}" aria-label="Select {name}"></td>'
            )
        parts.append(_name(self.page.asked, item, node, name))
        for column, frame in zip(self.page.columns, self.frames, strict=True):
            parts.append(frame.replace(cells.ID, str(pk)).replace(cells.INNER, self._inner(column, item)))
        parts.append(
            f'<td class="row-end hide-phone"><div class="row-actions"><button class="btn ghost icon-only small" '
            f'type="button" data-panel="account/{pk}" title="Open beside (Shift Enter)" '
            f'aria-label="Open {name} beside">{_PEEK}</button></div></td></tr>'
        )
        return "".join(parts)

    def _frame(self, column: Column) -> str:
        if column.spec is None:
            mark = escape(cells.anchor(ACCOUNT, cells.ID, anchored(column)))
            names = f' class="{column.css}"' if column.css else ""
            return f'<td{names}><span class="cell-value" data-value="{mark}">{cells.INNER}</span></td>'
        place = cells.TABLE if column.name in ON_PHONES else cells.EXTRA
        return cells.frame(ACCOUNT, column.spec, place=place, edit=self.edit)

    def _inner(self, column: Column, item: Item) -> str:
        spec = column.spec
        if spec is None:
            assert column.draw is not None
            return column.draw(item, self.page.facts, self.page.beside)
        if spec.kind not in SHARED:
            return display.html(spec, item, self.page.facts)
        key = (spec.name, value_of(spec, item))
        drawn = self.known.get(key)
        if drawn is None:
            drawn = self.known[key] = display.html(spec, item, self.page.facts)
        return drawn


def _name(asked: Asked, item: Item, node: Node | None, name: str) -> str:
    url = escape(addresses.page(ACCOUNT, item["key"]))
    depth = f" tree-{node.depth}" if node and node.depth else ""
    fold = _fold(asked, node, name) if asked.mode == TREE and node is not None else ""
    watch = (
        f'<span class="flag" title="On watch">{_EYE}<span class="sr">, on watch</span></span>' if item["watch"] else ""
    )
    return (
        f'<th scope="row" class="stick{depth}"><span class="name-line">{fold}<span class="clip name" title="{name}">'
        f'<a href="{url}" data-open>{name}</a></span>{watch}</span></th>'
    )


def _fold(asked: Asked, node: Node, name: str) -> str:
    if not node.below:
        return '<span class="fold"></span>'
    closed = asked.closed | {node.pk} if node.open else asked.closed - {node.pk}
    url = escape(replace(asked, closed=frozenset(closed)).url)
    return (
        f'<a class="fold" href="{url}" hx-get="{url}" hx-target="#list" hx-push-url="true" data-focus="fold-{node.pk}" '
        f'aria-expanded="{"true" if node.open else "false"}" role="button" aria-label="{node.below} below {name}">'
        f"{_OPEN if node.open else _CLOSED}</a>"
    )


_NO_GROUP = object()
SHARED = ("choice", "picklist", "ref", "boolean", "currency", "text")
"""Kinds whose values look the same on every account that has them."""

_PEEK = icon("panel-right-open")
_EYE = icon("eye")
_OPEN = icon("chevron-down")
_CLOSED = icon("chevron-right")
