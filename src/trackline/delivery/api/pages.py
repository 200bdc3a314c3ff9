"""The OpenAPI document, and the page on which a signed-in person reads it and tries calls with their session."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from trackline.delivery.api.document import document
from trackline.delivery.api.main import api
from trackline.kit.api.answers import answer_bytes, encode, etag


@cache
def _encoded() -> tuple[bytes, str]:
    body = encode(document(api))
    return body, etag(1, body)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document; it holds nothing of the book, so anybody may read it."""
    body, tag = _encoded()
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return answer_bytes(body, headers={"ETag": tag, "Cache-Control": "public, max-age=300"})


@require_safe
@ensure_csrf_cookie
def docs(request: HttpRequest) -> HttpResponse:
    """Show the page; a stranger signs in first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return redirect(f"/sign-in?next={request.path}")
    return render(request, "api/docs.html")
