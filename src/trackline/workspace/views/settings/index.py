"""The list of settings, and undo of what was changed there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.services import take_back
from trackline.kit import htmx
from trackline.kit.policy import ADMIN, Context
from trackline.workspace.views.settings.frame import entries
from trackline.workspace.web import page


@page()
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List the pages of settings that the actor may see."""
    context = {
        "nav_key": "settings",
        "crumbs": [{"label": "Settings", "url": ""}],
        "groups": entries(ctx),
        "can_change": ctx.actor.may(ADMIN),
    }
    return render(request, "workspace/settings/index.html", context)


@page("POST", permission=ADMIN)
def undo(request: HttpRequest, ctx: Context, change: int) -> HttpResponse:
    """Take a change of settings back."""
    take_back(ctx, change)
    return htmx.changed(htmx.toast(htmx.done(), "Undone"))
