"""The endpoint of readiness across accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import COUNT, DAY, NARROWED, ROWS, TAG, Query, answered, shape
from trackline.book.queries.readiness import SHOWS, readiness_json
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()


@router.get(
    "/portfolio/readiness",
    **operation(
        "get_portfolio_readiness",
        "Readiness for expansion across accounts",
        tag=TAG,
        permission=READ,
        description="Which accounts are ready for more and what blocks the others, out of five conditions that must all hold "
        "(20 points each), and which show signals that they want more. `not_known` are conditions that fail because nothing is "
        "known. `show` keeps accounts that are `ready`, `blocked`, not judged yet (`unscored`), `wanting`: three signals or "
        "more, or those to `secure` first. `quadrants` colours early warning, expansion and outcome; `next` says what comes "
        "first: risk wins. `blocks` count how many accounts each condition holds up.",
        parameters=[parameter("show", {"type": "string", "enum": list(SHOWS)}, "Which accounts."), *NARROWED],
        answers={
            200: returns(
                "The accounts, the readiest first.",
                shape(as_of=DAY, total=COUNT, counts={"type": "object"}, blocks={"type": "object"}, rows=ROWS),
                {
                    "as_of": "2026-11-23",
                    "total": 26,
                    "counts": {"ready": 3, "blocked": 20, "unscored": 3, "wanting": 4, "secure": 2},
                    "blocks": {"roi": 9, "champion": 14, "economic_buyer": 12, "use_case": 8, "renewal": 3},
                    "rows": [
                        {"key": "okada-brandt-mobility", "name": "Okada Brandt Mobility", "owner": "katrin-vogel",
                         "readiness": 80, "ready": False, "blocked_by": ["champion"], "not_known": ["champion"],
                         "as_of": "2026-11-23", "signals": ["capacity", "praise", "roi"], "wanting": True,
                         "quadrants": {"warning": "amber", "expansion": "green", "outcome": "green", "next": "grow",
                                       "missing": ["engagement"]}}
                    ],
                },
            )
        },
    ),
)  # fmt: skip
def portfolio_readiness(request: HttpRequest) -> HttpResponse:
    """Answer the readiness of the accounts."""
    ctx = context_of(request)
    query = Query(request, ctx)
    show, filters = query.one_of("show", ("", *SHOWS)), query.filters()
    query.done()
    return answered(readiness_json(ctx, filters, show))
