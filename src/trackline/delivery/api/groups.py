"""A parent with all below it: the figures of its pages."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.together.telling import TELLS, group_json

router = Router()

_LISTED = {"coverage", "metrics", "churn", "readiness"}
_EXAMPLE = {
    "account": {"id": "12", "key": "ardent-rail", "name": "Ardent Rail Group"},
    "as_of": "2026-11-26",
    "currency": "EUR",
    "rates": {"GBP": {"rate": 1.1669, "on": "2026-10-31"}},
    "accounts": [{"id": "12", "key": "ardent-rail", "name": "Ardent Rail Group"}],
    "says": [{"section": "reveal", "page": "goals", "says": "59 % of the way on average, 6 active"}],
    "goals": {"active": 6, "unread": 0, "progress_pct": 58.6, "worst": "off_track", "accounts": []},
    "surveys": {"answers": 8, "rate_pct": 72.7, "nps": 25, "csat": 4.17, "ces": 5, "rhi": 73.2, "accounts": [],
                "without": ["Ardent Rail Services AG"], "open_cases": 2},
}  # fmt: skip


@router.get(
    "/accounts/{id}/group",
    **operation(
        "get_account_group",
        "Figures of an account with all below it",
        tag="Accounts",
        permission=READ,
        description="What the pages of a group show: amounts added up in one currency at the newest stored month-end "
        "rates, which are named; metrics whose definition says that they add up; the answers of all surveys together; "
        "and side by side what does not add up, such as health, coverage and readiness. Each part names the accounts "
        "it has nothing of. Accounts outside the caller's scope are in no sum and in no list.",
        answers={
            200: returns(
                "Figures of the group.",
                {
                    "type": "object",
                    "properties": {
                        "account": {"type": "object"},
                        "as_of": {"type": "string", "format": "date"},
                        "currency": {"type": "string"},
                        "rates": {"type": "object"},
                        "accounts": {"type": "array", "items": {"type": "object"}},
                        "says": {"type": "array", "items": {"type": "object"}},
                        **{
                            name: {"type": "array", "items": {"type": "object"}}
                            if name in _LISTED
                            else {"type": "object"}
                            for name in TELLS
                        },
                    },
                    "required": ["account", "as_of", "currency", "accounts", "says"],
                },
                _EXAMPLE,
            )
        },
        problems=(404,),
    ),
)
def account_group(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the figures of an account's group."""
    ctx = context_of(request)
    head = head_of(ctx, get(ctx, registry.get("account"), id).key)
    return answer(group_json(ctx, replace(head, together=True)))
