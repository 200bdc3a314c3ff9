"""Not now: an account's next best action is left for later, and comes back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from trackline.accounts.services.putting_off import bring_back, put_off
from trackline.kit import formats, htmx
from trackline.kit.policy import WRITE, Context
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.web import page

PUT_OFF_FOR = ((7, "A week"), (14, "Two weeks"), (30, "A month"), (90, "Three months"))
"""For how long a next best action can be put off with one click, in days."""


@page("POST", permission=WRITE)
def not_now(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Put the next best action `what` off for `days`; the toast brings it back."""
    account = head_of(ctx, key).account
    days = request.POST.get("days", "")
    what, title = request.POST.get("what", ""), request.POST.get("title", "")
    put = put_off(ctx, account, what, title, int(days) if days.isdecimal() and len(days) < 5 else 0)
    back = f"/accounts/{account.key}/not-now/back?{urlencode({'what': what})}"
    return htmx.changed(htmx.toast(htmx.done(), f"Put off until {formats.day(put.until, ctx.today)}", back))


@page("POST", permission=WRITE)
def back_now(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Show an action again that was put off."""
    account = head_of(ctx, key).account
    found = bring_back(ctx, account, request.GET.get("what", ""))
    text = "Back among what to do next" if found else "This is not put off any more"
    return htmx.changed(htmx.toast(htmx.done(), text))
