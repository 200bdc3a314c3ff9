"""Addresses of the API."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.urls.resolvers import RoutePattern

from trackline.delivery.api.main import api
from trackline.delivery.api.pages import docs, openapi

_FIRST = re.compile(r"[^/<]+")


def _by_resource(patterns: list[Any]) -> list[URLResolver]:
    """Put the patterns of a resource under one prefix, so that an address is matched against a few and not against all."""
    groups: dict[str, list[URLPattern]] = {}
    for pattern in patterns:
        route = str(pattern.pattern)
        found = _FIRST.match(route)
        if isinstance(pattern, URLPattern) and found:
            rest = path(route[found.end() :], pattern.callback, pattern.default_args, pattern.name)
            groups.setdefault(found[0], []).append(rest)
    return [URLResolver(RoutePattern(first), listed) for first, listed in groups.items()]


def nowhere(request: HttpRequest) -> HttpResponse:
    """Answer 404 for every other address, signed in or not."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("openapi.json", openapi, name="api-openapi"),
    path("docs", docs, name="api-docs"),
    path("docs/<str:group>", docs),
    *_by_resource(api.urls[0]),
    re_path("^.*$", nowhere),
]
