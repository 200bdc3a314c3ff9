"""Attempts at shared pages that got nothing: at addresses that no page has, and on pages beyond what they share."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trackline.documents.sharing import services
from trackline.kit.policy import ADMIN, Context
from trackline.workspace.views.settings.frame import draw
from trackline.workspace.web import page

KEY = "shared-pages"
PER_PAGE = 50


@page(permission=ADMIN)
def attempts(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List the attempts, the newest first."""
    before = request.GET.get("before", "")
    query = services.attempts(ctx).order_by("-pk")
    if before.isdecimal() and len(before) < 19:
        query = query.filter(pk__lt=int(before))
    found = list(query[: PER_PAGE + 1])
    context = {
        "rows": found[:PER_PAGE],
        "older": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "first": not before,
        "lately": services.standing_of_attempts(ctx),
        "days": services.LATELY.days,
    }
    return draw(request, ctx, KEY, "workspace/settings/attempts.html", context)
