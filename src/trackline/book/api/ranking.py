"""Endpoints of the book: its accounts in order, by score and by size."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import AS_OF, COUNT, DAY, KNOWN, NOTES, NUMBER, ROWS, TAG, Query, answered, shape
from trackline.book.queries.score import score
from trackline.book.queries.size import by_size_json
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()

_RANKED = {
    "key": "okada-brandt-mobility",
    "name": "Okada Brandt Mobility",
    "score": 78.9,
    "rank": 3,
    "percentile": 94.6,
    "tier": 1,
    "tier_now": 1,
    "provisional": False,
    "volatility": 1,
    "flagged": False,
    "depends_on": ["growth"],
    "imputed": [],
    "contributions": {"financial": 25.2, "growth": 53.7},
}


@router.get(
    "/portfolio/score",
    **operation(
        "get_portfolio_score",
        "Ranking of the accounts",
        tag=TAG,
        permission=READ,
        description="All accounts scored by the model in force, computed now. Ranks, percentiles and cut-offs are among all "
        "accounts of the book; listed are those that the caller sees. Scores and contributions run from 0 to 100.",
        parameters=[AS_OF],
        answers={
            200: returns(
                "The ranking, best first.",
                shape(
                    as_of=DAY,
                    model={"type": ["object", "null"]},
                    version={"type": "string"},
                    accounts={
                        "type": "array",
                        "items": shape(
                            key={"type": "string"},
                            name={"type": "string"},
                            score=NUMBER,
                            rank=COUNT,
                            percentile=NUMBER,
                            tier={"type": ["integer", "null"], "description": "What the cut-offs propose."},
                            tier_now={"type": ["integer", "null"]},
                            provisional={"type": "boolean", "description": "Shown, and moves no tier."},
                            volatility={
                                "type": "integer",
                                "description": "Most ranks it moves when one weight is moved.",
                            },
                            flagged={"type": "boolean"},
                            depends_on={
                                "type": "array",
                                "items": {"type": "string"},
                                "description": "Criteria, and feeds of several, without which it would be in another tier.",
                            },
                            imputed={"type": "array", "items": {"type": "string"}},
                            contributions={"type": "object"},
                        ),
                    },
                    of={"type": "integer", "description": "Accounts ranked, those out of scope included."},
                    cuts={"type": "array", "items": KNOWN},
                    cutoffs={"type": "string"},
                    criteria=ROWS,
                    coverage_pct=NUMBER,
                    notes=NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "model": {"id": "1", "name": "Strategic value"},
                    "version": "0a1b2c3d4e5f",
                    "accounts": [_RANKED],
                    "of": 38,
                    "cuts": [67, 46.2, 30.1],
                    "cutoffs": "percentile",
                    "criteria": [],
                    "coverage_pct": 100,
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_score(request: HttpRequest) -> HttpResponse:
    """Answer the ranking."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on = query.day("as_of")
    query.done()
    return answered(score(ctx, on))


@router.get(
    "/portfolio/by-size",
    **operation(
        "get_portfolio_by_size",
        "Accounts by size",
        tag=TAG,
        permission=READ,
        description="Accounts that have not left, by the higher of two percentile ranks: ARR, and what could still be sold. What can be "
        "said while too little is known for a score. Ranks are among all accounts of the book; listed are those that the caller sees.",
        answers={
            200: returns(
                "The first first; accounts of which neither size is known come last, without a rank.",
                shape(
                    as_of=DAY,
                    currency={"type": "string"},
                    version={"type": "string"},
                    of={"type": "integer", "description": "Accounts with a rank, those out of scope included."},
                    accounts={
                        "type": "array",
                        "items": shape(
                            key={"type": "string"},
                            name={"type": "string"},
                            rank={"type": ["integer", "null"]},
                            percentile=KNOWN,
                            tier={"type": ["integer", "null"], "description": "What the size suggests."},
                            tier_now={"type": ["integer", "null"]},
                            arr=KNOWN,
                            arr_percentile=KNOWN,
                            growth=KNOWN,
                            growth_percentile=KNOWN,
                        ),
                    },
                ),
                {
                    "as_of": "2026-11-23",
                    "currency": "EUR",
                    "version": "0a1b2c3d4e5f",
                    "of": 38,
                    "accounts": [
                        {
                            "key": "okada-brandt-mobility", "name": "Okada Brandt Mobility", "rank": 3, "percentile": 94.6, "tier": 1,
                            "tier_now": 1, "arr": 2840000, "arr_percentile": 94.6, "growth": 900000, "growth_percentile": 89.2,
                        }
                    ],
                },
            )
        },
    ),
)  # fmt: skip
def portfolio_by_size(request: HttpRequest) -> HttpResponse:
    """Answer the accounts by size."""
    ctx = context_of(request)
    Query(request, ctx).done()
    return answered(by_size_json(ctx))
