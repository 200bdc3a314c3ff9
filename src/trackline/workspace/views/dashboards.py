"""Book, Dashboards: tiles under one filter bar, the rows behind each, how they are arranged, and the same as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.dashboards import services
from trackline.book.dashboards.boards import Shown, board_of, rows_of
from trackline.book.dashboards.gallery import gallery
from trackline.book.dashboards.shapes import Point
from trackline.book.dashboards.tiles import tiles_of
from trackline.book.models import Dashboard
from trackline.documents.boards import files
from trackline.documents.boards.drawing import narrowed
from trackline.kit import htmx
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.dashboards.asked import PATH, Asked
from trackline.workspace.queries.dashboards.choosing import fields_of, read, shelves
from trackline.workspace.queries.dashboards.drawing import drawn, line_of
from trackline.workspace.records import addresses
from trackline.workspace.records.views.common import said
from trackline.workspace.views.book import tabs
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page

PAGE_SIZE = 100
BOOK = {"label": "Book", "url": "/book"}
CRUMB = {"label": "Dashboards", "url": PATH}
STARTING = "starting"
EXPORTS = (
    ("pdf", "file-text", "PDF"),
    ("png", "image", "Picture (PNG)"),
    ("xlsx", "sheet", "Excel, with the rows behind each tile"),
)
"""Ending, icon and words of what a dashboard is exported as."""


@page()
def first(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Go to the dashboard one opened last of one's own, else to the first that is shared; without any, say what they are for."""
    found = _listed(ctx)
    if found:
        return htmx.redirect(request, f"{PATH}/{found[0].pk}")
    context = {
        "nav_key": "book",
        "crumbs": [BOOK, CRUMB | {"url": ""}],
        "tabs": tabs(PATH),
        "can_write": ctx.actor.may(WRITE),
    }
    return render(request, "workspace/dashboards/none.html", context)


@page()
def board(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """A dashboard with its tiles."""
    asked = Asked.of(pk, request.GET)
    found = board_of(ctx, pk, asked.filters)
    dashboard = found.dashboard
    context: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [BOOK, CRUMB, {"label": dashboard.name, "url": ""}],
        "recent": {"label": dashboard.name, "meta": "Dashboard"},
        "tabs": tabs(PATH),
        "dashboard": dashboard,
        "others": [one for one in _listed(ctx) if one.pk != dashboard.pk],
        "board": found,
        "tiles": [drawn(shown, asked, ctx.today) for shown in found.tiles],
        "asked": asked,
        "path": f"{PATH}/{pk}",
        "filters": account_filters(found.sources.narrowed.choices, found.filters),
        "differs": dict(found.filters) != dict(dashboard.filters),
        "counted": len(found.sources.narrowed.ids),
        "book": found.sources.rates.book,
        "can_write": ctx.actor.may(WRITE),
        "exports": EXPORTS,
        "panel": addresses.panel(registry.get("dashboard"), pk),
        "today": ctx.today,
    }
    return render(request, "workspace/dashboards/board.html", context)


def _heading(shown: Shown, part: Point | None) -> str:
    """What the rows are of, and their figure."""
    named = f"{shown.title}, {part.label}" if part else shown.title
    if part is None and shown.found.value is None:
        return named
    return f"{named}: {shown.found.words(part.total if part else shown.found.value)}"


