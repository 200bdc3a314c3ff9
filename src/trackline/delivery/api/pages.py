"""The OpenAPI document, and the page on which a signed-in person reads it and tries calls with their session."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from trackline.delivery.api import explorer
from trackline.delivery.api.document import FACTS, document
from trackline.delivery.api.main import api
from trackline.kit.api.answers import answer_bytes, encode, etag
from trackline.kit.records.types import registry


@cache
def _encoded() -> tuple[bytes, str]:
    body = encode(document(api))
    return body, etag(1, body)


@cache
def _read() -> Any:
    return json.loads(_encoded()[0])


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document; it holds nothing of the book, so anybody may read it."""
    body, tag = _encoded()
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return answer_bytes(body, headers={"ETag": tag, "Cache-Control": "public, max-age=300"})


@require_safe
@ensure_csrf_cookie
def docs(request: HttpRequest, group: str = "") -> HttpResponse:
    """Show the page of a group, without one the introduction; a stranger signs in first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return redirect(f"/sign-in?next={request.path}")
    found = _read()
    sections = {rtype.labels: rtype.section for rtype in registry.all()}
    tag = next((tag for tag in explorer.tags(found) if explorer.slug_of(tag) == group), "")
    if group and not tag:
        raise Http404
    about = next((item["description"] for item in found["tags"] if item["name"] == tag), "")
    context = {
        "menu": explorer.menu(found, sections),
        "tag": tag,
        "about": about,
        "facts": FACTS,
        "operations": explorer.operations(found, tag) if tag else [],
        "base": request.build_absolute_uri("/").rstrip("/"),
        "crumbs": [{"label": "API", "url": explorer.ADDRESS}, *([{"label": tag, "url": request.path}] if tag else [])],
    }
    return render(request, "api/docs.html", context)
