"""Endpoints of R beyond its records: what accounts contribute to an objective, value proven, business cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import get, resolve
from trackline.kit.records.types import registry
from trackline.reveal import checklists
from trackline.reveal.cases import results_of
from trackline.reveal.contributions import contributions
from trackline.reveal.proof import proof_of, to_json

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


_VALUE = {
    "currency": "EUR",
    "as_of": "2026-11-23",
    "committed": 2100000,
    "verified": 1310000,
    "realized_pct": 62.4,
    "band": "red",
    "left_out": [],
    "unverified": 2,
    "roi": {
        "multiple": 0.46, "verified": 1310000, "verified_earlier": 0, "claimed": 790000, "missing": [], "notes": [],
    },
    "steps": [{"id": "4", "label": "Press downtime avoided", "amount": -680000, "verified": False}],
}  # fmt: skip


@router.get(
    "/accounts/{id}/value",
    **operation(
        "get_account_value",
        "Value proven to an account",
        tag="Accounts",
        permission=READ,
        description=(
            "What was committed and what the customer has verified, in the account's currency, by the rules "
            "`reveal.value.realization` and `reveal.value.roi`. Outcomes without the amounts they need count nowhere and stand "
            "in `left_out`. `steps` lead from the committed worth to the verified one, the largest first."
        ),
        answers={
            200: returns(
                "Sums, multiple and steps.",
                {
                    "type": "object",
                    "properties": {
                        "currency": {"type": "string"},
                        "as_of": {"type": "string", "format": "date"},
                        "committed": {"type": "number"},
                        "verified": {"type": "number"},
                        "realized_pct": {"type": ["number", "null"]},
                        "band": {"type": "string", "enum": ["green", "amber", "red", "unknown"]},
                        "left_out": {"type": "array", "items": {"type": "object"}},
                        "unverified": {"type": "integer"},
                        "roi": {"type": "object"},
                        "steps": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": list(_VALUE),
                },
                _VALUE,
            )
        },
        problems=(404,),
    ),
)
def account_value(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer what was committed, what is verified, and what that is of what the customer pays."""
    ctx = context_of(request)
    account = get(ctx, registry.get("account"), str(resolve(ctx, registry.get("account"), id)))
    found = to_json(proof_of(account, ctx.today))
    return answer({"currency": account.currency, "as_of": ctx.today, **found})


_RESULT = {
    "id": "4",
    "currency": "EUR",
    "as_of": "2026-11-23",
    "npv": 130277.99,
    "irr_pct": 23.2,
    "payback_years": 2.07,
    "discounted_payback_years": 2.4,
    "break_even_pct": 83.3,
    "cases": [{"factor_pct": 70, "npv": -103568.99, "irr_pct": -1.4, "payback_years": None}],
    "years": [
        {"year": 0, "benefit": 0, "cost": 500000, "net": -500000, "cumulative": -500000, "present_value": -500000},
    ],
    "swings": [{"title": "Licence", "swing_pct": 20, "lower": 30277.99, "higher": 230277.99}],
    "notes": [],
    "missing": [],
    "version": "1",
}  # fmt: skip


@router.get(
    "/business-cases/{id}/result",
    **operation(
        "get_business_case_result",
        "What a business case is worth",
        tag="Business cases",
        permission=READ,
        description=(
            "Present value, return, payback, break-even and sensitivities by the rule `reveal.value.case`, the money of each "
            "year, and the present value with each line 20 % lower and higher. `irr_pct` is null where there is no return, "
            "and `notes` says why."
        ),
        answers={
            200: returns(
                "The result.",
                {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "currency": {"type": "string"},
                        "as_of": {"type": "string", "format": "date"},
                        **{
                            name: {"type": ["number", "null"]}
                            for name in (
                                "npv",
                                "irr_pct",
                                "payback_years",
                                "discounted_payback_years",
                                "break_even_pct",
                            )
                        },
                        **{
                            name: {"type": "array", "items": {"type": "object"}}
                            for name in ("cases", "years", "swings")
                        },
                        **{name: {"type": "array", "items": {"type": "string"}} for name in ("notes", "missing")},
                        "version": {"type": "string"},
                    },
                    "required": list(_RESULT),
                },
                _RESULT,
            )
        },
        problems=(404,),
    ),
)
def business_case_result(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer what a business case is worth."""
    ctx = context_of(request)
    rtype = registry.get("business_case")
    case = get(ctx, rtype, str(resolve(ctx, rtype, id)))
    found = results_of([case], ctx.today)[case.pk]
    return answer({"id": str(case.pk), "currency": case.account.currency, "as_of": ctx.today, **found.to_json()})


_CHECKLIST = {
    "checklist": "needs_advance",
    "title": "Ready for a solution",
    "opens": "the design of a solution",
    "readiness_pct": 83.3,
    "passed": False,
    "items": [
        {"item": "tied", "text": "Each pain point that is a priority serves one of the customer's own", "auto": True,
         "answer": "yes", "says": "2 of 2", "id": None},
    ],
}  # fmt: skip


@router.get(
    "/accounts/{id}/checklists",
    **operation(
        "list_account_checklists",
        "Checklists of an account",
        tag="Checklist answers",
        permission=READ,
        description=(
            "Each checklist with its items: those with `auto` are answered by the records, the others by checklist answers "
            "(`id`). `readiness_pct` counts good items of those that apply; `passed` says that all of them are good."
        ),
        answers={
            200: returns(
                "The checklists.",
                {
                    "type": "object",
                    "properties": {
                        "as_of": {"type": "string", "format": "date"},
                        "checklists": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": ["as_of", "checklists"],
                },
                {"as_of": "2026-11-23", "checklists": [_CHECKLIST]},
            )
        },
        problems=(404,),
    ),
)
def account_checklists(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer how far the checklists of an account are met."""
    ctx = context_of(request)
    account = get(ctx, registry.get("account"), str(resolve(ctx, registry.get("account"), id)))
    found = [checklists.to_json(one) for one in checklists.runs_of(account, ctx.today)]
    return answer({"as_of": ctx.today, "checklists": found})
