"""What a scenario would do to the ranking."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.effects import EFFECT, EXAMPLE
from trackline.book.api.query import TAG
from trackline.book.queries.scenarios import effect_of, supposed_by
from trackline.book.scoring.scenarios import supposing
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import READ
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

router = Router()
FIELDS = ("weights", "figures", "cutoffs", "cuts", "capacities")

_FACTORS = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}
_ASKED: dict[str, Any] = {
    "type": "object",
    "description": "What is supposed; all else is as the model in force has it.",
    "properties": {
        "weights": _FACTORS
        | {"description": "Factor on the weight, by criterion, at most 10; weights are scaled back."},
        "figures": _FACTORS | {"description": "Factor on the normalised figure, by criterion, at most 1."},
        "cutoffs": {"type": "string", "description": "Another method of cut-offs."},
        "cuts": _FACTORS | {"description": "Scores at which tiers begin, by tier: `1`, `2`, `3`."},
        "capacities": _FACTORS | {"description": "Most accounts of a tier, by tier."},
    },
    "additionalProperties": False,
}


@router.post(
    "/scoring-scenarios/preview",
    **operation(
        "preview_scoring_scenario",
        "Suppose another ranking",
        tag=TAG,
        permission=READ,
        description="Scores the book of today as it is and as it is supposed to be: whose rank and tier would be others. Ranks "
        "are among all accounts; those out of scope are neither named nor counted. Stores nothing, and never becomes the live "
        "ranking.",
        body=_ASKED,
        example={"weights": {"concentration": 2, "values": 2}, "capacities": {"1": 4}},
        answers={200: returns("The effect; at most 200 accounts one by one, other tiers first.", EFFECT, EXAMPLE)},
    ),
)
def scenario_preview(request: HttpRequest) -> HttpResponse:
    """Answer what would be."""
    ctx = context_of(request)
    ctx.require(READ)
    body = body_of(request)
    unknown = {str(name): "There is no such field." for name in body if name not in FIELDS}
    if unknown:
        raise Invalid.fields(unknown)
    return answer(effect_of(ctx, supposing(body)).to_json())


@router.get(
    "/scoring-scenarios/{id}/effect",
    **operation(
        "get_scoring_scenario_effect",
        "What a scenario would do",
        tag=TAG,
        permission=READ,
        description="The book of today as it is scored and as a saved scenario supposes it.",
        answers={200: returns("The effect; at most 200 accounts one by one, other tiers first.", EFFECT, EXAMPLE)},
        problems=(404,),
    ),
)
def scenario_effect(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what a saved scenario would do."""
    ctx = context_of(request)
    return answer(effect_of(ctx, supposed_by(get(ctx, registry.get("scoring_scenario"), id))).to_json())
