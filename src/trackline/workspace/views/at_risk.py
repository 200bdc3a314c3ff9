"""Book, At risk: the list of the weekly stand-up, its ticks, and where score and money part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.queries.at_risk import at_risk
from trackline.book.risk.stand_ups import discuss
from trackline.kit import formats, htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Money, Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.book.risks import PAGE_SIZE, PATH, Asked, lines
from trackline.workspace.queries.playing import start_url
from trackline.workspace.records import addresses
from trackline.workspace.records.views.common import said
from trackline.workspace.views.book import tabs
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The accounts at risk, those with most at stake first."""
    asked = Asked.of(request.GET)
    found = at_risk(ctx, asked.filters)
    shown, entry = asked.shown(found["rows"]), registry.get("stand_up_entry")
    first = (asked.page - 1) * PAGE_SIZE + 1
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [{"label": "Book", "url": "/book"}, {"label": "At risk", "url": ""}],
        "tabs": tabs(PATH),
        "asked": asked,
        "r": found,
        "rows": [(row, start_url("account", row["id"])) for row in shown],
        "finding": _finding(found),
        "filters": account_filters(found["choices"], asked.filters),
        "first": first,
        "last": first + len(shown) - 1,
        "previous_url": asked.at(asked.page - 1) if asked.page > 1 else "",
        "next_url": asked.at(asked.page + 1) if asked.page * PAGE_SIZE < found["count"] else "",
        "entries": addresses.listing(entry),
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }
    return render(request, "workspace/book/at_risk.html", frame)


@page("POST", permission=WRITE)
def discussed(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Tick an account as discussed this week, or take the tick back."""
    yes = bool(request.POST.get("yes"))
    told = discuss(ctx, pk, yes)
    change = getattr(told, "last_change", None) if yes else told
    return htmx.changed(said(htmx.done(), "Discussed this week" if yes else "Not discussed this week", change))


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download what the filters show as `csv` or `xlsx`; the latter also where score and money part."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    found = at_risk(ctx, Asked.of(request.GET).filters)
    name = f"at-risk-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of(lines(found)), name)
    return workbook_download(workbook_of(_sheet(found), _parting(found)), name)


def _sheet(found: Mapping[str, Any]) -> Sheet:
    told = lines(found)
    heading = next(told)
    arr = heading.index(f"ARR at stake {found['currency']}")
    rows = ([*line[:arr], Money(line[arr], found["currency"]), *line[arr + 1 :]] for line in told)
    return Sheet("At risk", columns_of(heading), rows)


def _parting(found: Mapping[str, Any]) -> Sheet:
    currency = found["currency"]
    heading = ("Key", "Account", "Owner", "Score and money", "Health", "Colour", "Against it", f"ARR {currency}")
    rows = (
        [one["key"], one["name"], one["owner_name"], one["words"], one["health"], one["band"], ", ".join(one["signs"]),
         Money(one["arr"], currency)]
        for one in found["disagreements"]
    )  # fmt: skip
    return Sheet("Score and money", columns_of(heading), rows)


def _finding(found: Mapping[str, Any]) -> str:
    """Say in one sentence what the page found."""
    if not found["count"]:
        return "No account is at risk"
    counted = "1 account" if found["count"] == 1 else f"{found['count']} accounts"
    return f"{counted} at risk with {formats.money(found['arr'], found['currency'])} at stake"
