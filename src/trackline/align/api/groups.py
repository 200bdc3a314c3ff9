"""The roll-up of a group."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.align import queries
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

router = Router()

_ROLLUP = {
    "account": {"id": "42", "key": "okada-brandt-mobility", "name": "Okada Brandt Mobility"},
    "currency": "EUR",
    "as_of": "2027-01-12",
    "accounts": {"count": 3, "by_status": {"active": 2, "onboarding": 1}},
    "arr": 3960000,
    "routes": {"open": {"count": 4, "gross": 1120000, "weighted": 412000}, "won": {"count": 2, "value": 300000}},
    "rates": {"JPY": {"rate": 0.0061, "on": "2026-12-31"}},
    "left_out": [{"id": "45", "key": "okada-brandt-korea", "name": "Okada Brandt Korea", "currency": "KRW"}],
}


@router.get(
    "/accounts/{id}/rollup",
    **operation(
        "get_account_rollup",
        "Group totals of an account",
        tag="Accounts",
        permission=READ,
        description="The account and all that stand below it, added up in the book's currency at the newest stored "
        "month-end rates. Accounts with an amount in a currency without a rate are left out of the amounts and named.",
        answers={
            200: returns(
                "Totals of the group.",
                {
                    "type": "object",
                    "properties": {
                        "account": {"type": "object"},
                        "currency": {"type": "string"},
                        "as_of": {"type": "string", "format": "date"},
                        "accounts": {"type": "object"},
                        "arr": {"type": "number"},
                        "routes": {"type": "object"},
                        "rates": {"type": "object"},
                        "left_out": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": list(_ROLLUP),
                },
                _ROLLUP,
            )
        },
        problems=(404,),
    ),
)
def account_rollup(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer the totals of an account's group."""
    ctx = context_of(request)
    return answer(queries.rollup(ctx, get(ctx, registry.get("account"), id)))
