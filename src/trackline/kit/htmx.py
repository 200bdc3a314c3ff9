"""The only code that looks at HTMX headers: whether a part is wanted, and what the browser shall do besides swapping it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

MAIN = "main"
"""Id of the whole content: a request for it gets the page, from which the browser takes that element."""


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, for a part or for a page."""
    return request.headers.get("HX-Request") == "true"


def is_partial(request: HttpRequest) -> bool:
    """Whether the answer is swapped into the page, so that a part of it is enough."""
    return (
        is_htmx(request)
        and request.headers.get("HX-Boosted") != "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
        and target(request) != MAIN
    )


def target(request: HttpRequest) -> str:
    """Id of the element that the answer goes into, or ""."""
    return request.headers.get("HX-Target", "")


def page_path(request: HttpRequest) -> str:
    """Path and query of the page the user looks at, or ""."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def render_partial(
    request: HttpRequest, template: str, part: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render the page, or only its `{% partialdef part %}` where htmx asked for a part."""
    name = f"{template}#{part}" if is_partial(request) else template
    response = render(request, name, dict(context or {}), status=status)
    vary(response)
    return response


def vary(response: HttpResponse) -> HttpResponse:
    """Keep caches from giving a part to who wants the page."""
    response.headers["Vary"] = ", ".join(dict.fromkeys([*_listed(response, "Vary"), "HX-Request", "HX-Target"]))
    return response


def trigger(response: HttpResponse, name: str, detail: Any = None) -> HttpResponse:
    """Have the browser fire an event after the answer; several may be added to one answer."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[name] = detail
    response.headers["HX-Trigger"] = json.dumps(events, ensure_ascii=True)
    return response


def toast(response: HttpResponse, text: str, undo_url: str | None = None) -> HttpResponse:
    """Say what was done: "Target: 2.5 % → 2.4 %". `undo_url` takes a POST that takes it back."""
    return trigger(response, "toast", {"text": text, **({"undo": undo_url} if undo_url else {})})


def changed(response: HttpResponse) -> HttpResponse:
    """More than the swapped part may differ now: the page fetches its content again, without a reload."""
    return trigger(response, "tl:changed")


def close_dialog(response: HttpResponse) -> HttpResponse:
    """Close the open dialog."""
    return trigger(response, "tl:close-dialog")


def close_panel(response: HttpResponse) -> HttpResponse:
    """Close the side panel."""
    return trigger(response, "tl:close-panel")


def retarget(response: HttpResponse, selector: str, swap: str = "outerHTML") -> HttpResponse:
    """Put the answer somewhere else than the request said."""
    response.headers["HX-Retarget"] = selector
    response.headers["HX-Reswap"] = swap
    return response


def push_url(response: HttpResponse, url: str) -> HttpResponse:
    """Put an address into the address bar."""
    response.headers["HX-Push-Url"] = url
    return response


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Go to another page, whether htmx or the browser itself asked."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def done() -> HttpResponse:
    """An answer without a part; add a toast or an event to it."""
    return HttpResponse(status=204)


def _listed(response: HttpResponse, name: str) -> list[str]:
    return [part.strip() for part in response.headers.get(name, "").split(",") if part.strip()]
