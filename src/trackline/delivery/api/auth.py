"""Who calls: a bearer token, else the session of a signed-in person, whose writes must carry the CSRF token."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from trackline.accounts.access import actor_of, actor_of_token, digest
from trackline.accounts.models import User
from trackline.accounts.settings import book_zone
from trackline.delivery.api import limits
from trackline.kit.csrf import require_csrf
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Unauthorized

SAFE = ("GET", "HEAD", "OPTIONS")


def authenticate(request: HttpRequest) -> Context:
    """Return the context of the caller and keep it on the request; ninja calls this before each operation.

    Raises `Unauthorized`, `Forbidden` for a session's write without CSRF token, `TooManyRequests`.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    ctx = _by_token(request, header) if header else _by_session(request)
    request.trackline_context = ctx  # type: ignore[attr-defined]
    return ctx


def _by_token(request: HttpRequest, header: str) -> Context:
    scheme, _, bearer = header.partition(" ")
    bearer = bearer.strip()
    now = timezone.now()
    try:
        if scheme.casefold() != "bearer" or not bearer.isascii() or not 1 <= len(bearer) <= 200:
            raise Unauthorized("Send the header Authorization: Bearer, followed by a token.")
        actor = actor_of_token(bearer, now)
    except Unauthorized:
        limits.count_failure(request)
        raise
    limits.count(request, digest(bearer))
    return Context(actor, now, via="api", zone=book_zone)


def _by_session(request: HttpRequest) -> Context:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        raise Unauthorized("Send the header Authorization: Bearer, followed by a token.")
    if request.method not in SAFE:
        try:
            require_csrf(request)
        except Forbidden as problem:
            raise Forbidden(f"A browser session needs the header X-CSRFToken for this. {problem.detail}") from None
    limits.count(request, f"user {user.pk}")
    return Context(actor_of(cast(User, user)), timezone.now(), via="api", zone=book_zone)
