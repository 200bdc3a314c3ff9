"""The check of a write from a browser, for views that answer a forged one themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from trackline.kit.problems import Forbidden


def require_csrf(request: HttpRequest) -> None:
    """Raise `Forbidden`, with the reason, for a write that does not carry the token of its browser."""
    check = _CsrfCheck(lambda _request: HttpResponse())
    check.process_request(request)
    check.process_view(request, _never, (), {})


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        raise Forbidden(reason)


def _never(_request: HttpRequest) -> HttpResponse:
    raise AssertionError("only its lack of an exemption is looked at")
