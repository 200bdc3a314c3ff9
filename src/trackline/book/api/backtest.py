"""The endpoint of the back-test of a scoring model."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import COUNT, DAY, NOTES, NUMBER, ROWS, TAG, Query, answered, shape
from trackline.book.queries.backtest import backtest_json
from trackline.book.scoring.tested import kept_backtests, kept_json
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()


@router.get(
    "/portfolio/backtests",
    **operation(
        "list_portfolio_backtests",
        "Back-tests that were kept",
        tag=TAG,
        permission=READ,
        description="One back-test a year of the model in force then, the newest first: which version of which model, over how many "
        "accounts, and how each outcome correlated. `reweigh` names the outcomes that scores did not foretell.",
        answers={
            200: returns(
                "The back-tests.",
                shape(items=ROWS),
                {
                    "items": [
                        {
                            "as_of": "2025-11-23",
                            "until": "2026-11-23",
                            "computed_at": "2026-11-23T02:10:00Z",
                            "model": {"id": "1", "name": "Strategic value"},
                            "version": "0a1b2c3d4e5f",
                            "coverage_pct": 85,
                            "scored": 23,
                            "outcomes": [
                                {
                                    "key": "nrr",
                                    "label": "Net retention",
                                    "rho": 0.12,
                                    "band": "red",
                                    "verdict": "not_foretold",
                                    "accounts": 23,
                                    "left_out": 0,
                                    "chance_pct": 58.1,
                                }
                            ],
                            "reweigh": ["nrr"],
                        }
                    ]
                },
            )
        },
    ),
)
def portfolio_backtests(request: HttpRequest) -> HttpResponse:
    """Answer the back-tests that were kept."""
    ctx = context_of(request)
    ctx.require(READ)
    Query(request, ctx).done()
    return answered({"items": [kept_json(one) for one in kept_backtests()]})


@router.get(
    "/portfolio/backtest",
    **operation(
        "get_portfolio_backtest",
        "Back-test of a scoring model",
        tag=TAG,
        permission=READ,
        description="Scores the accounts that were customers on a day in the past, on figures of that day, and correlates the "
        "scores with what records tell of them since (Spearman's ρ): who stayed, renewals signed, net retention, expansion, "
        "won value, change of margin. `verdict` is `foretold`, `not_foretold` or, with too few accounts, `insufficient`; "
        "`chance_pct` is how often chance alone would do as much. An account of which records tell nothing is left out and "
        "counted. Correlations are over the whole book; accounts out of scope are not named.",
        parameters=[
            parameter("as_of", DAY, "The day looked back to; a year ago where absent."),
            parameter("until", DAY, "The last day of what became of them; a year after, today at most, where absent."),
            parameter("model", {"type": "string"}, "Id of a scoring model; the one in force today where absent."),
        ],
        answers={
            200: returns(
                "Each outcome, and the accounts by rank.",
                shape(
                    as_of=DAY,
                    until=DAY,
                    currency={"type": "string"},
                    model={"type": ["object", "null"]},
                    version={"type": "string"},
                    coverage_pct=NUMBER,
                    outcomes=ROWS,
                    accounts=ROWS,
                    of=COUNT,
                    notes=NOTES,
                ),
                {
                    "as_of": "2025-11-23",
                    "until": "2026-11-23",
                    "currency": "EUR",
                    "model": {"id": "1", "name": "Strategic value"},
                    "version": "0a1b2c3d4e5f",
                    "coverage_pct": 85,
                    "outcomes": [
                        {
                            "key": "expanded",
                            "label": "Expansion",
                            "unit": "percent",
                            "measured": "routes won since that are no renewals, by ARR on the first day",
                            "rho": 0.679,
                            "band": "green",
                            "verdict": "foretold",
                            "accounts": 23,
                            "left_out": 0,
                            "chance_pct": 0.036455,
                            "thirds": [{"count": 7, "mean": 10}, {"count": 8, "mean": 3.3}, {"count": 8, "mean": 1.3}],
                            "notes": [],
                        }
                    ],
                    "accounts": [
                        {
                            "key": "okada-brandt-mobility",
                            "name": "Okada Brandt Mobility",
                            "score": 81.4,
                            "rank": 1,
                            "outcomes": {"expanded": 12.5},
                        }
                    ],
                    "of": 23,
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_backtest(request: HttpRequest) -> HttpResponse:
    """Answer how scores compare with what became of the accounts."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on = query.day("as_of", ctx.today - timedelta(days=365))
    until, model = query.day("until", min(on + timedelta(days=365), ctx.today)), query.text("model")
    query.done()
    return answered(backtest_json(ctx, on, until, model))
