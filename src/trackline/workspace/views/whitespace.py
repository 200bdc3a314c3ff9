"""Deeds on the grid of white space: starting the route of a cell, taking the grid along as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trackline.accounts.rates import rates_in_force
from trackline.align.whitespace import start_route
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.types import registry
from trackline.workspace.downloads import csv_download
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.whitespace import lines_of, whitespace_grid
from trackline.workspace.records.views.common import done
from trackline.workspace.web import page


@page("POST", permission=WRITE)
def start(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Make the route of a cell in one click: `business_unit` and `product` say which."""
    rtype = registry.get("route")
    sent = {name: request.POST.get(name, "") for name in ("business_unit", "product")}
    wrong = {name: "An id is expected." for name, value in sent.items() if not value.isdecimal() or len(value) > 18}
    if wrong:
        raise Invalid.fields(wrong)
    route = start_route(ctx, int(sent["business_unit"]), int(sent["product"]), rates_in_force(ctx.today))
    text = f"{route.title}: {route.get_type_display().lower()} route started"
    return done(text, rtype, route, getattr(route, "last_change", None))


@page()
def export(request: HttpRequest, ctx: Context, key: str, ending: str) -> HttpResponse:
    """Download the grid as `csv`; with `group=1` that of all below too."""
    if ending != "csv":
        raise NotFound(f"There is no export as {ending}; csv is known.")
    head = head_of(ctx, key)
    grid, zones = whitespace_grid(head, request.GET.get("group") == "1")
    return csv_download(csv_of(lines_of(grid, zones)), f"white-space-{head.account.key}-{ctx.today.isoformat()}")
