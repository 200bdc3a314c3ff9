"""The endpoint of accounts at risk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import COUNT, DAY, NARROWED, NOTES, NUMBER, ROWS, TAG, Query, answered, shape
from trackline.book.queries.at_risk import at_risk, told
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()

_RISKY = {
    "id": "12",
    "key": "halvorsen-marine",
    "name": "Halvorsen Marine",
    "owner": "tim-lorca",
    "owner_name": "Tim Lorca",
    "tier": 2,
    "health": 38.2,
    "band": "red",
    "churn_risk": 64,
    "reasons": ["red_health", "churn_risk"],
    "why": "Health red at 38; churn risk 64",
    "arr": 420000,
    "renewal_date": "2027-01-31",
    "days": 69,
    "forecast": "at_risk",
    "forecast_label": "At risk",
    "recovery": {
        "id": "7", "title": "Save plan", "state": "Triaged", "done": 2, "total": 6, "overdue": 1,
        "next": "Root-cause meeting: the one thing to fix", "next_on": "2026-11-25", "owner": "Tim Lorca",
    },
    "needs_plan": False,
    "new": False,
    "changes": ["health 45 → 38", "1 step done"],
    "disagreement": None,
    "discussed": {"id": "3", "week": "2026-11-23", "by": "Katrin Vogel", "note": "Call their CFO"},
    "discussed_before": None,
}  # fmt: skip


@router.get(
    "/portfolio/at-risk",
    **operation(
        "get_portfolio_at_risk",
        "Accounts at risk",
        tag=TAG,
        permission=READ,
        description="Accounts at risk today for the weekly stand-up, those with most ARR at stake first: why, days to the renewal, "
        "how far the recovery is, whether they were discussed this week, what changed in seven days. `left` names those that "
        "left the list since, `disagreements` accounts whose health and money part. Ticks are `stand-up-entries`.",
        parameters=NARROWED,
        answers={
            200: returns(
                "The list, in the book's currency.",
                shape(
                    as_of=DAY,
                    week={**DAY, "description": "Monday of the week whose ticks are told."},
                    since={**DAY, "description": "The day that changes are told against."},
                    currency={"type": "string"},
                    rows=ROWS,
                    count=COUNT,
                    arr=NUMBER,
                    discussed=COUNT,
                    without_plan=COUNT,
                    left=ROWS,
                    disagreements=ROWS,
                    notes=NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "week": "2026-11-23",
                    "since": "2026-11-16",
                    "currency": "EUR",
                    "rows": [_RISKY],
                    "count": 1,
                    "arr": 420000,
                    "discussed": 1,
                    "without_plan": 0,
                    "left": [{"key": "ardent-rail", "name": "Ardent Rail Group", "was": "Health red at 41"}],
                    "disagreements": [
                        {
                            "key": "nordwall",
                            "name": "Nordwall",
                            "kind": "healthy_shrinking",
                            "words": "Healthy but shrinking",
                            "health": 84,
                            "band": "green",
                            "signs": ["ARR ↓12 % in 12 months"],
                            "arr": 310000,
                            "owner_name": "Katrin Vogel",
                        }
                    ],
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_at_risk(request: HttpRequest) -> HttpResponse:
    """Answer the accounts at risk."""
    ctx = context_of(request)
    query = Query(request, ctx)
    filters = query.filters()
    query.done()
    return answered(told(at_risk(ctx, filters)))
