"""A record as a page and as a panel, its history, and single fields set with one click."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records import services
from trackline.kit.records.queries import get, to_json
from trackline.kit.records.types import RecordType
from trackline.workspace.records import addresses, forms, history, panel
from trackline.workspace.records.facts import facts_for
from trackline.workspace.records.views.common import done, fresh_json, label_of, shortened, type_of
from trackline.workspace.records.words import words
from trackline.workspace.web import page


@page("GET")
def in_panel(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """The content of the side panel; the record's page where no panel asks."""
    rtype = type_of(name)
    if not htmx.is_htmx(request):
        return htmx.redirect(request, _page_url(ctx, rtype, pk))
    try:
        shown = panel.build(ctx, rtype, pk)
    except NotFound:
        return _deleted(request, ctx, rtype, pk, "deleted_panel", 200)
    return htmx.vary(render(request, "workspace/records/panel.html", {"p": shown}))


@page("GET")
def record(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """The record's own page. An account's is its workspace."""
    rtype = type_of(name)
    if rtype.is_account:
        return htmx.redirect(request, _page_url(ctx, rtype, pk))
    try:
        shown = panel.build(ctx, rtype, pk)
    except NotFound:
        return _deleted(request, ctx, rtype, pk, "deleted_record", 404)
    crumbs = [
        *({"label": label.text, "url": label.url} for label in reversed(shown.about)),
        *([] if shown.about else [{"label": rtype.labels, "url": addresses.listing(rtype)}]),
        {"label": shown.title, "url": ""},
    ]
    context = {
        "p": shown,
        "crumbs": crumbs,
        "nav_key": "accounts" if rtype.account else "",
        "recent": {"label": shown.title, "meta": rtype.label},
    }
    return htmx.vary(render(request, "workspace/records/record.html", context))


@page("GET")
def changes(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """The whole history of a record."""
    rtype = type_of(name)
    get(ctx, rtype, pk)
    found = history.of_record(ctx, rtype, pk, everything=True)
    context = {"history": found, "url": addresses.act(rtype, pk, "history"), "today": ctx.today}
    return render(request, "workspace/records/history.html", context)


@page("POST")
def set_fields(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """Set the fields that are sent, as a checkbox, a verb or a drag does; a `version` sent along may be stale (412)."""
    rtype = type_of(name)
    specs = [rtype.specs[field] for field in request.POST if field in rtype.specs]
    typed = forms.posted(request.POST, specs)
    before = to_json(ctx, rtype, get(ctx, rtype, pk))
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() else None
    saved = services.update(ctx, rtype, pk, typed, expected_version=seen, merge=seen is not None, parse="text")
    after = fresh_json(ctx, rtype, pk)
    facts = facts_for(ctx, rtype, [before, after], specs)
    moved = [f"{spec.label.lower()} {shortened(words(spec, after, facts))}" for spec in specs]
    text = f"{shortened(label_of(ctx, rtype, pk))}: {', '.join(moved)}"
    return done(text, rtype, saved, getattr(saved, "last_change", None))


def _deleted(
    request: HttpRequest, ctx: Context, rtype: RecordType, pk: int, template: str, status: int
) -> HttpResponse:
    gone: Any = panel.deleted(ctx, rtype, pk)
    context = {
        "rtype": rtype,
        "title": label_of(ctx, rtype, gone.pk),
        "when": gone.deleted_at,
        "who": gone.updated_by.name if gone.updated_by else "Trackline",
        "today": ctx.today,
        "restore_url": addresses.act(rtype, pk, "restore"),
        "can_edit": ctx.actor.may(rtype.write_permission),
    }
    return htmx.vary(render(request, f"workspace/records/{template}.html", context, status=status))


def _page_url(ctx: Context, rtype: RecordType, pk: int) -> str:
    return addresses.page(rtype, get(ctx, rtype, pk).key if rtype.is_account else pk)
