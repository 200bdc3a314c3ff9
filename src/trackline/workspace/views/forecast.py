"""Book, Forecast: what the open routes bring in by quarter or month against its target, and the routes behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.queries.accuracy import accuracy
from trackline.kit import formats
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Money, Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.book.forecasting import Asked, Forecasting, files, forecasting
from trackline.workspace.records import addresses
from trackline.workspace.views.book import tabs
from trackline.workspace.web import page

LABELS = {
    "owner": ("Manager", "Any manager"),
    "tier": ("Tier", "Any tier"),
    "region": ("Region", "Any region"),
    "industry": ("Industry", "Any industry"),
    "group": ("Group", "Any group"),
}


def account_filters(choices: Any, asked: Any) -> list[dict[str, Any]]:
    """Return the filters of accounts that keep less than everything, as a page of the book offers them."""
    return [
        {"name": name, "label": label, "any": words, "value": asked.get(name, ""), "choices": choices[name]}
        for name, (label, words) in LABELS.items()
        if choices[name]
    ]


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The forecast as of a day."""
    asked = Asked.of(request.GET, ctx.today)
    found = forecasting(ctx, asked)
    target, past = registry.get("booking_target"), accuracy(ctx, filters=asked.filters)
    off = past["accuracy_pct"]
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [{"label": "Book", "url": "/book"}, {"label": "Forecast", "url": ""}],
        "tabs": tabs("/book/forecast"),
        "asked": asked,
        "r": found,
        "past": past | {"short": None if off is None else abs(off)},
        "currency": found.whole["currency"],
        "finding": _finding(found),
        "filters": account_filters(found.choices, asked.filters),
        "previous_url": _at(asked, asked.page - 1) if asked.page > 1 else "",
        "next_url": _at(asked, asked.page + 1) if found.last < found.found else "",
        "quarter_url": asked.but(by="quarter", period=""),
        "month_url": asked.but(by="month", period=""),
        "commit_url": asked.but(show="commit", period=""),
        "all_periods": asked.but(period=""),
        "all_routes": asked.but(period="", show=""),
        "quantiles": ("p10", "p50", "p90"),
        "picture": _picture(found),
        "targets_url": addresses.listing(target),
        "new_target": addresses.new(target) if ctx.actor.may(ADMIN) else "",
        "new_target_panel": addresses.new_panel(target),
        "today": ctx.today,
    }
    return render(request, "workspace/book/forecast.html", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download the routes that the filters keep as `csv` or `xlsx`, the latter with the totals by quarter and by month."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    found = forecasting(ctx, Asked.of(request.GET, ctx.today), every=True)
    name = f"forecast-{found.whole['as_of'].isoformat()}"
    if ending == "csv":
        return csv_download(csv_of(files(found)), name)
    return workbook_download(workbook_of(_routes(found), *(_totals(found, by) for by in ("quarter", "month"))), name)


def _routes(found: Forecasting) -> Sheet:
    lines = files(found)
    heading = next(lines)
    currency = found.whole["currency"]
    rows = ([*line[:8], Money(line[8], currency), line[9], Money(line[10], currency), line[11]] for line in lines)
    return Sheet("Routes", columns_of(heading), rows)


def _totals(found: Forecasting, by: str) -> Sheet:
    currency = found.whole["currency"]
    names = ("p10", "p25", "p50", "p75", "p90")
    heading = [
        by.capitalize(), "Open routes", "Value", "Weighted", *names, "Won", "Target", "Chance of the target %",
    ]  # fmt: skip
    rows = (
        [
            row[by] or "No date", row["count"], Money(row["gross"], currency), Money(row["weighted"], currency),
            *(Money(row["quantiles"].get(name), currency) for name in names), Money(row["won"], currency),
            Money(row["target"], currency), row["p_target_pct"],
        ]
        for row in found.whole[f"by_{by}"]
    )  # fmt: skip
    return Sheet(f"By {by}", columns_of(heading), rows)


def _at(asked: Asked, number: int) -> str:
    return replace(asked, page=number).url


def _finding(found: Forecasting) -> str:
    """Say in one sentence what the page found."""
    if found.fan is None:
        bare = found.whole["without_value"]
        return f"{bare:,} open {'route' if bare == 1 else 'routes'}, none with a value" if bare else "No route is open"
    currency, now = found.whole["currency"], found.now
    if now and now["p_target_pct"] is not None and now["target"]:
        chance = formats.percent(now["p_target_pct"], 0)
        return f"{chance} chance of the {formats.money(now['target'], currency)} target of {now['quarter']}"
    low, middle = (formats.money(found.fan.quantiles[name], currency) for name in ("p10", "p50"))
    return f"Even odds of {middle} from all open routes, nine in ten of {low}"


def _picture(found: Forecasting) -> str:
    """Say what the picture of the periods shows."""
    targeted = [period for period in found.periods if period.facts["target"] is not None and not period.past]
    words = (
        "Won, and above it where the total lies in eight (wide) and five (dark) of ten cases; the tick is the middle"
    )
    if not targeted:
        return f"{words}."
    likely = sum(period.facts["p_target_pct"] >= 50 for period in targeted)
    return f"{words}, the dashed rule the target with its chance below. {likely} of {len(targeted)} are likelier met than not."
