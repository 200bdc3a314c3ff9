"""One field of one record in its box: the cell as it stands in a table or a panel, and as it is edited.

The whole `<td>` is made here because the table draws hundreds of them and the answer to a save is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.kit.policy import Context
from trackline.kit.records import own
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType
from trackline.workspace.records import addresses, display
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.labels import title

TABLE, TITLE, EXTRA, PANEL = "", "title", "extra", "panel"
PLACES = (TABLE, TITLE, EXTRA, PANEL)
"""Where a cell stands: in a table, as the row's name, in a column that phones leave out, in a panel."""


Drawn = Callable[[Context, Item, Facts], Mapping[str, str]]

COMPUTED: dict[str, Drawn] = {}
"""What tables draw out of a record beside its own fields, by record type: name → safe HTML. It follows a saved field."""


def may_edit(ctx: Context, rtype: RecordType) -> bool:
    """Whether the actor may change records of a type at all."""
    return ctx.actor.may(rtype.write_permission)


def may_edit_field(ctx: Context, rtype: RecordType, item: Item, spec: FieldSpec) -> bool:
    """Whether the actor may change this field of this record: one may be theirs where the type is not."""
    return may_edit(ctx, rtype) or spec.name in own_fields(ctx, rtype, item)


def own_fields(ctx: Context, rtype: RecordType, item: Item) -> frozenset[str]:
    """The fields of a record that are open to the actor because it names them."""
    return own.open_fields(ctx, rtype, item[rtype.own.holder]) if rtype.own else frozenset()


def editable(rtype: RecordType, spec: FieldSpec) -> bool:
    """Whether a field can be changed after creation, in a browser."""
    return not (spec.read_only or spec.name in rtype.fixed or spec.kind == "object")


ID, INNER = "\x01", "\x02"
"""Stand for the record's id and for what a cell shows in a frame; text of people never holds them."""
NAME = "-name"
"""Stands for the record's name in anchors."""


def anchor(rtype: RecordType, pk: Any, name: str) -> str:
    """The mark of a field's value on the page; the same wherever it stands, so that all follow a change."""
    return f"{rtype.name}-{pk}-{name}"


def cell(
    rtype: RecordType, item: Item, spec: FieldSpec, facts: Facts, *, place: str = TABLE, edit: bool, more: str = ""
) -> SafeString:
    """Draw the `<td>` of a field; `more` is safe HTML behind the value."""
    inner = name_link(rtype, item, facts) if place == TITLE else display.html(spec, item, facts, full=place == PANEL)
    return filled(frame(rtype, spec, place=place, edit=edit, more=more), item["id"], inner)


def frame(rtype: RecordType, spec: FieldSpec, *, place: str = TABLE, edit: bool, more: str = "") -> str:
    """Return the `<td>` of a field for any record, to be `filled`: tables make it once for each column."""
    mark = escape(anchor(rtype, ID, NAME if place == TITLE else spec.name))
    attributes = ""
    if edit and editable(rtype, spec):
        address = addresses.cell(rtype, ID, spec.name, place)
        attributes = f' data-cell="{escape(address)}" tabindex="0"'
    return (
        f"<td{css(spec, place)}{role(place)}{attributes}>"
        f'<span class="cell-value" data-value="{mark}">{INNER}</span>{more}</td>'
    )


def filled(framed: str, pk: Any, inner: str) -> SafeString:
    """Put a record's id and the safe HTML of its value into a frame."""
    return mark_safe(framed.replace(ID, str(pk)).replace(INNER, inner))  # noqa: S308  # parts are escaped


def name_link(rtype: RecordType, item: Item, facts: Facts) -> SafeString:
    """Draw a record's name as the link that opens it."""
    text = escape(title(rtype, item, facts.known))
    url = escape(addresses.page(rtype, item["key"] if rtype.is_account else item["id"]))
    beside = "" if rtype.is_account else f' data-panel="{escape(addresses.panel(rtype, item["id"]))}"'
    return mark_safe(  # noqa: S308  # parts are escaped
        f'<span class="clip name" title="{text}"><a href="{url}" data-open{beside}>{text}</a></span>'
    )


def followed(
    ctx: Context, rtype: RecordType, item: Item, specs: Iterable[FieldSpec], facts: Facts, *, renamed: bool
) -> SafeString:
    """Draw what moved with a saved cell, for the browser to put wherever it stands: short in tables, full in panels."""
    parts = []
    if drawn := COMPUTED.get(rtype.name):
        for name, inner in drawn(ctx, item, facts).items():
            mark = escape(anchor(rtype, item["id"], name))
            parts.append(f'<span class="cell-value" data-value="{mark}">{inner}</span>')
    for spec in specs:
        mark = escape(anchor(rtype, item["id"], spec.name))
        for full in (False, True):
            inner = display.html(spec, item, facts, full=full)
            parts.append(f'<span class="cell-value" data-value="{mark}"{" data-full" if full else ""}>{inner}</span>')
    if renamed:
        mark = escape(anchor(rtype, item["id"], NAME))
        parts.append(f'<span class="cell-value" data-value="{mark}">{name_link(rtype, item, facts)}</span>')
        parts.append(f'<span data-heading="{mark}">{escape(title(rtype, item, facts.known))}</span>')
    return mark_safe(f"<template data-values>{''.join(parts)}</template>")  # noqa: S308  # parts are escaped


def css(spec: FieldSpec, place: str, *more: str) -> str:
    """The `class` attribute of a field's cell, with a space before it, or nothing."""
    names = list(more)
    if place == PANEL:
        names.append("panel-value")
    elif display.is_right(spec):
        names.append("right")
    if place == EXTRA:
        names.append("hide-phone")
    return format_html(' class="{}"', " ".join(names)) if names else ""


def role(place: str) -> str:
    """The role attribute of a cell that names its row."""
    return mark_safe(' role="rowheader"') if place == TITLE else ""
