"""Deeds on a shared page: a new address, shown this once, and its password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.documents.sharing import services
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Problem
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.views.calendar import site_of
from trackline.workspace.views.settings.frame import Dialog, show_dialog
from trackline.workspace.web import page


@page("POST", permission=WRITE)
def new_address(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Give a page an address; an earlier one is void."""
    path = services.new_address(ctx, pk)
    link = get(ctx, registry.get("share_link"), pk)
    response = render(request, "workspace/shared/address.html", {"link": link, "address": f"{site_of(request)}{path}"})
    response.headers["Cache-Control"] = "no-store"
    return htmx.changed(response)


@page("GET", "POST", permission=WRITE)
def password(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Set the password of a page, or take it away."""
    link = get(ctx, registry.get("share_link"), pk)
    dialog = Dialog(
        title=f"Password of {link}",
        text="Whoever opens the page is asked for it. Leave it empty for none; who gave the old one is asked again.",
        action=f"/r/share_link/{pk}/password",
        confirm="Save",
        fields=[FormField(name="password", label="Password", value="", max_length=200, autofocus=True)],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        services.set_password(ctx, pk, request.POST.get("password", "").strip())
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return htmx.close_dialog(htmx.changed(htmx.toast(htmx.done(), "Password saved")))
