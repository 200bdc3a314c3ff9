"""New records: the form as page and panel, and what follows a save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound, Problem, Refused
from trackline.kit.records import services
from trackline.kit.records.types import RecordType
from trackline.workspace.records import addresses, creating, forms, panel
from trackline.workspace.records.views.common import label_of, said, touched, type_of
from trackline.workspace.web import page


@page("GET", "POST")
def new(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """The form of a new record; POST creates it.

    `then` says what follows: `line` keeps the page as it is, `again` gives an empty form; else the record's
    panel opens, or that of `back` (`goal/12`).
    """
    rtype = type_of(name)
    ctx.require(rtype.write_permission)
    given = creating.given_of(rtype, request.GET.dict())
    if request.method == "POST":
        return _create(request, ctx, rtype, given)
    return _form(request, ctx, rtype, given)


def _create(request: HttpRequest, ctx: Context, rtype: RecordType, given: Mapping[str, Any]) -> HttpResponse:
    then = request.POST.get("then", "")
    typed = forms.posted(request.POST, creating.specs_for_new(rtype).values())
    try:
        record = services.create(ctx, rtype, dict(given) | typed if then == "line" else typed, parse="text")
    except (Invalid, Refused) as problem:
        return _refused(request, ctx, rtype, given, typed, problem, then)
    change = record.last_change
    text = f"{rtype.label} added: {label_of(ctx, rtype, record.pk)}"
    if not htmx.is_htmx(request):
        return htmx.redirect(request, addresses.page(rtype, record.pk))
    if then == "line":
        return touched(htmx.changed(said(htmx.done(), text, change)), rtype, record)
    if then == "again":
        response = _form(request, ctx, rtype, given)
    elif rtype.is_account:
        return said(htmx.redirect(request, addresses.page(rtype, record.key)), text, change)
    else:
        response = _record_panel(request, ctx, rtype, record.pk)
    return touched(htmx.changed(said(response, text, change)), rtype, record)


def _refused(
    request: HttpRequest,
    ctx: Context,
    rtype: RecordType,
    given: Mapping[str, Any],
    typed: forms.Typed,
    problem: Problem,
    then: str,
) -> HttpResponse:
    if then == "line":
        return JsonResponse(problem.to_json(), status=problem.status, content_type="application/problem+json")
    return _form(request, ctx, rtype, given, typed=typed, problem=problem)


def _form(
    request: HttpRequest,
    ctx: Context,
    rtype: RecordType,
    given: Mapping[str, Any],
    *,
    typed: forms.Typed | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    errors = forms.errors_of(problem) if problem else None
    form = creating.form(ctx, rtype, given, typed=typed, errors=errors, detail=problem.detail if problem else "")
    back = request.GET.get("back", "")
    context = {
        "form": form,
        "action": addresses.new(rtype, request.GET.dict()),
        "back": back,
        "title": f"New {form.noun}",
        "crumbs": [{"label": rtype.labels, "url": addresses.listing(rtype)}, {"label": f"New {form.noun}", "url": ""}],
    }
    return htmx.vary(render(request, _template(request, "new"), context, status=problem.status if problem else 200))


def _record_panel(request: HttpRequest, ctx: Context, rtype: RecordType, pk: int) -> HttpResponse:
    """Show what the form leads to, under its own address."""
    wanted, number = rtype, str(pk)
    back = request.GET.get("back", "")
    if back.count("/") == 1:
        name, number = back.split("/")
        wanted = type_of(name)
    try:
        shown = panel.build(ctx, wanted, number)
    except NotFound:
        shown = panel.build(ctx, rtype, pk)
    response = render(request, "workspace/records/panel.html", {"p": shown})
    return htmx.trigger(response, "tl:panel-at", {"panel": addresses.panel(shown.rtype, shown.pk)})


def _template(request: HttpRequest, name: str) -> str:
    part = htmx.is_partial(request) or request.path.startswith("/panel/")
    return f"workspace/records/{name}_panel.html" if part else f"workspace/records/{name}.html"
