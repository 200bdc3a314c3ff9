"""Endpoints of R beyond its records: what accounts contribute to an objective."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import resolve
from trackline.kit.records.types import registry
from trackline.reveal.contributions import contributions

router = Router()

_TOTAL = {"progress_pct": 62.5, "worst_status": "at_risk", "active": 2, "closed": 0, "without_reading": 0}
_GOAL = {"id": "12", "title": "Scrap below 2.5 %", "status": "on_track", "progress_pct": 73.9}
_CONTRIBUTIONS = {
    **_TOTAL,
    "as_of": "2026-11-23",
    "accounts": [{"id": "3", "key": "okada-brandt", "name": "Okada Brandt Mobility", **_TOTAL, "goals": [_GOAL]}],
}


@router.get(
    "/objectives/{id}/contributions",
    **operation(
        "get_objective_contributions",
        "What accounts contribute to an objective",
        tag="Objectives",
        permission=READ,
        description=(
            "The accounts in scope whose goals serve the objective, cancelled goals left out. `progress_pct` is the mean of "
            "the active goals that have a reading, `worst_status` the worst of their statuses. The objective's own progress "
            "is never overwritten by it."
        ),
        answers={
            200: returns(
                "Totals, and the accounts by name.",
                {
                    "type": "object",
                    "properties": {
                        "as_of": {"type": "string", "format": "date"},
                        "progress_pct": {"type": ["number", "null"]},
                        "worst_status": {"type": ["string", "null"]},
                        "active": {"type": "integer"},
                        "closed": {"type": "integer", "description": "Achieved or missed."},
                        "without_reading": {"type": "integer", "description": "Active ones left out of the mean."},
                        "accounts": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": list(_CONTRIBUTIONS),
                },
                _CONTRIBUTIONS,
            )
        },
        problems=(404,),
    ),
)
def objective_contributions(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer which goals of which accounts serve an objective."""
    ctx = context_of(request)
    found = contributions(ctx, resolve(ctx, registry.get("objective"), id))
    return answer({"as_of": ctx.today, **found.to_json()})
