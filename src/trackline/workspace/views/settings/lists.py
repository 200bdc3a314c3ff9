"""Picklists: the words that fields offer to choose from."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from trackline.accounts import services
from trackline.kit.forms import FormField
from trackline.kit.models import PicklistValue
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound, Problem
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog
from trackline.workspace.web import page

Place = tuple[RecordType, FieldSpec]


@page()
def lists(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show every list with its words, where it is used, and words in use that it does not offer."""
    words: dict[str, list[str]] = {}
    for key, value in PicklistValue.objects.filter(active=True).values_list("picklist", "value"):
        words.setdefault(key, []).append(value)
    shown = []
    for key, places in _places().items():
        used = _used(places)
        offered = words.get(key, [])
        shown.append(
            {
                "key": key,
                "label": _label(key),
                "places": ", ".join(f"{rtype.label}: {spec.label}" for rtype, spec in places),
                "words": [{"word": word, "used": used.get(word, 0)} for word in offered],
                "others": [{"word": word, "used": count} for word, count in used.items() if word not in offered],
            }
        )
    return draw(request, ctx, "lists", "workspace/settings/lists.html", {"picklists": shown})


@page("GET", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Edit the words of a list and their order."""
    if key not in _places():
        raise NotFound("There is no such list.")
    held = list(PicklistValue.objects.filter(picklist=key, active=True).values_list("value", flat=True))
    typed = request.POST.get("values", "") if request.method == "POST" else "\n".join(held)
    dialog = Dialog(
        title=f"Words for {_label(key).lower()}",
        text="One a line, in the order they are offered. Another word in a word's line renames it, in the records that use "
        "it too; records keep a word that is taken out.",
        action=f"/settings/lists/{key}",
        confirm="Save words",
        fields=[FormField(name="values", kind="longtext", label="Words", required=True, value=typed, autofocus=True)],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        wanted = typed.splitlines()
        services.set_picklist(ctx, key, wanted, renamed=services.renamed_in(held, wanted))
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"Words for {_label(key).lower()} saved")


def _places() -> dict[str, list[Place]]:
    """Where each list is used, by its key."""
    found: dict[str, list[Place]] = {}
    for rtype in registry.all():
        for spec in rtype.specs.values():
            if spec.picklist:
                found.setdefault(spec.picklist, []).append((rtype, spec))
    return dict(sorted(found.items(), key=lambda item: _label(item[0])))


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _used(places: list[Place]) -> dict[str, int]:
    """How many records have each word, most used first."""
    used: dict[str, int] = {}
    for rtype, spec in places:
        rows: Any = rtype.model.objects.filter(deleted_at__isnull=True).exclude(**{spec.name: ""})
        for word, count in rows.order_by().values_list(spec.name).annotate(n=Count("pk")):
            used[word] = used.get(word, 0) + count
    return dict(sorted(used.items(), key=lambda item: (-item[1], item[0])))
