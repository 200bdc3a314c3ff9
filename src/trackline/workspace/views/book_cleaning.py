"""What was done to the figures of the ranking: what was missing and what stood in, and which figures stand out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.rates import rates_in_force
from trackline.book.queries.cleaning import Cell, Column, cleaning
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.workspace.views.book_model import CRUMBS, parts
from trackline.workspace.web import page

PATH = "/book/model/figures-used"
MOST = 12


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Each criterion of the last ranking with its figures."""
    found = cleaning(ctx)
    book = rates_in_force(ctx.today).book
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [*CRUMBS, {"label": "Figures", "url": ""}],
        "parts": parts(PATH),
        "found": found,
        "finding": _finding(found.columns),
        "columns": [_told(column, book) for column in found.columns],
        "today": ctx.today,
    }
    return render(request, "workspace/book/figures_used.html", frame)


def _told(column: Column, book: str) -> dict[str, Any]:
    def said(value: Decimal | None) -> str:
        return formats.measure(value, column.unit, book)

    def cells(found: list[Cell]) -> dict[str, Any]:
        return {
            "shown": [(one.key, one.name, said(one.value), one.contribution, one.side) for one in found[:MOST]],
            "more": max(len(found) - MOST, 0),
        }

    details = column.result.details
    return {
        "column": column,
        "low": said(details["low"]),
        "high": said(details["high"]),
        "median": said(details["median"]),
        "missing": cells(sorted(column.missing, key=lambda one: one.name)),
        "flagged": cells(sorted(column.flagged, key=lambda one: -abs(one.value))),
    }


def _finding(columns: Any) -> str:
    missing, flagged = (sum(values) for values in zip(*((one.imputed, one.result.value or 0) for one in columns), strict=True)) if columns else (0, 0)  # fmt: skip
    if not missing and not flagged:
        return "No figure is missing, and none stands out"
    first = formats.counted(missing, "figure is missing", "figures are missing") if missing else "No figure is missing"
    return f"{first}, {flagged} {'stands' if flagged == 1 else 'stand'} out"
