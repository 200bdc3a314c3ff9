"""Endpoints of tiers: the segmentation register, and the tests of a move."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import DAY, KNOWN, NARROWED, NOTES, ROWS, TAG, Query, answered, shape
from trackline.book.queries.register import SHOWS
from trackline.book.queries.tiers import evidence_json, tiers
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

router = Router()

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
    "margin_low": 730745,
    "margin_high": 1596079,
    "whitespace": 530000,
    "customer_spend": 3400000,
    "whitespace_pct": 15.6,
    "revenue_drop": {
        "since": "2026-08-23",
        "before": 2100000,
        "now": 2100000,
        "fell_pct": 0,
        "sharp": False,
        "limit": 20,
        "told": "ARR €2.10m on 23 Aug 2026, €2.10m now: no fall",
    },
    "commitment": ["Executive business review every quarter", "Operating review every month"],
    "dependencies": ["Executive sponsor gone before the group renewal"],
    "risk_flags": {"financial": "unknown", "concentration": "green", "compliance": "unknown"},
    "exit_candidate": False,
    "sunset_plan": "",
    "service_pct": 81,
    "service_short": ["reviews", "conversations"],
    "fte": 1.5,
    "opex": 58249.7,
    "budget": {
        "hours": 2700,
        "fte": 1.5,
        "opex": 58249.7,
        "funded": 314749.7,
        "promised": 390500,
        "pays": False,
        "over": 75750.3,
        "revenue": 2912485,
        "hours_served": 2700,
        "hour_cost": 95,
        "promises": {"reviews": 24000, "support": 60000, "innovation": 50000},
        "missing": [],
    },
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
        "differ, what it is to bring and cost, whether its tier pays for what it promises (`budget`; `missing` names what is not known), "
        "and what comes next; who is short over all (`funding`); concentration of revenue; monitors of biased tiers. "
        "`show` keeps the accounts whose score gives another tier (`differs`), that are near a cut (`near`), that have a "
        "decision open (`open`), an override in force (`override`), or are candidates for an exit (`exit`).",
        parameters=[parameter("show", {"type": "string", "enum": list(SHOWS)}, "Which accounts."), *NARROWED],
        answers={
            200: returns(
                "The register, in the order of the ranking; money in the book's currency.",
                shape(
                    as_of=DAY,
                    scored_on={"type": ["string", "null"], "format": "date"},
                    currency={"type": "string"},
                    cuts={"type": "array", "items": KNOWN},
                    cycles={"type": "array", "items": DAY},
                    quarters={"type": "array", "items": {"type": "string"}},
                    counts={"type": "object"},
                    rows=ROWS,
                    concentration={"type": "object"},
                    monitors={"type": "object"},
                    funding={"type": "object"},
                    columns=ROWS,
                    notes=NOTES,
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
                    "columns": [
                        {
                            "key": "whitespace",
                            "label": "White space",
                            "owner": "routes",
                            "answers": None,
                            "feed": "cells of account by product that are open",
                            "serves": "whether there is room for an upgrade",
                        }
                    ],
                    "funding": {
                        "judged": 1,
                        "tiered": 2,
                        "missing": {"hours": 1},
                        "short": [{"key": "ardent-rail", "over": 75750.3}],
                    },
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
    return answered(tiers(ctx, filters, show))


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
                        "score": KNOWN,
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
    return answered(evidence_json(ctx, account, int(to) if to else None))