@page()
def rows(request: HttpRequest, ctx: Context, pk: int, tile: str) -> HttpResponse:
    """The rows behind a tile, or behind one part of its picture."""
    asked = Asked.of(pk, request.GET)
    found = board_of(ctx, pk, asked.filters, only=tile)
    shown = found.tile(tile)
    behind = rows_of(shown, asked.part)
    start = (asked.page - 1) * PAGE_SIZE
    points = {point.key: point for point in shown.found.points}
    part = points.get(asked.part)
    context = {
        "nav_key": "book",
        "crumbs": [BOOK, CRUMB, {"label": found.dashboard.name, "url": asked.url()}, {"label": shown.title, "url": ""}],
        "shown": shown,
        "part": part,
        "heading": _heading(shown, part),
        "rows": behind,
        "lines": [line_of(behind, row, ctx.today) for row in behind.rows[start : start + PAGE_SIZE]],
        "asked": asked,
        "url": asked.url(f"/tiles/{tile}"),
        "narrowed": narrowed(found),
        "exports": [(ending, asked.url(f"/tiles/{tile}/export/{ending}", part=asked.part)) for ending in ("csv", "xlsx")],
        "first": start + 1,
        "last": min(start + PAGE_SIZE, len(behind.rows)),
        "previous_url": _rows_page(asked, tile, asked.page - 1) if asked.page > 1 else "",
        "next_url": _rows_page(asked, tile, asked.page + 1) if start + PAGE_SIZE < len(behind.rows) else "",
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/dashboards/rows.html", context)


def _rows_page(asked: Asked, tile: str, number: int) -> str:
    return asked.url(f"/tiles/{tile}", part=asked.part, page=str(number) if number > 1 else "")


# -- files ---------------------------------------------------------------------------------------------------------


@page()
def export(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download a dashboard as `pdf`, `png` or `xlsx`."""
    if ending not in (*files.CONTENT, "xlsx"):
        raise NotFound(f"There is no dashboard as {ending[:20]}; pdf, png and xlsx are known.")
    found = board_of(ctx, pk, Asked.of(pk, request.GET).filters)
    name = f"dashboard-{pk}-{found.on.isoformat()}"
    if ending == "xlsx":
        return workbook_download(files.workbook(found), name)
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return HttpResponse(files.drawn(found, ending), content_type=files.CONTENT[ending], headers=disposition)


@page()
def export_tile(request: HttpRequest, ctx: Context, pk: int, tile: str, ending: str) -> HttpResponse:
    """Download the rows behind a tile as `csv` or `xlsx`, of one part of its picture where `part` asks for it."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending[:20]}; csv and xlsx are known.")
    asked = Asked.of(pk, request.GET)
    found = board_of(ctx, pk, asked.filters, only=tile)
    shown = found.tile(tile)
    name = f"dashboard-{pk}-{tile}-{found.on.isoformat()}"
    if ending == "xlsx":
        return workbook_download(files.tile_workbook(shown, asked.part), name)
    return csv_download(files.tile_csv(shown, asked.part), name)


# -- making and arranging ------------------------------------------------------------------------------------------


@page("GET", "POST", permission=WRITE)
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Ask for a name and what to start from, and make a dashboard of one's own."""
    posted = request.POST
    sources = _listed(ctx)
    context: dict[str, Any] = {
        "sources": sources,
        "name": posted.get("name", ""),
        "start": posted.get("start", STARTING),
    }
    if request.method != "POST":
        return render(request, "workspace/dashboards/new.html", context)
    try:
        made = _make(ctx, posted.get("name", ""), posted.get("start", ""), posted.get("shared") == "on")
    except Invalid as problem:
        context["error"] = problem.errors[0]["msg"] if problem.errors else problem.detail
        return render(request, "workspace/dashboards/new.html", context, status=problem.status)
    return htmx.toast(htmx.redirect(request, f"{PATH}/{made.pk}"), f"{made.name} made")


def _make(ctx: Context, name: str, start: str, shared: bool) -> Dashboard:
    if not name.strip():
        raise Invalid.fields({"name": "Give the dashboard a name."})
    if start.isdecimal() and len(start) < 19:
        return services.copy(ctx, start, name, shared=shared)
    tiles = services.starting_tiles() if start == STARTING else []
    data = {"name": name, "shared": shared, "tiles": tiles}
    made: Dashboard = records.create(ctx, registry.get("dashboard"), data, parse="json")
    return made


@page("POST", permission=WRITE)
def arrange(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Keep the order and the sizes that the page shows: `tiles=t1:3:2,t4:6:4` names each with its width and height."""
    places = []
    for text in filter(None, request.POST.get("tiles", "").split(",")):
        key, *size = text.split(":")
        if len(size) != 2 or not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in size):
            raise Invalid.fields({"tiles": "Each tile is expected as id:width:height."})
        places.append((key, int(size[0]), int(size[1])))
    version = request.POST.get("version", "")
    made = services.arrange(ctx, pk, places, int(version) if version.isdecimal() and len(version) < 10 else None)
    response = htmx.trigger(htmx.done(), "tl:arranged", {"version": made.version})
    change = getattr(made, "last_change", None)
    return said(response, "Arranged", change) if change is not None else response


@page("GET", "POST", permission=WRITE)
def gallery_of(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Show the tiles there are; `kind` puts one at the end of the dashboard."""
    dashboard = get(ctx, registry.get("dashboard"), pk)
    if request.method != "POST":
        held = [row["kind"] for row in dashboard.tiles]
        context = {"path": f"{PATH}/{pk}", "shelves": shelves(), "held": held}
        return render(request, "workspace/dashboards/gallery.html", context)
    kind = request.POST.get("kind", "")
    made, key = services.add_tile(ctx, pk, kind)
    response = htmx.changed(said(htmx.close_dialog(htmx.done()), f"{gallery().kinds[kind].title} added", _change(made)))
    return htmx.trigger(response, "tl:tile-added", {"tile": key})


@page("GET", "POST", permission=WRITE)
def change(request: HttpRequest, ctx: Context, pk: int, tile: str) -> HttpResponse:
    """Choose title, size and options of a tile."""
    dashboard = get(ctx, registry.get("dashboard"), pk)
    known = {one.id: one for one in tiles_of(dashboard.tiles)}
    if tile not in known:
        raise NotFound(f"The dashboard has no tile {tile[:20]}.")
    one = known[tile]
    context: dict[str, Any] = {"path": f"{PATH}/{pk}/tiles/{tile}", "tile": one}
    if request.method != "POST":
        return render(request, "workspace/dashboards/tile_form.html", context | {"fields": fields_of(ctx, one)})
    given = read(one.kind, request.POST)
    try:
        made = services.change_tile(ctx, pk, tile, given)
    except Invalid as problem:
        wrong = {".".join(map(str, error["loc"][2:])): error["msg"] for error in problem.errors}
        kept = replace(one, title=given["title"], options=given["options"])
        return render(
            request,
            "workspace/dashboards/tile_form.html",
            context | {"fields": fields_of(ctx, kept, wrong)},
            status=422,
        )
    return htmx.changed(said(htmx.close_dialog(htmx.done()), "Tile changed", _change(made)))


@page("POST", permission=WRITE)
def remove(request: HttpRequest, ctx: Context, pk: int, tile: str) -> HttpResponse:
    """Take a tile off."""
    made = services.remove_tile(ctx, pk, tile)
    return htmx.changed(said(htmx.close_dialog(htmx.done()), "Tile removed", _change(made)))


@page("POST", permission=WRITE)
def keep_filters(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Make the filters that the page shows those of the dashboard."""
    filters = Asked.of(pk, request.POST).filters or {}
    made = records.update(ctx, registry.get("dashboard"), pk, {"filters": dict(filters)})
    response = htmx.redirect(request, f"{PATH}/{pk}")
    return said(response, f"Filters of {made.name} kept", _change(made))


@page("POST", permission=WRITE)
def copy(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Make a private copy and open it."""
    made = services.copy(ctx, pk)
    return htmx.toast(htmx.redirect(request, f"{PATH}/{made.pk}"), f"{made.name} made; you alone see it")


@page("POST", permission=WRITE)
def delete(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Delete a dashboard; what it shows stays as it is."""
    gone = records.delete(ctx, registry.get("dashboard"), pk)
    return said(htmx.redirect(request, PATH), f"{gone.title} deleted", gone)


def _listed(ctx: Context) -> list[Dashboard]:
    """The dashboards one sees: one's own first, by name."""
    ctx.require(READ)
    found = list(scoped(ctx, registry.get("dashboard")).select_related("owner"))
    return sorted(found, key=lambda one: (one.owner_id != ctx.actor.user_id, one.name.casefold(), one.pk))


def _change(made: Any) -> Any:
    return getattr(made, "last_change", None)
