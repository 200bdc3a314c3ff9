"""Endpoints of the book: its figures of money as of a day. Each counts the accounts that the caller sees."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import (
    AS_OF,
    COUNT,
    DAY,
    KNOWN,
    MOST_DAYS,
    NARROWED,
    NOTES,
    NUMBER,
    ROWS,
    TAG,
    Query,
    answered,
    shape,
)
from trackline.book.queries.accuracy import BY as ACCURACY_BY
from trackline.book.queries.accuracy import MOST, PERIODS, accuracy
from trackline.book.queries.forecast import forecast
from trackline.book.queries.pipeline import BY, STATES, pipeline
from trackline.book.queries.renewals import renewals
from trackline.book.queries.retention import retention
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ

router = Router()

_FORECAST = {
    "as_of": "2026-11-23",
    "currency": "EUR",
    "count": 3,
    "without_value": 0,
    "gross": 4000000,
    "mean": 2000000,
    "sd": 1125699.782,
    "quantiles": {"p5": 800000, "p10": 800000, "p25": 800000, "p50": 2000000, "p75": 2800000, "p90": 4000000, "p95": 4000000},
    "weighted": 2000000,
    "method": "exact",
    "runs": None,
    "standard_error": None,
    "target": None,
    "p_target_pct": None,
    "commit": 800000,
    "commit_count": 1,
    "quarter": "2026-Q4",
    "coverage": {
        "value": 3.6, "band": "green", "weighted": 5400000, "target": 1500000, "from": "2026-Q4", "to": "2027-Q3", "notes": [],
    },
    "by_quarter": [],
    "by_month": [],
    "notes": [],
}  # fmt: skip


@router.get(
    "/portfolio/forecast",
    **operation(
        "get_portfolio_forecast",
        "Forecast of the open routes",
        tag=TAG,
        permission=READ,
        description="Mean, deviation and quantiles of what the open routes bring in (exact wherever it can be computed), "
        "value times probability, what is committed for the fiscal quarter, how often the pipeline covers the target of four "
        "quarters, and the same by quarter and month of the expected close beside what was won and what is targeted.",
        parameters=[AS_OF, parameter("target", NUMBER, "A total whose chance is asked for."), *NARROWED],
        answers={
            200: returns(
                "The forecast, in the book's currency.",
                shape(
                    as_of=DAY,
                    currency={"type": "string"},
                    count=COUNT,
                    without_value={"type": "integer", "description": "Open routes without a value, left out."},
                    gross=NUMBER,
                    mean=NUMBER,
                    sd=NUMBER,
                    quantiles={"type": "object"},
                    weighted=NUMBER,
                    method={"type": "string", "enum": ["exact", "simulated"]},
                    runs={"type": ["integer", "null"]},
                    standard_error=KNOWN,
                    target=KNOWN,
                    p_target_pct=KNOWN,
                    commit=NUMBER,
                    commit_count=COUNT,
                    quarter={"type": "string"},
                    coverage={"type": "object"},
                    by_quarter=ROWS,
                    by_month=ROWS,
                    notes=NOTES,
                ),
                _FORECAST,
            )
        },
    ),
)
def portfolio_forecast(request: HttpRequest) -> HttpResponse:
    """Answer the forecast."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on, target, filters = query.day("as_of"), query.money("target"), query.filters()
    query.done()
    return answered(forecast(ctx, on, target, filters))


