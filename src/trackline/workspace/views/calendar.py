"""Calendar files and feeds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from trackline.kickoff import calendars
from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Problem
from trackline.workspace.queries.calendar import WEEK, month, month_of
from trackline.workspace.web import page

ICS = "text/calendar; charset=utf-8"


@page()
def mine(request: HttpRequest, ctx: Context) -> HttpResponse:
    """A month of one's own meetings with all accounts."""
    today = timezone.localdate(ctx.now)
    first = month_of(request.GET.get("month", ""), today)
    context = {
        "nav_key": "today",
        "crumbs": [{"label": "Today", "url": "/"}, {"label": "Calendar", "url": "/calendar"}],
        "today": today,
        "here": "/calendar",
        "named": True,
        "month": month(ctx, first, today, Q(attendees=ctx.actor.user_id or 0)),
        **feed_facts(request, ctx),
    }
    return render(request, "workspace/calendar.html", context)


def feed_facts(request: HttpRequest, ctx: Context, account: int | None = None) -> dict[str, Any]:
    """Return what the month and the address to subscribe to need in a template."""
    return {"weekdays": WEEK, "feed": calendars.feed_address(ctx, account), "site": site_of(request)}


@page()
def of_meeting(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """One meeting as a file for a calendar program."""
    body = calendars.meeting_file(ctx, pk, site_of(request))
    return HttpResponse(
        body, content_type=ICS, headers={"Content-Disposition": f'attachment; filename="meeting-{pk}.ics"'}
    )


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program reads from a secret address; nobody is signed in."""
    try:
        body = calendars.read_feed(token, timezone.now(), site_of(request))
    except Problem:
        return HttpResponse("There is no such calendar.\n", status=404, content_type="text/plain; charset=utf-8")
    return HttpResponse(body, content_type=ICS, headers={"Cache-Control": "private, max-age=900"})


@page("POST")
def turn_on(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Turn feeds on, or take new addresses."""
    calendars.turn_on(ctx)
    return htmx.changed(htmx.toast(htmx.done(), "Calendar addresses made; earlier ones are void"))


@page("POST")
def turn_off(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Turn feeds off."""
    calendars.turn_off(ctx)
    return htmx.changed(htmx.toast(htmx.done(), "Calendar addresses are void"))


def site_of(request: HttpRequest) -> str:
    """Return the address under which the product was asked."""
    return f"{request.scheme}://{request.get_host()}"
