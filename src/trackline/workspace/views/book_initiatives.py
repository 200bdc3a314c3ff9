"""Book, White space, Initiatives: growth initiatives by priority, by horizon, and as many as people can carry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.queries.initiatives import Initiatives, Ranked, initiatives_of, notes_of
from trackline.book.queries.narrowing import FILTERS
from trackline.book.rules.initiatives import limits
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Money, Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.records import addresses
from trackline.workspace.views.book import tabs
from trackline.workspace.views.book_whitespace import parts
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page

PATH = "/book/whitespace/initiatives"
MONTHS = 18
"""So many months of load are shown."""


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The initiatives in order, with the line at which capacity ends."""
    filters = _filters(request)
    found = initiatives_of(ctx, filters)
    rtype = registry.get("initiative")
    top = max((max(month.hours, found.capacity or 0) for month in found.months), default=0)
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [
            {"label": "Book", "url": "/book"}, {"label": "White space", "url": "/book/whitespace"},
            {"label": "Initiatives", "url": ""},
        ],
        "tabs": tabs("/book/whitespace"),
        "parts": parts(PATH),
        "r": found,
        "finding": _finding(found),
        "asked": filters,
        "filters": account_filters(found.narrowed.choices, filters),
        "query": request.GET.urlencode(),
        "lanes": [
            (lane, [row for row in found.rows if row.horizon == lane.band.key]) for lane in found.lanes
        ],
        "unplaced": [row for row in found.rows if not row.horizon],
        "months": [(month, month.hours * 100 // top if top else 0) for month in found.months[:MONTHS]],
        "capacity_at": found.capacity * 100 // top if top and found.capacity else None,
        "limit_pct": limits().limit_pct,
        "notes": notes_of(found),
        "new": addresses.new(rtype) if ctx.actor.may(WRITE) else "",
        "new_panel": addresses.new_panel(rtype),
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/book/initiatives.html", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download the initiatives of the accounts that the filters keep as `csv` or `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    found = initiatives_of(ctx, _filters(request))
    heading = [
        "Place", "Score", "Passes", "Initiative", "Key", "Account", "Owner", "Status", "Gate", "Horizon", "Starts", "Months",
        f"Budget {found.currency}", "Hours a month", "Fits", "Could start",
    ]  # fmt: skip
    lines = [[at, *_line(row)] for at, row in enumerate([*found.rows, *found.rest], 1)]
    name = f"initiatives-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of([heading, *lines]), name)
    rows = ([*line[:12], Money(line[12], found.currency), *line[13:]] for line in lines)
    return workbook_download(workbook_of(Sheet("Initiatives", columns_of(heading), rows)), name)


def _line(row: Ranked) -> list[Any]:
    one = row.initiative
    words = {True: "yes", False: "no", None: ""}
    return [
        None if row.points is None else round(row.points, 1), words[row.passes], one.title, row.account["key"],
        row.account["name"], one.owner.name if one.owner else "", one.get_status_display(), one.get_gate_display(),
        row.horizon.upper(), one.start_on, one.months, row.budget, one.hours_a_month, words[row.fits], row.moves_to,
    ]  # fmt: skip


def _filters(request: HttpRequest) -> dict[str, str]:
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:120] for name in FILTERS}
    return {name: value for name, value in asked.items() if value}


def _finding(found: Initiatives) -> str:
    """Say in one sentence what the page found."""
    if not found.rows:
        return "No growth initiative is open"
    passing = sum(bool(row.passes) for row in found.rows)
    said = f"{passing} of {len(found.rows)} growth initiatives {'passes' if passing == 1 else 'pass'}"
    if found.line is None:
        return said
    short = sum(row.fits is False for row in found.rows)
    return f"{said}; people cannot carry {short} of them as planned"
