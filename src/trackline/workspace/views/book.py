"""Book: the ranking of all accounts, why each stands where it does, and the ranking as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.rates import rates_in_force
from trackline.book.queries.size import by_size
from trackline.book.scoring.keeping import refresh_ranking
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound, Refused
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.book import files
from trackline.workspace.queries.book.asked import Asked
from trackline.workspace.queries.book.ranking import Ranking, latest_run, ranking
from trackline.workspace.queries.book.why import why
from trackline.workspace.views.documents import reports
from trackline.workspace.web import page

HEADINGS = (
    ("rank", "Rank", "rank"),
    ("name", "Account", "stick"),
    ("tier", "Tier", "hide-phone"),
    ("", "What makes the score", "makes hide-phone"),
    ("-score", "Score", "right"),
    ("-change", "Change", "right hide-phone"),
    ("", "Percentile", "right hide-phone percentile"),
    ("-arr", "ARR", "right hide-phone"),
)
"""Order, words and class of each column; a second click turns the order round."""
FILTERS = (
    ("owner", "Owner", "Any owner"),
    ("tier", "Tier today", "Any tier"),
    ("proposed", "Tier proposed", "Any proposal"),
    ("region", "Region", "Any region"),
    ("industry", "Industry", "Any industry"),
)

ON_DESKS = ("proposed", "region", "industry")
"""Filters that phones show only while they are set."""


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the pages of the book."""
    pages = (
        ("Ranking", "/book"),
        ("Tiers", "/book/tiers"),
        ("At risk", "/book/at-risk"),
        ("Renewals", "/book/renewals"),
        ("Forecast", "/book/forecast"),
        ("White space", "/book/whitespace"),
        ("Surveys", "/book/surveys"),
        ("Dashboards", "/book/dashboards"),
        ("Scorecards", "/book/scorecards"),
        ("KPIs", "/book/kpis"),
        ("Data quality", "/book/quality"),
    )
    return [{"label": label, "url": url, "current": url == current} for label, url in pages]


@page()
def ranked(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The ranking that the last run kept."""
    run = latest_run()
    asked = Asked.of(request.GET)
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [{"label": "Book", "url": "/book"}, {"label": "Ranking", "url": ""}],
        "asked": asked,
        "tabs": tabs("/book"),
        "files": reports(),
        "today": ctx.today,
        "can_write": ctx.actor.may(WRITE),
    }
    if run is None or not run.scored:
        frame |= {"run": run, "accounts": scoped(ctx, registry.get("account")).exists(), "sized": by_size(ctx)}
        return render(request, "workspace/book/ranking.html", frame)
    rates = rates_in_force(ctx.today)
    found = ranking(ctx, run, asked, rates)
    frame |= {
        "run": run,
        "r": found,
        "finding": _finding(found),
        "headings": [_heading(asked, *heading) for heading in HEADINGS],
        "filters": [
            {
                "name": name,
                "label": label,
                "any": words,
                "value": asked.filters.get(name, ""),
                "choices": found.choices[name],
                "minor": name in ON_DESKS,
            }
            for name, label, words in FILTERS
            if found.choices[name]
        ],
        "previous_url": asked.at(asked.page - 1).url if asked.page > 1 else "",
        "next_url": asked.at(asked.page + 1).url if found.last < found.found else "",
        "book": rates.book,
    }
    return htmx.render_partial(request, "workspace/book/ranking.html", "list", frame)


@page("POST", permission=WRITE)
def score_now(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Score the whole book as of today, and show it."""
    found = refresh_ranking(ctx, ctx.today)
    if not found.places:
        raise Refused(f"Nothing was scored. {found.notes[0] if found.notes else ''}".strip())
    response = htmx.redirect(request, "/book")
    htmx.toast(response, f"{len(found.places)} accounts scored as of today")
    return response


@page()
def why_panel(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Why an account stands where it does, in the side panel; the ranking with it open where no panel asks."""
    rates = rates_in_force(ctx.today)
    found = why(ctx, pk, rates)
    if not htmx.is_htmx(request):
        return htmx.redirect(request, f"/book?panel=standing/{pk}")
    return htmx.vary(render(request, "workspace/book/why.html", {"w": found, "book": rates.book, "today": ctx.today}))


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download what the filter shows as `csv` or `xlsx`."""
    run = latest_run()
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    if run is None:
        raise NotFound("The book has not been scored yet.")
    asked, rates = Asked.of(request.GET), rates_in_force(ctx.today)
    name = f"ranking-{run.on.isoformat()}"
    if ending == "xlsx":
        return workbook_download(files.workbook(ctx, run, asked, rates), name)
    return csv_download(files.csv_text(ctx, run, asked, rates), name)


def _finding(found: Ranking) -> str:
    """Say in one sentence what the page found."""
    if not found.seen:
        return "None of your accounts is ranked"
    counted = "1 account" if found.seen == 1 else f"{found.seen} accounts"
    if found.run.provisional:
        return f"{counted} ranked, provisionally"
    if not found.crossing:
        return f"{counted} ranked, each in the tier its score proposes"
    verb = "scores" if found.crossing == 1 else "score"
    return f"{found.crossing} of {counted} {verb} for another tier"


def _heading(asked: Asked, order: str, label: str, css: str) -> dict[str, Any]:
    if not order:
        return {"label": label, "css": css}
    plain = order.removeprefix("-")
    state = {plain: "ascending", f"-{plain}": "descending"}.get(asked.order, "none")
    first, second = (order, plain) if order.startswith("-") else (plain, f"-{plain}")
    turned = {first: second}.get(asked.order, first)
    return {"label": label, "css": css, "url": asked.by(turned).url, "state": state, "name": plain}
