"""The endpoint of white space across accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import DAY, NARROWED, NOTES, ROWS, TAG, Query, answered, shape
from trackline.book.queries.whitespace import SHOWS, whitespace
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()

_SUMS = {
    "value": 1230000, "open": 9, "valued": 6, "deployed": 3, "counted": 12, "quantified_pct": 66.7, "penetration_pct": 25,
}  # fmt: skip
_CELL = {
    "account": "okada-brandt-mobility", "account_name": "Okada Brandt Mobility", "business_unit": "12",
    "business_unit_name": "Nagoya plant", "product": "9", "product_name": "Trace", "cell": "31", "state": "not_sold",
    "type": "cross_sell", "value": 420000, "contracted": None, "addressable": 1200000, "wallet_pct": 0,
    "saturation_pct": 0, "colour": "red", "signals": 3, "hot": True, "owner": "katrin-vogel",
    "priority": 82, "go": True, "strategic_fit": 4, "competitor": "Line Vision", "competitor_share": 60, "route": None,
    "reviewed_on": "2026-10-12", "stale": False,
}  # fmt: skip


@router.get(
    "/portfolio/whitespace",
    **operation(
        "get_portfolio_whitespace",
        "White space across accounts",
        tag=TAG,
        permission=READ,
        description="What could still be sold: open cells of business unit × product in the order in which to pursue them, the "
        "highest priority first (four scores weighed into 0 to 100), and what accounts and products add up to. `show` keeps the "
        "cells that signals speak for and that are worth as much as others of their account (`hot`), whose score lets them be pursued (`go`), those below the cut (`backlog`), those that nobody scored "
        "(`unscored`), those without a value (`unvalued`), with an open route (`pursued`), or with an old value (`stale`). "
        "`totals` count every unit × product, also those of which nothing is known.",
        parameters=[parameter("show", {"type": "string", "enum": list(SHOWS)}, "Which cells are listed."), *NARROWED],
        answers={
            200: returns(
                "The white space, in the book's currency.",
                shape(
                    as_of=DAY,
                    currency={"type": "string"},
                    totals={"type": "object"},
                    accounts=ROWS,
                    products=ROWS,
                    counts={"type": "object"},
                    cells=ROWS,
                    notes=NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "currency": "EUR",
                    "totals": _SUMS,
                    "accounts": [
                        {"key": "okada-brandt-mobility", "name": "Okada Brandt Mobility", "units": 2, **_SUMS,
                         "products": [{"product": "9"} | _SUMS | {"wallet_pct": 20, "saturation_pct": 57.1, "colour": "amber"}]}
                    ],
                    "products": [{"product": "9", "name": "Trace"} | _SUMS],
                    "counts": {"hot": 1, "go": 1, "backlog": 2, "unscored": 3, "unvalued": 3, "pursued": 1, "stale": 0},
                    "cells": [_CELL],
                    "notes": [],
                },
            )
        },
    ),
)  # fmt: skip
def portfolio_whitespace(request: HttpRequest) -> HttpResponse:
    """Answer the white space of the book."""
    ctx = context_of(request)
    query = Query(request, ctx)
    show, filters = query.one_of("show", ("", *SHOWS)), query.filters()
    query.done()
    return answered(whitespace(ctx, filters, show))
