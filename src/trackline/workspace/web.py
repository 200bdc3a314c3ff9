"""The edge of every page: who asks, with which rights and when; and how an expected failure is shown.

`page` wraps a view `(request, ctx, …) -> HttpResponse`. Views hold no rights of their own: they call queries and
services with `ctx`, which raise a `Problem`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from trackline.accounts.access import actor_of
from trackline.accounts.held import read_once
from trackline.accounts.models import User
from trackline.accounts.settings import book_zone, zone_named
from trackline.kit import htmx
from trackline.kit.policy import READ, Context
from trackline.kit.problems import Problem

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
PageView = Callable[Concatenate[HttpRequest, Context, P], HttpResponse]


def context_of(request: HttpRequest) -> Context:
    """Return the context of a signed-in request, made once per request."""
    found = getattr(request, "trackline_context", None)
    if found is None:
        found = Context(actor_of(cast(User, request.user)), timezone.now(), via="web")
        request.trackline_context = found  # type: ignore[attr-defined]
    return cast(Context, found)


def address_of(request: HttpRequest) -> str:
    """Return the caller's address: behind a trusted proxy what that proxy, the nearest one, added last."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:45]


def zone_of(user: User) -> ZoneInfo:
    """Return the time zone in which a person reads: their own, else the book's."""
    return zone_named(user.time_zone) if user.time_zone else book_zone()


def page(*methods: str, permission: str | None = READ) -> Callable[[PageView[P]], View[P]]:
    """Make a view of a function that takes the context; a `Problem` becomes a page or a part with its status."""

    def decorate(view: PageView[P]) -> View[P]:
        @require_http_methods(list(methods or ("GET", "HEAD")))
        @wraps(view)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with read_once(), timezone.override(zone_of(cast(User, request.user))):
                try:
                    ctx = context_of(request)
                    if permission:
                        ctx.require(permission)
                    return view(request, ctx, *args, **kwargs)
                except Problem as problem:
                    return problem_response(request, problem)

        return cast(View[P], wrapped)

    return decorate


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Show a problem: a part for htmx, a page else. Views that have a form answer `Invalid` with the form instead."""
    context: dict[str, Any] = {"problem": problem}
    template = "workspace/problem.html"
    name = f"{template}#problem" if htmx.is_partial(request) else template
    return render(request, name, context, status=problem.status)