@router.get(
    "/portfolio/accuracy",
    **operation(
        "get_portfolio_accuracy",
        "Accuracy of past forecasts",
        tag=TAG,
        permission=READ,
        description="The last whole months or fiscal quarters: what the routes said on the eve of each, rebuilt from the history "
        "of their changes, against what was won and targeted; the last three together, and the same by owner of the routes. A "
        "period that began before any route was kept here has no forecast.",
        parameters=[
            parameter("by", {"type": "string", "enum": list(ACCURACY_BY), "default": "month"}, "Months or quarters."),
            parameter(
                "periods", {"type": "integer", "minimum": 1, "maximum": MOST, "default": PERIODS}, "How many of them."
            ),
            *NARROWED,
        ],
        answers={
            200: returns(
                "The periods, oldest first, in the book's currency at today's rates.",
                shape(
                    as_of=DAY,
                    by={"type": "string"},
                    currency={"type": "string"},
                    rows=ROWS,
                    rolling={"type": "integer", "description": "So many periods are taken together."},
                    accuracy_pct={
                        **KNOWN,
                        "description": "What was won, in percent above the forecast; negative below.",
                    },
                    ok={"type": ["boolean", "null"], "description": "Within ten percent."},
                    bias={"type": ["string", "null"], "enum": ["too_high", "too_low", "even", None]},
                    owners=ROWS,
                    notes=NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "by": "month",
                    "currency": "EUR",
                    "rows": [
                        {
                            "period": "2026-10",
                            "start": "2026-10-01",
                            "end": "2026-10-31",
                            "forecast": 1500000,
                            "routes": 7,
                            "won": 1400000,
                            "won_count": 4,
                            "difference_pct": -6.7,
                            "target": 1450000,
                        }
                    ],
                    "rolling": 3,
                    "accuracy_pct": -6.7,
                    "ok": True,
                    "bias": "too_high",
                    "owners": [],
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_accuracy(request: HttpRequest) -> HttpResponse:
    """Answer how close past forecasts came."""
    ctx = context_of(request)
    query = Query(request, ctx)
    by, periods, filters = (
        query.one_of("by", ACCURACY_BY, "month"),
        query.whole("periods", 1, MOST) or PERIODS,
        query.filters(),
    )
    query.done()
    return answered(accuracy(ctx, by, periods, filters))


@router.get(
    "/portfolio/pipeline",
    **operation(
        "get_portfolio_pipeline",
        "Routes added up",
        tag=TAG,
        permission=READ,
        description="Value and count of routes by fiscal quarter (in which they closed, or are expected to), owner, product, "
        "account, group or stage. Accounts, groups, stages and quarters have keys; owners and products go by their names.",
        parameters=[
            parameter("by", {"type": "string", "enum": list(BY)}, "What to add up by.", required=True),
            parameter("state", {"type": "string", "enum": list(STATES), "default": "open"}, "Which routes."),
            AS_OF,
        ],
        answers={
            200: returns(
                "The sums, in the book's currency.",
                shape(
                    by={"type": "string"},
                    state={"type": "string"},
                    as_of=DAY,
                    currency={"type": "string"},
                    rows={
                        "type": "array",
                        "items": shape(
                            key={"type": ["string", "null"]}, name={"type": "string"}, value=NUMBER, count=COUNT
                        ),
                    },
                    total=NUMBER,
                    count=COUNT,
                    notes=NOTES,
                ),
                {
                    "by": "stage",
                    "state": "open",
                    "as_of": "2026-11-23",
                    "currency": "EUR",
                    "rows": [{"key": "pursuing", "name": "Pursuing", "value": 1120000, "count": 4}],
                    "total": 1120000,
                    "count": 4,
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_pipeline(request: HttpRequest) -> HttpResponse:
    """Answer the pipeline, added up."""
    ctx = context_of(request)
    query = Query(request, ctx)
    by, state, on = query.one_of("by", BY), query.one_of("state", STATES, "open"), query.day("as_of")
    query.done()
    return answered(pipeline(ctx, on, by, state))


@router.get(
    "/portfolio/retention",
    **operation(
        "get_portfolio_retention",
        "Retention of revenue",
        tag=TAG,
        permission=READ,
        description="What the ARR of one day became by a later one. ARR comes from readings of the metric, from contracts in "
        "force, or from the account and its history; accounts whose ARR is not known on a day are named in `missing`.",
        parameters=[
            parameter("from", DAY, "The first day; a year before the last where absent."),
            parameter("to", DAY, "The last day; `as_of` where absent."),
            AS_OF,
        ],
        answers={
            200: returns(
                "The movements, in the book's currency.",
                {
                    "type": "object",
                    "properties": {
                        "from": DAY,
                        "to": DAY,
                        "currency": {"type": "string"},
                        "starting_arr": NUMBER,
                        "expansion": NUMBER,
                        "contraction": NUMBER,
                        "churn": NUMBER,
                        "nrr_pct": KNOWN,
                        "nrr_band": {"type": ["string", "null"]},
                        "grr_pct": KNOWN,
                        "grr_band": {"type": ["string", "null"]},
                        "ending_arr": NUMBER,
                        "new_arr": NUMBER,
                        "accounts": COUNT,
                        "new_accounts": COUNT,
                        "churned": {"type": "array", "items": {"type": "string"}},
                        "reasons": ROWS,
                        "missing": ROWS,
                        "notes": NOTES,
                    },
                    "required": ["starting_arr", "expansion", "contraction", "churn", "nrr_pct", "grr_pct"],
                },
                {
                    "from": "2025-12-31",
                    "to": "2026-12-31",
                    "currency": "EUR",
                    "starting_arr": 1000000,
                    "expansion": 180000,
                    "contraction": 30000,
                    "churn": 40000,
                    "nrr_pct": 111,
                    "nrr_band": "green",
                    "grr_pct": 93,
                    "grr_band": "green",
                    "ending_arr": 1110000,
                    "new_arr": 0,
                    "accounts": 9,
                    "new_accounts": 0,
                    "churned": ["halvorsen-marine"],
                    "reasons": [
                        {
                            "reason": "competitor",
                            "churn": 40000,
                            "contraction": 0,
                            "accounts": [{"key": "halvorsen-marine", "name": "Halvorsen Marine AS"}],
                        },
                        {
                            "reason": None,
                            "churn": 0,
                            "contraction": 30000,
                            "accounts": [{"key": "bexley-water", "name": "Bexley Water"}],
                        },
                    ],
                    "missing": [],
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_retention(request: HttpRequest) -> HttpResponse:
    """Answer the retention of revenue."""
    ctx = context_of(request)
    query = Query(request, ctx)
    end = query.day("to", query.day("as_of"))
    start = query.day("from", end - timedelta(days=min(365, (end - date.min).days)))
    query.done()
    return answered(retention(ctx, start, end))


@router.get(
    "/portfolio/renewals",
    **operation(
        "get_portfolio_renewals",
        "Renewals",
        tag=TAG,
        permission=READ,
        description="Which accounts renew when, for how much, soonest first, with forecast (`category`) and "
        "risk class (`risk`, `risk_reasons`). `undated` names those without a date.",
        parameters=[
            parameter(
                "days", {"type": "integer", "minimum": 0, "maximum": MOST_DAYS}, "Only those due within so many days."
            ),
            AS_OF,
            *NARROWED,
        ],
        answers={
            200: returns(
                "The renewals, in the book's currency.",
                shape(
                    as_of=DAY,
                    currency={"type": "string"},
                    days={"type": ["integer", "null"]},
                    late_alert=COUNT,
                    rows=ROWS,
                    arr=NUMBER,
                    count=COUNT,
                    by_quarter=ROWS,
                    undated={"type": "array", "items": {"type": "string"}},
                    notes=NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "currency": "EUR",
                    "days": 180,
                    "late_alert": 90,
                    "rows": [],
                    "arr": 0,
                    "count": 0,
                    "by_quarter": [],
                    "undated": [],
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_renewals(request: HttpRequest) -> HttpResponse:
    """Answer the renewals."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on, days, filters = query.day("as_of"), query.whole("days"), query.filters()
    query.done()
    return answered(renewals(ctx, on, days, filters))
