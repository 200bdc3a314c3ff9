"""Endpoints of documents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api import AS_OF, Query
from trackline.documents.plans.live import EDITIONS, plan_of
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

router = Router()

_PLAN = {
    "account": {"id": "42", "key": "okada-brandt-mobility", "name": "Okada Brandt Mobility"},
    "as_of": "2026-11-23",
    "edition": "full",
    "template": "kam",
    "parts": [
        {
            "key": "priorities",
            "title": "The customer's priorities",
            "blocks": [
                {
                    "kind": "table",
                    "columns": [{"heading": "Priority", "width": 8, "right": False}],
                    "rows": [["Scrap below 2.5 % in every paint shop"]],
                    "empty": "No priority of the customer is recorded.",
                    "more": 0,
                }
            ],
        }
    ],
    "notes": ["Not recorded: our sponsor."],
    "facts": {"as_of": "2026-11-23"},
}


@router.get(
    "/accounts/{id}/plan",
    **operation(
        "get_account_plan",
        "Plan of an account",
        tag="Accounts",
        permission=READ,
        description="The account plan as it stands: the sections of the template that the account's tier asks for (rule "
        "`documents.plan.template`), filled from the records. `parts` is what one reads, `facts` what it is written from. The "
        "customer's edition holds only what the customer may read, and no facts.",
        parameters=[
            AS_OF,
            parameter("edition", {"type": "string", "enum": list(EDITIONS), "default": "full"}, "Which copy."),
            parameter(
                "group", {"type": "string", "enum": ["false", "true"], "default": "false"},
                "With all accounts below that the caller sees, added up in the book's currency where theirs differ.",
            ),
        ],
        answers={
            200: returns(
                "The plan.",
                {
                    "type": "object",
                    "properties": {
                        "account": {"type": "object"},
                        "as_of": {"type": "string", "format": "date"},
                        "edition": {"type": "string", "enum": list(EDITIONS)},
                        "template": {"type": "string"},
                        "parts": {"type": "array", "items": {"type": "object"}},
                        "notes": {"type": "array", "items": {"type": "string"}},
                        "facts": {"type": "object"},
                    },
                    "required": ["account", "as_of", "edition", "template", "parts", "notes"],
                },
                _PLAN,
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def account_plan(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the plan of an account."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on, edition = query.day("as_of"), query.one_of("edition", tuple(EDITIONS), "full")
    group = query.one_of("group", ("false", "true"), "false") == "true"
    query.done()
    account = get(ctx, registry.get("account"), id)
    return answer(plan_of(ctx, account, on=on, group=group).to_json(edition))
