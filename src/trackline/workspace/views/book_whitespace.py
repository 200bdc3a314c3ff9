"""Book, White space: what could still be sold across accounts and products, and which of it to pursue first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.align.rules.matrix import limits
from trackline.book.queries.whitespace import whitespace_of
from trackline.kit import formats
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.workbooks import Money, Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.book.whitespace import GRID_SIZE, PATH, Asked, Page, grid_lines, lines_of, page_of
from trackline.workspace.views.book import tabs
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page

PARTS = (("Cells", PATH), ("Readiness", f"{PATH}/readiness"), ("Initiatives", f"{PATH}/initiatives"))


def parts(current: str) -> list[dict[str, Any]]:
    """Return the pages about growth across accounts."""
    return [{"label": label, "url": url, "current": url == current} for label, url in PARTS]


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Accounts × products, and the open cells in the order in which to pursue them."""
    asked = Asked.of(request.GET)
    found = page_of(ctx, asked)
    lines = len(found.found.lines)
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [{"label": "Book", "url": "/book"}, {"label": "White space", "url": ""}],
        "tabs": tabs(PATH),
        "parts": parts(PATH),
        "asked": asked,
        "r": found,
        "totals": found.found.placed.totals,
        "finding": _finding(found),
        "filters": account_filters(found.found.narrowed.choices, asked.filters),
        "grid_first": (asked.grid - 1) * GRID_SIZE + 1,
        "grid_last": (asked.grid - 1) * GRID_SIZE + len(found.rows),
        "grid_previous": asked.but(grid=asked.grid - 1, page=asked.page) if asked.grid > 1 else "",
        "grid_next": asked.but(grid=asked.grid + 1, page=asked.page) if asked.grid * GRID_SIZE < lines else "",
        "previous_url": asked.but(page=asked.page - 1) if asked.page > 1 else "",
        "next_url": asked.but(page=asked.page + 1) if found.last < len(found.found.places) else "",
        "all_cells": asked.but(account="", product=None, show=""),
        "stale_days": limits().stale_days,
        "green_from": limits().green_from,
        "amber_from": limits().amber_from,
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }
    return render(request, "workspace/book/whitespace.html", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download the cells that are listed as `csv` or `xlsx`, the latter with the grid."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    asked = Asked.of(request.GET)
    found = whitespace_of(ctx, asked.filters, show=asked.show, account=asked.account, product=asked.product)
    name = f"white-space-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of(lines_of(found, ctx.today)), name)
    cells, grid = list(lines_of(found, ctx.today)), list(grid_lines(found))
    currency = found.placed.currency
    columns = set(range(2, 3 + len(found.products)))
    return workbook_download(
        workbook_of(_sheet("Cells", cells, {7, 8, 9}, currency), _sheet("Accounts", grid, columns, currency)), name
    )


def _sheet(name: str, lines: list[list[Any]], money: set[int], currency: str) -> Sheet:
    rows = ([Money(value, currency) if at in money else value for at, value in enumerate(line)] for line in lines[1:])
    return Sheet(name, columns_of(lines[0]), rows)


def _finding(found: Page) -> str:
    """Say in one sentence what the page found."""
    sums = found.found.placed.totals
    if not sums.counted:
        return "No business units and products to cross yet"
    if not sums.open:
        return "Nothing is left to sell"
    go = [place for place in found.found.places if place.go] if not found.asked.show else []
    said = f"{formats.money(sums.value, found.currency)} could still be sold"
    if not go:
        return said
    worth = formats.money(sum(place.cell.value or 0 for place in go), found.currency)
    return f"{said}, {worth} of it in {len(go)} {'cell' if len(go) == 1 else 'cells'} to go for"
