"""Saved views of the Accounts list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts import services
from trackline.accounts.models import SavedView
from trackline.kit import htmx
from trackline.kit.policy import READ, Context
from trackline.kit.problems import Invalid
from trackline.workspace.queries.accounts.asked import PATH, Asked
from trackline.workspace.views.accounts.listing import view_url
from trackline.workspace.web import page

FORM = "workspace/accounts/view_form.html"


@page("GET", "POST", permission=READ)
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Ask for the name of a view of what the page shows, and keep it."""
    query = Asked.of(request.GET).saved_query
    values = _values(request) if request.method == "POST" else {"name": "", "shared": False, "is_default": False}
    context = {"action": f"/lists/accounts/views/new?{query}", "values": values, "view": None}
    if request.method != "POST":
        return render(request, FORM, context)
    try:
        view = services.save_view(ctx, "account", query=query, **values)
    except Invalid as problem:
        return _refused(request, context, problem)
    return _go(request, view, f"View {view.name} saved")


@page("GET", "POST", permission=READ)
def change(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Rename, share or make default a view of one's own."""
    view = services.own_view(ctx, pk)
    held = {"name": view.name, "shared": view.shared, "is_default": view.is_default}
    values = _values(request) if request.method == "POST" else held
    context = {"action": f"/lists/accounts/views/{pk}", "values": values, "view": view}
    if request.method != "POST":
        return render(request, FORM, context)
    try:
        view = services.change_view(ctx, pk, **values)
    except Invalid as problem:
        return _refused(request, context, problem)
    return _go(request, view, f"View {view.name} saved")


@page("POST", permission=READ)
def update(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Make a view of one's own show what the page shows now."""
    view = services.change_view(ctx, pk, query=Asked.of(request.GET).saved_query)
    return htmx.changed(htmx.toast(htmx.done(), f"View {view.name} updated"))


@page("POST", permission=READ)
def delete(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Remove a view of one's own; the accounts in it stay as they are."""
    view = services.delete_view(ctx, pk)
    return htmx.toast(htmx.redirect(request, PATH + "?view=all"), f"View {view.name} removed")


def _values(request: HttpRequest) -> dict[str, Any]:
    return {
        "name": request.POST.get("name", ""),
        "shared": request.POST.get("shared", "") == "on",
        "is_default": request.POST.get("is_default", "") == "on",
    }


def _refused(request: HttpRequest, context: dict[str, Any], problem: Invalid) -> HttpResponse:
    return render(request, FORM, context | {"error": problem.errors[0]["msg"]}, status=problem.status)


def _go(request: HttpRequest, view: SavedView, said: str) -> HttpResponse:
    return htmx.toast(htmx.redirect(request, view_url(str(view.pk), view.query)), said)
