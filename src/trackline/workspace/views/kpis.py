"""The KPI library: its list, a KPI, and the button by which an administrator adds one to the metrics of the book."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.kpis import journey_of, kpi_rows
from trackline.accounts.rules.kpi_library import library
from trackline.accounts.services.adopting import adopt, adopted, kpi_named
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.book.kpis import STATES, lines, parts_of
from trackline.workspace.queries.rulebook.words import source_of
from trackline.workspace.records import addresses
from trackline.workspace.views.book import tabs
from trackline.workspace.web import page

FILTERS = ("q", "domain", "state", "stage")
BOOK = {"label": "Book", "url": "/book"}


@page()
def shelf(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The library by domain: what `q`, `domain` and `state` ask for."""
    asked = _asked(request)
    rows = kpi_rows(ctx, *asked.values())
    stages = [(stage.key, stage.label) for stage in library().stages.values()]
    domains = [(domain.key, domain.label) for domain in library().domains.values()]
    context = {
        "nav_key": "book",
        "crumbs": [BOOK, {"label": "KPIs", "url": ""}],
        "tabs": tabs("/book/kpis"),
        "parts": parts_of(rows),
        "finding": f"{len(adopted())} of {len(library().kpis)} KPIs are measured in this book",
        "journey": journey_of(ctx) if not any(asked.values()) else (),
        "practice": library().practice if not any(asked.values()) else (),
        "q": asked["q"],
        "query": request.GET.urlencode(),
        "filters": [
            FormField(name="domain", kind="choice", label="Domain", choices=domains, value=asked["domain"],
                      placeholder="Every domain"),
            FormField(name="state", kind="choice", label="State", choices=STATES, value=asked["state"],
                      placeholder="Measured or not"),
            FormField(name="stage", kind="choice", label="Stage", choices=stages, value=asked["stage"],
                      placeholder="Every stage"),
        ],
    }  # fmt: skip
    return htmx.render_partial(request, "workspace/book/kpis.html", "list", context)


@page()
def kpi(request: HttpRequest, ctx: Context, code: str) -> HttpResponse:
    """A KPI: what it tells, its formula, limits, owner and rhythm, and where this book measures it."""
    found = kpi_named(code)
    row = next(row for row in kpi_rows(ctx) if row.kpi is found)
    readings = addresses.listing(registry.get("observation"), {"metric": row.metric.pk}) if row.metric else ""
    context = {
        "nav_key": "book",
        "crumbs": [BOOK, {"label": "KPIs", "url": "/book/kpis"}, {"label": found.name, "url": ""}],
        "recent": {"label": found.name, "meta": "KPI"},
        "row": row,
        "readings": readings,
        "source": source_of(f"portfolio:{found.code}"),
        "can_adopt": ctx.actor.may(ADMIN),
    }
    return render(request, "workspace/book/kpi.html", context)


@page("POST", permission=ADMIN)
def take(request: HttpRequest, ctx: Context, code: str) -> HttpResponse:
    """Make a metric of a KPI and show the KPI with it."""
    made = adopt(ctx, code)
    response = htmx.redirect(request, f"/book/kpis/{made.source}")
    return htmx.toast(response, f"{made.name} is a metric of the book now")


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download what the filters show as `csv` or `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    told = lines(kpi_rows(ctx, *_asked(request).values()))
    if ending == "csv":
        return csv_download(csv_of(told), "kpis")
    columns = columns_of(next(told))
    return workbook_download(workbook_of(Sheet("KPIs", columns, told)), "kpis")


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in FILTERS}
