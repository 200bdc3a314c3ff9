"""Saved views of lists."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts import services
from trackline.accounts.models import SavedView
from trackline.kit import htmx
from trackline.kit.policy import READ, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.workspace.views import alerts
from trackline.workspace.views.accounts import listing
from trackline.workspace.views.view_tabs import Views
from trackline.workspace.web import page

FORM = "workspace/lists/view_form.html"
LISTS = {views.name: views for views in (listing.VIEWS, alerts.VIEWS)}


@page("GET", "POST", permission=READ)
def new(request: HttpRequest, ctx: Context, of: str) -> HttpResponse:
    """Ask for the name of a view of what the page shows, and keep it."""
    views = _list(of)
    query = views.read(request.GET).saved_query
    values = _values(request) if request.method == "POST" else {"name": "", "shared": False, "is_default": False}
    context = {"action": f"/lists/{of}/views/new?{query}", "values": values, "view": None, "list": views}
    if request.method != "POST":
        return render(request, FORM, context)
    try:
        view = services.save_view(ctx, views.record_type, query=query, **values)
    except Invalid as problem:
        return _refused(request, context, problem)
    return _go(request, views, view, f"View {view.name} saved")


@page("GET", "POST", permission=READ)
def change(request: HttpRequest, ctx: Context, of: str, pk: int) -> HttpResponse:
    """Rename, share or make default a view of one's own."""
    views = _list(of)
    view = _own(ctx, views, pk)
    held = {"name": view.name, "shared": view.shared, "is_default": view.is_default}
    values = _values(request) if request.method == "POST" else held
    context = {"action": f"/lists/{of}/views/{pk}", "values": values, "view": view, "list": views}
    if request.method != "POST":
        return render(request, FORM, context)
    try:
        view = services.change_view(ctx, pk, **values)
    except Invalid as problem:
        return _refused(request, context, problem)
    return _go(request, views, view, f"View {view.name} saved")


@page("POST", permission=READ)
def update(request: HttpRequest, ctx: Context, of: str, pk: int) -> HttpResponse:
    """Make a view of one's own show what the page shows now."""
    views = _list(of)
    view = services.change_view(ctx, _own(ctx, views, pk).pk, query=views.read(request.GET).saved_query)
    return htmx.changed(htmx.toast(htmx.done(), f"View {view.name} updated"))


@page("POST", permission=READ)
def delete(request: HttpRequest, ctx: Context, of: str, pk: int) -> HttpResponse:
    """Remove a view of one's own; what it lists stays as it is."""
    views = _list(of)
    view = services.delete_view(ctx, _own(ctx, views, pk).pk)
    first = views.built_in[0][0]
    return htmx.toast(htmx.redirect(request, f"{views.path}?view={first}"), f"View {view.name} removed")


def _list(name: str) -> Views:
    if name not in LISTS:
        raise NotFound(f"There is no list {name[:40]} with views.")
    return LISTS[name]


def _own(ctx: Context, views: Views, pk: int) -> SavedView:
    view = services.own_view(ctx, pk)
    if view.record_type != views.record_type:
        raise NotFound("There is no such view among your own.")
    return view


def _values(request: HttpRequest) -> dict[str, Any]:
    return {
        "name": request.POST.get("name", ""),
        "shared": request.POST.get("shared", "") == "on",
        "is_default": request.POST.get("is_default", "") == "on",
    }


def _refused(request: HttpRequest, context: dict[str, Any], problem: Invalid) -> HttpResponse:
    return render(request, FORM, context | {"error": problem.errors[0]["msg"]}, status=problem.status)


def _go(request: HttpRequest, views: Views, view: SavedView, said: str) -> HttpResponse:
    return htmx.toast(htmx.redirect(request, views.url(str(view.pk), view.query)), said)
