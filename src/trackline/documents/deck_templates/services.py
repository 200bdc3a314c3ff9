"""What writes of templates mean: a file that is there, one template for the book, one choice a review."""

from __future__ import annotations

from typing import Any

from trackline.documents.models import DeckFile, DeckTemplate
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

Links = dict[str, list[int]]


def prepare_template(ctx: Context, template: Any, changed: set[str], _links: Links) -> None:
    """Hold a template to a file that was uploaded; one that comes from another installation waits for its file."""
    if not template.file or "file" not in changed or DeckFile.objects.filter(fingerprint=template.file).exists():
        return
    if ctx.via == "import":
        template.file = ""
        return
    raise Invalid.fields({"file": "There is no such file. Upload it first: POST /api/v1/deck-files."})


def after_template(ctx: Context, template: Any, changed: set[str], _created: bool) -> None:
    """Let one template be the book's."""
    if not template.is_default or "is_default" not in changed:
        return
    for other in DeckTemplate.objects.alive().filter(is_default=True).exclude(pk=template.pk):
        records.update(ctx, registry.get("deck_template"), other.pk, {"is_default": False})


FACTS_SCHEMA = {
    "found": {
        "type": ["object", "null"],
        "readOnly": True,
        "description": "What its file is: size in points, faces, colours, layouts with their places and what they are used for, "
        "and what is missing. Null without a file.",
        "example": {
            "width": 960,
            "height": 540,
            "dark": False,
            "fonts": {"heading": "Arial", "body": "Arial"},
            "missing": [],
        },
    }
}


def add_facts(_ctx: Context, items: list[dict[str, Any]]) -> None:
    """Add what the file of each template is, in one query."""
    held = dict(DeckFile.objects.filter(fingerprint__in=[item["file"] for item in items]).values_list("pk", "found"))
    for item in items:
        item["found"] = held.get(item["file"])
