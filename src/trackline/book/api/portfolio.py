"""Endpoints of the book: its figures as of a day. Each counts the accounts that the caller sees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.queries.forecast import forecast
from trackline.book.queries.narrowing import FILTERS
from trackline.book.queries.pipeline import BY, STATES, pipeline
from trackline.book.queries.register import SHOWS
from trackline.book.queries.renewals import renewals
from trackline.book.queries.retention import retention
from trackline.book.queries.score import score
from trackline.book.queries.tiers import evidence_json, tiers
from trackline.core.decimals import plain
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of, query_of
from trackline.kit.policy import READ, Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

router = Router()
TAG = "Portfolio"
MOST_DAYS = 36500

_DAY = {"type": "string", "format": "date"}
_NUMBER, _COUNT = {"type": "number"}, {"type": "integer"}
_KNOWN = {"type": ["number", "null"]}
_NOTES = {"type": "array", "items": {"type": "string"}, "description": "What was left out or assumed, in words."}
_ROWS = {"type": "array", "items": {"type": "object"}}
NARROWED = [
    parameter(name, {"type": "string"}, f"Only accounts {words}; `none` for those without.")
    for name, words in (
        ("owner", "of this manager, by user name"),
        ("tier", "of this tier"),
        ("region", "of this region"),
        ("industry", "of this industry"),
        ("group", "below this account, by its key, and itself"),
    )
]
AS_OF = parameter("as_of", _DAY, "The day the figures are of; today where absent.")


def _shape(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


class Query:
    """The parameters of a request, read one by one; what is left over is unknown."""

    def __init__(self, request: HttpRequest, ctx: Context) -> None:
        self._left, self._ctx = query_of(request), ctx

    def day(self, name: str, default: date | None = None) -> date:
        """Read a day."""
        text = self._left.pop(name, "")
        try:
            return date.fromisoformat(text) if text else default or self._ctx.today
        except ValueError:
            raise _unread(name, "a date as YYYY-MM-DD is expected.") from None

    def one_of(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """Read one of some words."""
        text = self._left.pop(name, "") or default
        if text not in choices:
            raise _unread(name, f"one of {', '.join(choices)} is expected.")
        return text

    def text(self, name: str) -> str:
        """Read a word, "" where absent."""
        return self._left.pop(name, "")[:200]

    def whole(self, name: str) -> int | None:
        """Read a count of days, None where absent."""
        text = self._left.pop(name, "")
        if text and not (text.isascii() and text.isdecimal() and int(text[:9]) <= MOST_DAYS and len(text) < 9):
            raise _unread(name, f"a whole number from 0 to {MOST_DAYS} is expected.")
        return int(text) if text else None

    def money(self, name: str) -> Decimal | None:
        """Read an amount, None where absent."""
        text = self._left.pop(name, "")
        try:
            amount = Decimal(text) if text else None
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount is not None and not (amount.is_finite() and 0 <= amount <= Decimal(10) ** 18):
            raise _unread(name, "an amount of 0 or more is expected.")
        return amount

    def filters(self) -> dict[str, str]:
        """Read what narrows the accounts that count."""
        return {name: text for name in FILTERS if (text := self._left.pop(name, ""))}

    def done(self) -> None:
        """Raise `BadRequest` for a parameter that nothing asked for."""
        for name in self._left:
            raise _unread(name[:80], "there is no such parameter.")


def _unread(name: str, words: str) -> BadRequest:
    return BadRequest(f"{name}: {words}", [{"loc": ["query", name], "msg": words}])


def _answer(found: Mapping[str, Any]) -> HttpResponse:
    return answer(plain(found))


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
                _shape(
                    as_of=_DAY,
                    model={"type": ["object", "null"]},
                    version={"type": "string"},
                    accounts={
                        "type": "array",
                        "items": _shape(
                            key={"type": "string"},
                            name={"type": "string"},
                            score=_NUMBER,
                            rank=_COUNT,
                            percentile=_NUMBER,
                            tier={"type": ["integer", "null"], "description": "What the cut-offs propose."},
                            tier_now={"type": ["integer", "null"]},
                            provisional={"type": "boolean", "description": "Shown, and moves no tier."},
                            volatility={
                                "type": "integer",
                                "description": "Most ranks it moves when one weight is moved.",
                            },
                            flagged={"type": "boolean"},
                            imputed={"type": "array", "items": {"type": "string"}},
                            contributions={"type": "object"},
                        ),
                    },
                    of={"type": "integer", "description": "Accounts ranked, those out of scope included."},
                    cuts={"type": "array", "items": _KNOWN},
                    cutoffs={"type": "string"},
                    criteria=_ROWS,
                    coverage_pct=_NUMBER,
                    notes=_NOTES,
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
    return _answer(score(ctx, on))


_FORECAST = {
    "as_of": "2026-11-23",
    "currency": "EUR",
    "count": 3,
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
        parameters=[AS_OF, parameter("target", _NUMBER, "A total whose chance is asked for."), *NARROWED],
        answers={
            200: returns(
                "The forecast, in the book's currency.",
                _shape(
                    as_of=_DAY,
                    currency={"type": "string"},
                    count=_COUNT,
                    gross=_NUMBER,
                    mean=_NUMBER,
                    sd=_NUMBER,
                    quantiles={"type": "object"},
                    weighted=_NUMBER,
                    method={"type": "string", "enum": ["exact", "simulated"]},
                    runs={"type": ["integer", "null"]},
                    standard_error=_KNOWN,
                    target=_KNOWN,
                    p_target_pct=_KNOWN,
                    commit=_NUMBER,
                    commit_count=_COUNT,
                    quarter={"type": "string"},
                    coverage={"type": "object"},
                    by_quarter=_ROWS,
                    by_month=_ROWS,
                    notes=_NOTES,
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
    return _answer(forecast(ctx, on, target, filters))


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
                _shape(
                    by={"type": "string"},
                    state={"type": "string"},
                    as_of=_DAY,
                    currency={"type": "string"},
                    rows={
                        "type": "array",
                        "items": _shape(
                            key={"type": ["string", "null"]}, name={"type": "string"}, value=_NUMBER, count=_COUNT
                        ),
                    },
                    total=_NUMBER,
                    count=_COUNT,
                    notes=_NOTES,
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
    return _answer(pipeline(ctx, on, by, state))


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
            parameter("from", _DAY, "The first day; a year before the last where absent."),
            parameter("to", _DAY, "The last day; `as_of` where absent."),
            AS_OF,
        ],
        answers={
            200: returns(
                "The movements, in the book's currency.",
                {
                    "type": "object",
                    "properties": {
                        "from": _DAY,
                        "to": _DAY,
                        "currency": {"type": "string"},
                        "starting_arr": _NUMBER,
                        "expansion": _NUMBER,
                        "contraction": _NUMBER,
                        "churn": _NUMBER,
                        "nrr_pct": _KNOWN,
                        "nrr_band": {"type": ["string", "null"]},
                        "grr_pct": _KNOWN,
                        "grr_band": {"type": ["string", "null"]},
                        "ending_arr": _NUMBER,
                        "new_arr": _NUMBER,
                        "accounts": _COUNT,
                        "new_accounts": _COUNT,
                        "churned": {"type": "array", "items": {"type": "string"}},
                        "missing": _ROWS,
                        "notes": _NOTES,
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
    return _answer(retention(ctx, start, end))


@router.get(
    "/portfolio/renewals",
    **operation(
        "get_portfolio_renewals",
        "Renewals",
        tag=TAG,
        permission=READ,
        description="Which accounts renew when, for how much, soonest first. `undated` names those without a date.",
        parameters=[
            parameter(
                "days", {"type": "integer", "minimum": 0, "maximum": MOST_DAYS}, "Only those due within so many days."
            ),
            AS_OF,
        ],
        answers={
            200: returns(
                "The renewals, in the book's currency.",
                _shape(
                    as_of=_DAY,
                    currency={"type": "string"},
                    days={"type": ["integer", "null"]},
                    late_alert=_COUNT,
                    rows=_ROWS,
                    arr=_NUMBER,
                    count=_COUNT,
                    by_quarter=_ROWS,
                    undated={"type": "array", "items": {"type": "string"}},
                    notes=_NOTES,
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
    on, days = query.day("as_of"), query.whole("days")
    query.done()
    return _answer(renewals(ctx, on, days))


_REGISTERED = {
    "key": "ardent-rail",
    "name": "Ardent Rail Group",
    "owner": "tim-lorca",
    "tier": 1,
    "since": "2024-11-21",
    "by": "start",
    "by_words": "since the account is here",
    "score": 52.2,
    "rank": 5,
    "tier_by_score": 2,
    "provisional": False,
    "differs": True,
    "differs_since": "2026-03-31",
    "why": "Scores 52.2 for tier 2; the mean of three quarters, 49.2, is below 64.2 too: a move may be proposed.",
    "gap": -12,
    "nearest_cut": 1,
    "near": False,
    "mean_of_quarters": 49.2,
    "may_propose": True,
    "cycle_scores": [54, 49],
    "quarter_scores": [59, 49, 47, 52.2],
    "arr": 2100000,
    "share_pct": 8.1,
    "share_band": "green",
    "expected_12m": 2912485,
    "expected_low": 1773629,
    "expected_high": 3873979,
    "margin_pct": 41.2,
    "margin_12m": 1199944,
    "whitespace": 530000,
    "service_pct": 81,
    "service_short": ["reviews", "conversations"],
    "fte": 1.5,
    "opex": 58249.7,
    "health": "amber",
    "decision": None,
    "override": None,
    "last_decision": None,
    "next_review": "2027-01-01",
}


@router.get(
    "/portfolio/tiers",
    **operation(
        "get_portfolio_tiers",
        "Segmentation register",
        tag=TAG,
        permission=READ,
        description="Every account with its tier, since when and by what it is in force, the tier that its score gives, why they "
        "differ, what it is to bring and cost, and what comes next; concentration of revenue; monitors of biased tiers. "
        "`show` keeps the accounts whose score gives another tier (`differs`), that are near a cut (`near`), that have a "
        "decision open (`open`), an override in force (`override`), or are candidates for an exit (`exit`).",
        parameters=[parameter("show", {"type": "string", "enum": list(SHOWS)}, "Which accounts."), *NARROWED],
        answers={
            200: returns(
                "The register, in the order of the ranking; money in the book's currency.",
                _shape(
                    as_of=_DAY,
                    scored_on={"type": ["string", "null"], "format": "date"},
                    currency={"type": "string"},
                    cuts={"type": "array", "items": _KNOWN},
                    cycles={"type": "array", "items": _DAY},
                    quarters={"type": "array", "items": {"type": "string"}},
                    counts={"type": "object"},
                    rows=_ROWS,
                    concentration={"type": "object"},
                    monitors={"type": "object"},
                    notes=_NOTES,
                ),
                {
                    "as_of": "2026-11-23",
                    "scored_on": "2026-11-23",
                    "currency": "EUR",
                    "cuts": [64.2, 40.7, 30],
                    "cycles": ["2026-01-01", "2026-07-01"],
                    "quarters": ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"],
                    "counts": {"differs": 9, "near": 4, "open": 2, "override": 1, "exit": 0},
                    "rows": [_REGISTERED],
                    "concentration": {"index": 0.11, "band": "green", "top_pct": {"1": 19.2}, "accounts": []},
                    "monitors": {"flagged": 0},
                    "notes": [],
                },
            )
        },
    ),
)
def portfolio_tiers(request: HttpRequest) -> HttpResponse:
    """Answer the segmentation register."""
    ctx = context_of(request)
    query = Query(request, ctx)
    show, filters = query.one_of("show", ("", *SHOWS)), query.filters()
    query.done()
    return _answer(tiers(ctx, filters, show))


@router.get(
    "/accounts/{id}/tier-tests",
    **operation(
        "get_account_tier_tests",
        "Tests of a move between tiers",
        tag=TAG,
        permission=READ,
        description="What speaks for and against moving an account to another tier: the upgrade, downgrade and exit tests with "
        "each condition and what it rests on, the watch of the nearest cut, freshness of the figures, and the budget of both "
        "tiers. Nothing is written.",
        parameters=[
            parameter(
                "to",
                {"type": "integer", "minimum": 1, "maximum": 3},
                "The tier to move to; out of all tiers where absent.",
            )
        ],
        answers={
            200: returns(
                "The evidence as of today.",
                {
                    "type": "object",
                    "properties": {
                        "key": {"type": "string"},
                        "tier": {"type": ["integer", "null"]},
                        "to_tier": {"type": ["integer", "null"]},
                        "score": _KNOWN,
                        "tests": {"type": "object"},
                        "watch": {"type": "object"},
                        "freshness": {"type": "object"},
                        "budget": {"type": "object"},
                    },
                    "required": ["key", "tier", "tests", "watch", "freshness", "budget"],
                    "additionalProperties": True,
                },
                {
                    "key": "ardent-rail",
                    "tier": 1,
                    "to_tier": 2,
                    "score": 52.2,
                    "tests": {"downgrade": {"value": 1, "proposes": True, "conditions": []}},
                    "watch": {"value": -12, "crossed": "down", "may_propose": True},
                    "freshness": {"passed": True, "stale": [], "limit": 30},
                    "budget": {"before": {"hours": 2700}, "after": {"hours": 900}},
                },
            )
        },
        problems=(404,),
    ),
)
def account_tier_tests(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the evidence on an account's tier."""
    ctx = context_of(request)
    account = get(ctx, registry.get("account"), id)
    query = Query(request, ctx)
    to = query.one_of("to", ("", "1", "2", "3"))
    query.done()
    return _answer(evidence_json(ctx, account, int(to) if to else None))
