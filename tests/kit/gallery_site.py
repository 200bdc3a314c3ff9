"""The gallery with something behind its controls, kept in memory: an address for every kind of request components send.

`serve()` runs it under the product's Content-Security-Policy without a database; `python -m tests.kit.gallery_site` shows it
at http://localhost:8765 for work on css and js.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import override_settings
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from tests.kit import gallery
from trackline.kit import htmx
from trackline.kit.forms import FormField

ENTERED: dict[int, str] = {}


def page(request: HttpRequest) -> HttpResponse:
    """The gallery, with the entries made so far."""
    context = gallery.context()
    for number, text in ENTERED.items():
        context["rows"][number - 1]["arr"] = text
    return htmx.render_partial(request, "kit/gallery.html", "list", context)


def options(request: HttpRequest) -> HttpResponse:
    """A type-ahead's list."""
    typed = request.GET.get("q", "")
    names = ["Katrin Vogel", "Tim Lorca", "小林 健", gallery.LONG, "Lena Ebert"]
    found = [
        {"value": str(number), "label": name, "meta": "Contact", "band": "green"}
        for number, name in enumerate(names, 7)
        if typed.casefold() in name.casefold()
    ]
    return render(request, "kit/c/options.html", {"options": found, "query": typed})


def palette(request: HttpRequest) -> HttpResponse:
    """The palette's list."""
    typed = request.GET.get("q", "")
    jump = [
        {"label": "Okada Brandt Mobility", "url": "/?from=palette", "meta": "Account · tier 1", "icon": "building-2"},
        {"label": "小林 健", "reading": "Kobayashi Ken", "url": "/", "meta": "Contact", "icon": "users-round"},
    ]
    act = [{"label": "Add an account", "icon": "plus", "key": "N", "kind": "action", "get": "/new"}]
    groups = [
        {"label": label, "items": [item for item in items if typed.casefold() in item["label"].casefold()]}
        for label, items in (("Jump to", jump), ("Do", act))
    ]
    return render(request, "kit/c/palette_list.html", {"groups": groups, "query": typed})


def cell(request: HttpRequest, number: int) -> HttpResponse:
    """One cell: GET opens it, POST saves it or says what is wrong."""
    url = request.path
    text = request.POST.get("arr", ENTERED.get(number, str(gallery.context()["rows"][number - 1]["arr"])))
    if request.method == "POST" and text.isdigit():
        ENTERED[number] = text
        shown = format_html(
            '<td class="right" data-cell="{}" tabindex="0"><span class="cell-value">€{}</span></td>', url, text
        )
        return htmx.toast(HttpResponse(shown), f"ARR: €{text}", f"/undo/{number}")
    refused = request.method == "POST"
    error = mark_safe('<p class="cell-error" id="cell-error">A number is expected.</p>') if refused else ""
    marked = mark_safe(' aria-invalid="true" aria-describedby="cell-error"') if refused else ""
    form = format_html(
        '<td class="right editing" data-cell="{0}"><form hx-post="{0}" hx-target="closest td" hx-swap="outerHTML">'
        '<input class="input number" name="arr" aria-label="ARR" value="{1}"{2}>{3}</form></td>',
        url, text, marked, error,
    )  # fmt: skip
    return HttpResponse(form, status=422 if refused else 200)


def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take an entry back."""
    ENTERED.pop(number, None)
    return htmx.changed(htmx.toast(htmx.done(), "Undone"))


def panel(request: HttpRequest, number: int) -> HttpResponse:
    """A record's panel."""
    return render(request, "kit/c/panel_head.html", {"title": f"Account {number}", "kicker": "Account", "url": "#"})


def new(request: HttpRequest) -> HttpResponse:
    """A dialog with one field that refuses to be empty."""
    name = request.POST.get("name", "")
    if request.method == "POST" and name:
        return htmx.toast(htmx.done(), f"{name} added")
    errors = ["Needed, but empty."] if request.method == "POST" else []
    field = FormField(name="name", label="Name", required=True, autofocus=True, errors=errors)
    context = {"title": "Add an account", "action": "/new", "confirm": "Add account", "fields": [field]}
    return render(request, "kit/c/confirm.html", context, status=422 if errors else 200)


def move(request: HttpRequest, number: int) -> HttpResponse:
    """A move on the board: Pursuing refuses, every other column takes the card."""
    if request.POST["to"] == "pursuing":
        text = '<h2 id="dialog-title">Not moved to Pursuing</h2><div class="dialog-foot"><button class="btn" data-close>Close</button></div>'
        return HttpResponse(text, status=409)
    board = gallery.context()["board"]
    cards = [card for column in board for card in column["cards"] if card["id"] == number]
    for column in board:
        column["cards"] = [card for card in column["cards"] if card["id"] != number]
        if column["key"] == request.POST["to"]:
            column["cards"] = cards + column["cards"]
    return htmx.toast(render(request, "kit/gallery.html#board", {"board": board}), "Moved")


def broken(request: HttpRequest) -> HttpResponse:
    """A failure of the server."""
    return HttpResponse("trace", status=500)


urlpatterns = [
    path("", page),
    path("options", options),
    path("search/palette", palette),
    path("cell/<int:number>/arr", cell),
    path("undo/<int:number>", undo),
    path("panel/account/<int:number>", panel),
    path("new", new),
    path("move/<int:number>", move),
    path("delete", broken),
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def serve(port: int = 0) -> Iterator[str]:
    """The gallery's address, while the block runs."""
    ENTERED.clear()
    middleware = ["csp.middleware.CSPMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware, ALLOWED_HOSTS=["*"], DEBUG=True):
        server = make_server("127.0.0.1", port, StaticFilesHandler(WSGIHandler()), _Server, _Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    with serve(8765) as address:
        print(address)  # noqa: T201
        threading.Event().wait()
