"""The cash flows of a business case as a sheet: a row for each line, a column for each year, each amount edited in its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.reveal.models import BusinessCase, CaseLine
from trackline.workspace.records import addresses, cells
from trackline.workspace.records.facts import Facts

FEWEST = 4
"""A sheet has at least the years 0 to 3: so long runs a case where nobody says otherwise (VAL-04)."""


@dataclass(frozen=True)
class Row:
    """A line of the sheet: its name, whether it is a benefit or a cost, its first record, and a `<td>` for each year."""

    title: str
    side: str
    first: CaseLine
    cells: Sequence[SafeString]


@dataclass(frozen=True)
class Sheet:
    """The lines over the years; `panel` opens the form of a new line, none for who may not write."""

    years: Sequence[int]
    rows: Sequence[Row]
    url: str
    panel: str


def sheet_of(ctx: Context, case: BusinessCase) -> Sheet:
    """Return the sheet of a case, benefits first; in one query."""
    rtype = registry.get("case_line")
    edit = cells.may_edit(ctx, rtype)
    lines = list(CaseLine.objects.filter(business_case=case, deleted_at__isnull=True).order_by("year", "pk"))
    facts = Facts(rtype, ctx.today, ctx.actor.user_id, currencies={line.pk: case.account.currency for line in lines})
    years = range(max([FEWEST - 1, *(line.year for line in lines)]) + 1)
    rows = []
    for (title, side), placed in _placed(lines):
        drawn = [
            cells.cell(rtype, _item(placed[year]), rtype.specs[side], facts, edit=edit)
            if year in placed
            else _empty(case, placed, title, year, edit)
            for year in years
        ]
        rows.append(Row(title, side, next(iter(placed.values())), drawn))
    given = {"business_case": case.pk, "back": f"business_case/{case.pk}"}
    may_add = {"url": addresses.new(rtype, given), "panel": addresses.new_panel(rtype, given)} if edit else {}
    return Sheet(years, rows, may_add.get("url", ""), may_add.get("panel", ""))


def _placed(lines: Sequence[CaseLine]) -> list[tuple[tuple[str, str], dict[int, CaseLine]]]:
    """Return the lines by title and side, each year once; a second line of a year begins a row of its own."""
    rows: list[tuple[tuple[str, str], dict[int, CaseLine]]] = []
    for line in lines:
        for side in ("benefit", "cost"):
            if getattr(line, side) is None:
                continue
            key = (line.title, side)
            free = next((placed for known, placed in rows if known == key and line.year not in placed), None)
            if free is None:
                rows.append((key, {line.year: line}))
            else:
                free[line.year] = line
    return sorted(rows, key=lambda row: row[0][1])


def _item(line: CaseLine) -> dict[str, object]:
    return {"id": line.pk, "title": line.title, "benefit": line.benefit, "cost": line.cost}


def _empty(case: BusinessCase, placed: dict[int, CaseLine], title: str, year: int, edit: bool) -> SafeString:
    if not edit:
        return mark_safe('<td class="right text-3">–</td>')
    rtype = registry.get("case_line")
    kind = next(iter(placed.values())).kind
    given = {"business_case": case.pk, "year": year, "title": title, "kind": kind, "back": f"business_case/{case.pk}"}
    return format_html(
        '<td class="right"><a class="add-amount" href="{}" data-panel="{}" aria-label="Add {}, year {}">+</a></td>',
        addresses.new(rtype, given), addresses.new_panel(rtype, given), title, year,
    )  # fmt: skip
