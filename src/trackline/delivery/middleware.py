"""Request handling that belongs to no room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase

API_PREFIX = "/api/"
ALIVE = "/healthz"


def alive(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answers the probe of a load balancer with 200 while the process serves.

    It comes before everything else: a probe names hosts that are not allowed, and must not wait for the database.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info == ALIVE:
            return HttpResponse("ok", content_type="text/plain")
        return get_response(request)

    return middleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Deny by default: every page asks for a signed-in person unless its view is marked `login_not_required`.

    The API is exempt here because it answers 401 problems itself instead of redirecting to a form.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if request.path_info.startswith(API_PREFIX):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
