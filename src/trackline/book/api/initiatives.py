"""The endpoint of growth initiatives beside each other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import DAY, NARROWED, NOTES, ROWS, TAG, Query, answered, shape
from trackline.book.queries.initiatives import initiatives
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()

_ROW = {
    "id": "4", "title": "Predict in every plant of the group", "account": "okada-brandt-mobility",
    "account_name": "Okada Brandt Mobility", "owner": "katrin-vogel", "status": "active", "gate": 1, "score": 78.3,
    "passes": True, "contributions": {"strategic_alignment": 18, "economic_impact": 17}, "horizon": "h2",
    "start_on": "2027-02-01", "months": 14, "budget": 320000, "hours_a_month": 160, "fits": True, "moves_to": None,
    "routes": ["17"],
}  # fmt: skip


@router.get(
    "/portfolio/initiatives",
    **operation(
        "get_portfolio_initiatives",
        "Growth initiatives by priority",
        tag=TAG,
        permission=READ,
        description="Open growth initiatives, the best first: six scores weighed into 0 to 100, whether that passes the first "
        "gate, the horizon by months to completion, and whether people can carry it with all above it (`fits`), or from which "
        "month they could (`moves_to`). `horizons` compare the budgets with the mix aimed at, `months` the hours asked for with "
        "the capacity. `rest` are in the backlog or over.",
        parameters=NARROWED,
        answers={
            200: returns(
                "The initiatives; money in the book's currency.",
                shape(
                    as_of=DAY,
                    currency={"type": "string"},
                    rows=ROWS,
                    rest=ROWS,
                    horizons=ROWS,
                    capacity_hours={"type": ["integer", "null"]},
                    months=ROWS,
                    notes=NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "currency": "EUR",
                    "rows": [_ROW],
                    "rest": [],
                    "horizons": [
                        {"key": "h1", "label": "H1, up to 12 months", "budget": 160000, "share_pct": 33.3, "target_pct": 40,
                         "gap": -6.7, "flagged": False}
                    ],
                    "capacity_hours": 440,
                    "months": [{"month": "2027-02", "hours": 300, "load_pct": 68.2, "over": False}],
                    "notes": [],
                },
            )
        },
    ),
)  # fmt: skip
def portfolio_initiatives(request: HttpRequest) -> HttpResponse:
    """Answer the growth initiatives."""
    ctx = context_of(request)
    query = Query(request, ctx)
    filters = query.filters()
    query.done()
    return answered(initiatives(ctx, filters))
