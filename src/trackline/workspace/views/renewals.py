"""Book, Renewals: what renews when, for how much and how surely; and how much revenue stayed over a period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.queries.retention import retention
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.workbooks import Money, Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.book.renewing import FILTERS, Renewing, lines, renewing
from trackline.workspace.views.book import tabs
from trackline.workspace.views.forecast import LABELS as ACCOUNT_LABELS
from trackline.workspace.web import page

LABELS = ACCOUNT_LABELS | {
    "window": ("Window", "Any window"),
    "category": ("Forecast", "Any forecast"),
    "risk": ("Risk", "Any risk"),
}


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Renewals by window and forecast, and retention from one day to another."""
    filters = _filters(request)
    found = renewing(ctx, ctx.today, filters)
    start, end, wrong = _period(request, ctx.today)
    kept = retention(ctx, start, end)
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [{"label": "Book", "url": "/book"}, {"label": "Renewals", "url": ""}],
        "tabs": tabs("/book/renewals"),
        "r": found,
        "finding": _finding(found),
        "query": urlencode(filters),
        "kept_query": urlencode({name: value for name, value in filters.items() if name in ACCOUNT_LABELS}),
        "narrowed": bool(filters),
        "filters": [
            {"name": name, "label": LABELS[name][0], "any": LABELS[name][1], "value": filters.get(name, ""),
             "choices": found.choices[name]}
            for name in FILTERS
            if found.choices[name]
        ],
        "boards": [("category", "forecast", found.grid), ("risk", "risk", found.risks)],
        "kept": kept,
        "reasons": [row | {"words": (row["reason"] or "").replace("_", " ").capitalize()} for row in kept["reasons"]],
        "start": start,
        "end": end,
        "wrong": wrong,
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/book/renewals.html", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download what the filters show as `csv` or `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    found = renewing(ctx, ctx.today, _filters(request))
    name = f"renewals-{ctx.today.isoformat()}"
    return (
        workbook_download(workbook_of(_sheet(found)), name)
        if ending == "xlsx"
        else csv_download(csv_of(lines(found)), name)
    )


def _sheet(found: Renewing) -> Sheet:
    """Return the lines with typed cells: days as days, amounts in the book's currency."""
    told = lines(found)
    heading = next(told)
    arr = heading.index(f"ARR {found.currency}")
    rows = (
        [
            found.as_of, *line[1:6], row.facts["renewal_date"], *line[7:arr], Money(line[arr], found.currency),
            Money(line[arr + 1], found.currency), *line[arr + 2 :],
        ]
        for row, line in zip(found.rows, told, strict=True)
    )  # fmt: skip
    return Sheet("Renewals", columns_of(heading), rows)


def _filters(request: HttpRequest) -> dict[str, str]:
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in FILTERS}
    return {name: value for name, value in asked.items() if value}


def _period(request: HttpRequest, today: date) -> tuple[date, date, str]:
    """Read the two days; where they are no days or out of order the last year stands, and why is said."""
    year = today - timedelta(days=365)
    try:
        start = date.fromisoformat(request.GET.get("from") or year.isoformat())
        end = date.fromisoformat(request.GET.get("to") or today.isoformat())
    except ValueError:
        return year, today, "A day as YYYY-MM-DD is expected. The last year is shown."
    if end < start:
        return year, today, "The first day lies after the last. The last year is shown."
    return start, end, ""


def _finding(found: Renewing) -> str:
    """Say in one sentence what the page found."""
    soon = [row for row in found.rows if row.window != "later"]
    if not soon:
        return "Nothing renews within 180 days"
    risky = [row for row in soon if row.category == "at_risk"]
    counted = "1 renewal" if len(soon) == 1 else f"{len(soon)} renewals"
    money = formats.money(sum(row.facts["arr"] or 0 for row in soon), found.currency)
    tail = f", {formats.money(sum(row.facts['arr'] or 0 for row in risky), found.currency)} at risk" if risky else ""
    return f"{counted} due or within 180 days for {money}{tail}"
