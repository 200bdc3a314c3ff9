"""How the rows of a table of records are drawn. The frame of a cell is made once for its column, not once for each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType
from trackline.workspace.records import addresses, cells, display
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.labels import title

ON_PHONES = 3
"""So many columns a phone shows; the others give way."""

Css = Callable[[Item], str]
Markup = SafeString | str


@dataclass(frozen=True)
class Computed:
    """A column that is no field: `html` draws its cell from a row (the JSON row of the record) and the facts.

    `needs` names fields whose references must be known to `facts`; `order` is the list order a click asks for.
    """

    name: str
    label: str
    html: Callable[[Item, Facts], Markup]
    css: str = ""
    order: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A column ready to draw: its frame, and whether it carries the link to the record."""

    column: FieldSpec | Computed
    frame: str
    is_name: bool = False


def prepared(rtype: RecordType, plan: Sequence[FieldSpec | Computed], *, edit: bool) -> list[Prepared]:
    """Return the columns of a table with their frames."""
    named = _named(rtype, plan)
    ready = []
    for position, column in enumerate(plan):
        extra = position >= ON_PHONES
        if isinstance(column, Computed):
            names = f"{column.css} hide-phone".strip() if extra and "hide-phone" not in column.css else column.css
            ready.append(Prepared(column, f"<td{class_of(names)}>{cells.INNER}</td>"))
        else:
            is_name = column is named
            place = cells.TITLE if is_name else cells.EXTRA if extra else cells.TABLE
            ready.append(Prepared(column, cells.frame(rtype, column, place=place, edit=edit), is_name))
    return ready


@dataclass(frozen=True, kw_only=True)
class _Options:
    edit: bool
    selectable: bool
    removable: bool
    stepping: bool
    row_css: Css | None
    title_css: Css | None
    title_second: Callable[[Item, Facts], Markup] | None
    actions: Callable[[Item], Markup] | None


class Drawing:
    """Draws the rows of one table; for what the options do see `tables.build`."""

    def __init__(self, rtype: RecordType, facts: Facts, columns: Sequence[Prepared], **options: Any) -> None:
        self.rtype, self.facts, self.columns = rtype, facts, columns
        self.options = _Options(**options)

    def row(self, item: Item) -> SafeString:
        """Draw one `<tr>`."""
        options, pk = self.options, item["id"]
        name = escape(title(self.rtype, item, self.facts.known))
        parts = [
            f"<tr{' data-row' if options.stepping else ''}{class_of(options.row_css(item) if options.row_css else '')}>"
        ]
        if options.selectable and options.edit:
            parts.append(
                f'<td class="pick"><input type="checkbox" data-select value="{pk}" aria-label="Select {name}"></td>'
            )
        parts += [self._cell(item, column) for column in self.columns]
        if options.edit:
            parts.append(
                f'<td class="row-end hide-phone"><div class="row-actions">{self._actions(item, name)}</div></td>'
            )
        parts.append("</tr>")
        return mark_safe("".join(parts))  # noqa: S308  # parts are escaped

    def _cell(self, item: Item, prepared: Prepared) -> str:
        column, options = prepared.column, self.options
        if isinstance(column, Computed):
            return prepared.frame.replace(cells.INNER, conditional_escape(column.html(item, self.facts)))
        if not prepared.is_name:
            return cells.filled(prepared.frame, item["id"], display.html(column, item, self.facts))
        drawn = cells.filled(prepared.frame, item["id"], cells.name_link(self.rtype, item, self.facts))
        if options.title_css and (css := options.title_css(item)):
            drawn = mark_safe(drawn.replace("<td", f'<td class="{escape(css)}"', 1))  # noqa: S308  # escaped
        if options.title_second and (line := options.title_second(item, self.facts)):
            second = f'<span class="second clip">{conditional_escape(line)}</span></td>'
            drawn = mark_safe(drawn.removesuffix("</td>") + second)  # noqa: S308  # escaped
        return drawn

    def _actions(self, item: Item, name: str) -> str:
        own = conditional_escape(self.options.actions(item)) if self.options.actions else ""
        if not self.options.removable:
            return own
        address = addresses.act(self.rtype, item["id"], "delete")
        return (
            f'{own}<button class="btn ghost small" type="button" hx-post="{address}" hx-swap="none">'
            f'Delete<span class="sr"> {name}</span></button>'
        )


def class_of(names: str) -> str:
    """Return a class attribute with a space before it, or nothing."""
    return f' class="{escape(names)}"' if names else ""


def _named(rtype: RecordType, plan: Sequence[FieldSpec | Computed]) -> FieldSpec | None:
    """The column that carries the link to the record: its title, else the first field."""
    fields = [column for column in plan if isinstance(column, FieldSpec)]
    titled = next((spec for spec in fields if spec.name == rtype.title and spec.kind in ("text", "longtext")), None)
    return titled or (fields[0] if fields else None)
