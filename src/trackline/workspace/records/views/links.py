"""Links between records, from the side that does not hold them: a KPI's goals, a meeting's actions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services
from trackline.kit.records.links import current
from trackline.kit.records.queries import get
from trackline.workspace.records.labels import with_article
from trackline.workspace.records.views.common import done, label_of, shortened, type_of
from trackline.workspace.web import page


@page("POST")
def link(request: HttpRequest, ctx: Context, name: str, pk: int, other: str, field: str) -> HttpResponse:
    """Let the record `pk` (posted) of type `other` point here through its `field`; with `remove` no longer."""
    here, there = type_of(name), type_of(other)
    spec = there.specs.get(field)
    if spec is None or spec.target != here.name:
        raise NotFound("There is no such link.")
    get(ctx, here, pk)
    chosen = request.POST.get("pk", "")
    if not chosen.isdecimal():
        raise Invalid.fields({"pk": f"Choose a {there.label.lower()} first."})
    record = get(ctx, there, chosen)
    remove = bool(request.POST.get("remove"))
    if spec.many:
        linked = [item for item in current(there, record.pk, [field])[field] if item != pk]
        data: dict[str, Any] = {field: linked if remove else [*linked, pk]}
    elif remove and spec.required:
        needs = f"{with_article(there)} needs {with_article(here)}"
        raise Invalid.fields({"pk": f"{needs[0].upper()}{needs[1:]}. Choose another one instead."})
    else:
        data = {field: None if remove else pk}
    saved = services.update(ctx, there, record.pk, data)
    label = shortened(label_of(ctx, there, record.pk))
    change = getattr(saved, "last_change", None)
    text = f"{label}: {'unlinked' if remove else 'linked'}" if change else f"{label} is linked already"
    return done(text, there, saved, change)
