"""What another scoring model would do to the book, before it is saved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.effects import EFFECT, EXAMPLE
from trackline.book.editing import draft_model, effect_of_model
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import ADMIN

router = Router()
TAG = "Portfolio"

_MODEL: dict[str, Any] = {
    "type": "object",
    "description": "Fields of a scoring model, laid over the model in force on `from_on`.",
    "properties": {
        "name": {"type": "string", "maxLength": 120},
        "normaliser": {"type": "string", "enum": ["minmax", "zcdf"]},
        "cutoffs": {"type": "string", "description": "How tiers are cut; empty is the book's own way."},
        "criteria": {"type": "array", "items": {"type": "object"}, "description": "All criteria; weights sum to 100."},
        "from_on": {"type": ["string", "null"], "format": "date", "description": "Today or later; today where absent."},
    },
    "additionalProperties": False,
}


@router.post(
    "/scoring-models/preview",
    **operation(
        "preview_scoring_model",
        "Preview a scoring model",
        tag=TAG,
        permission=ADMIN,
        description="Scores the whole book by the model in force and by the one asked, on the same figures of today: who would "
        "change rank or be proposed for another tier, and by how much. Stores nothing; `POST /scoring-models` saves a version.",
        body=_MODEL,
        example={"normaliser": "zcdf"},
        answers={
            200: returns("The effect; at most 200 accounts one by one, other tiers first.", EFFECT, EXAMPLE),
        },
    ),
)
def model_preview(request: HttpRequest) -> HttpResponse:
    """Answer what another model would do."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    return answer(effect_of_model(ctx, draft_model(ctx, body_of(request))).to_json())
