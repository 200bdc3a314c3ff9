"""Deleting, bringing back, undoing, and the list of what was deleted lately."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.records import bulk, services
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses, undoing
from trackline.workspace.records.labels import in_sentence
from trackline.workspace.records.related import below
from trackline.workspace.records.views.common import counted, done, label_of, listed, type_of
from trackline.workspace.web import page


@page("POST")
def delete(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """Delete a record. Where others go with it, it says so and asks first (`sure`)."""
    rtype = type_of(name)
    ctx.require(rtype.write_permission)
    record = get(ctx, rtype, pk)
    label = label_of(ctx, rtype, pk)
    going = below(rtype, [pk])
    if going and not request.POST.get("sure"):
        context = {
            "title": f"Delete “{label}”?",
            "text": f"{listed(counted(other, count) for other, count in going)} "
            f"{'goes' if sum(count for _, count in going) == 1 else 'go'} with it. You can undo this.",
            "action": addresses.act(rtype, pk, "delete"),
            "hidden": [("sure", "1")],
            "confirm": f"Delete {in_sentence(rtype)}",
            "keep": "Keep it",
            "danger": True,
        }
        return htmx.retarget(render(request, "kit/c/confirm.html", context), "#dialog", "innerHTML")
    change = services.delete(ctx, rtype, pk)
    if not htmx.is_htmx(request):
        return htmx.redirect(request, addresses.listing(rtype))
    return done(f"{rtype.label} deleted: {label}", rtype, record, change)


@page("POST")
def restore(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """Bring back a deleted record with all that went with it."""
    rtype = type_of(name)
    record = services.restore(ctx, rtype, pk)
    text = f"{rtype.label} brought back: {label_of(ctx, rtype, pk)}"
    if not htmx.is_htmx(request):
        return htmx.redirect(request, addresses.page(rtype, pk))
    return done(text, rtype, record)


@page("POST")
def undo(request: HttpRequest, ctx: Context, change: int) -> HttpResponse:
    """Take one change back. Raises `Stale` where one of its fields has moved on since."""
    record = services.undo(ctx, change)
    rtype = registry.by_model(type(record))
    return done("Undone", rtype, record)


@page("POST")
def undo_batch(request: HttpRequest, ctx: Context, batch: UUID) -> HttpResponse:
    """Take back all changes that were made as one; what was changed again since stays, and is named."""
    return htmx.changed(htmx.toast(htmx.done(), undoing.told(bulk.undo_batch(ctx, batch))))


@page("GET")
def deleted(request: HttpRequest, ctx: Context) -> HttpResponse:
    """What was deleted lately and can still be brought back."""
    context = {
        "gone": undoing.deleted_lately(ctx),
        "days": undoing.DAYS,
        "today": ctx.today,
        "crumbs": [{"label": "Deleted lately", "url": ""}],
    }
    return htmx.render_partial(request, "workspace/records/deleted.html", "list", context)
