"""Endpoints of the hall beyond its records: the caller, completeness and timeline of an account, observations in bulk."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts import completeness
from trackline.accounts.models import User
from trackline.accounts.services import record_observations
from trackline.accounts.settings import settings_in_force
from trackline.kit.api.answers import answer, answer_bytes
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only, query_of
from trackline.kit.history.queries import account_page
from trackline.kit.policy import PERMISSIONS, READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid
from trackline.kit.records.queries import DEFAULT_LIMIT, MAX_LIMIT, ListParams, resolve
from trackline.kit.records.types import registry
from trackline.kit.records.whole import pieces, whole_of

MOST_OBSERVATIONS = 5000

router = Router()

_ME = {
    "id": "7",
    "username": "katrin",
    "name": "Katrin Vogel",
    "email": "katrin.vogel@example.com",
    "roles": ["manager"],
    "permissions": ["track:read", "track:write"],
    "account_scope": "team",
    "book": {"name": "My book", "currency": "EUR", "time_zone": "Europe/Berlin"},
}


@router.get(
    "/me",
    **operation(
        "get_me",
        "Who am I",
        tag="Caller",
        permission=None,
        description="The caller, what this token or session permits, and the book.",
        answers={
            200: returns(
                "The caller.",
                {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "username": {"type": "string"},
                        "name": {"type": "string"},
                        "email": {"type": ["string", "null"]},
                        "roles": {"type": "array", "items": {"type": "string"}},
                        "permissions": {"type": "array", "items": {"type": "string", "enum": list(PERMISSIONS)}},
                        "account_scope": {"type": "string", "enum": ["all", "team"]},
                        "book": {"type": "object"},
                    },
                    "required": list(_ME),
                },
                _ME,
            )
        },
    ),
)
def me(request: HttpRequest) -> HttpResponse:
    """Answer who calls."""
    ctx = context_of(request)
    user = User.objects.get(pk=ctx.actor.user_id)
    book = settings_in_force()
    return answer(
        {
            "id": str(user.pk),
            "username": user.username,
            "name": user.name,
            "email": user.email or None,
            "roles": list(user.roles.values_list("code", flat=True)),
            "permissions": [code for code in PERMISSIONS if ctx.actor.may(code)],
            "account_scope": "all" if ctx.actor.visible is None else "team",
            "book": {name: book[f"book.{name}"] for name in ("name", "currency", "time_zone")},
        }
    )


_CHECK = {
    "key": "contacts",
    "passed": False,
    "label": "Contacts",
    "missing": "Add the first contact",
    "record": "contact",
}
_COMPLETENESS = {"total": 62.5, "sections": {"track": {"pct": 62.5, "checks": [_CHECK]}}}


@router.get(
    "/accounts/{id}/completeness",
    **operation(
        "get_account_completeness",
        "Completeness of an account",
        tag="Accounts",
        permission=READ,
        description="Computed now: each section's percentage and its checks; `missing` says what to do while one fails.",
        answers={
            200: returns(
                "Percentages and checks by section.",
                {
                    "type": "object",
                    "properties": {"total": {"type": "number"}, "sections": {"type": "object"}},
                    "required": ["total", "sections"],
                },
                _COMPLETENESS,
            )
        },
        problems=(404,),
    ),
)
def account_completeness(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer how complete an account is, and what is missing."""
    ctx = context_of(request)
    pk = resolve(ctx, registry.get("account"), id)
    found = completeness.compute([pk], ctx.today)[pk]
    sections = {
        key: {
            "pct": found.pct(key),
            "checks": [
                {
                    "key": check.key,
                    "passed": check.passed,
                    "label": check.label,
                    "missing": "" if check.passed else check.missing,
                    "record": check.record,
                }
                for check in checks
            ],
        }
        for key, checks in found.checks.items()
    }
    return answer({"total": found.total, "sections": sections})


@router.get(
    "/accounts/{id}/timeline",
    **operation(
        "list_account_timeline",
        "Timeline of an account",
        tag="Accounts",
        permission=READ,
        description="Everything written on the account and its records, newest first.",
        parameters=[
            parameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, "How many."
            ),
            parameter("cursor", {"type": "string"}, "`next` of the page before."),
        ],
        answers={200: returns("A page of changes.", ref("ChangePage"), {"items": [], "next": None})},
        problems=(404,),
    ),
)
def account_timeline(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer a page of an account's timeline."""
    ctx = context_of(request)
    params = ListParams.of(query_of(request))
    if params.filters or params.q or params.order:
        name = next(iter(params.filters), "q" if params.q else "order")
        raise BadRequest(
            f"{name}: a timeline takes limit and cursor only.", [{"loc": ["query", name], "msg": "unknown"}]
        )
    page = account_page(ctx, resolve(ctx, registry.get("account"), id), params.limit, params.cursor)
    return answer({"items": page.items, "next": page.next})


@router.get(
    "/accounts/{id}/complete",
    **operation(
        "get_complete_account",
        "Everything of an account",
        tag="Accounts",
        permission=READ,
        description="All records of the account by resource, with the people, products, metrics and pipelines they name, and its "
        "history: one file that `trackline import` or the import page reads back, here or elsewhere. Of the accounts above it "
        "holds the names alone; references into other accounts are left out and counted under `trackline.left_out`.",
        answers={
            200: returns(
                "The file.",
                {"type": "object", "properties": {"trackline": {"type": "object"}}, "required": ["trackline"]},
                {
                    "trackline": {
                        "form": 1,
                        "account": "okada-brandt-mobility",
                        "as_of": "2026-11-23T09:00:00Z",
                        "records": {"accounts": 1, "goals": 3},
                        "left_out": {},
                    },
                    "accounts": [],
                    "goals": [],
                    "history": {"changes": []},
                },
            )
        },
        problems=(404,),
    ),
)
def complete_account(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer everything of an account."""
    ctx = context_of(request)
    for name in query_of(request):
        raise BadRequest(f"{name[:80]}: there is no such parameter.", [{"loc": ["query", name[:80]], "msg": "unknown"}])
    whole = whole_of(ctx, resolve(ctx, registry.get("account"), id))
    return answer_bytes("".join(pieces(ctx, whole)).encode())


@router.post(
    "/observations/bulk",
    **operation(
        "record_observations",
        "Record many observations",
        tag="Observations",
        permission=WRITE,
        description="The value of a day replaces the one that is there, so the same rows sent twice change nothing. "
        f"One bad row refuses all. At most {MOST_OBSERVATIONS} rows.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "items": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_OBSERVATIONS,
                    "items": ref("ObservationCreate"),
                }
            },
            "required": ["items"],
            "additionalProperties": False,
        },
        example={
            "items": [
                {"account": "42", "metric": "on_time_delivery", "value": 93.4, "on": "2026-06-30"},
                {"account": "42", "metric": "on_time_delivery", "value": 94.1, "on": "2026-07-31"},
            ]
        },
        answers={
            200: returns(
                "Recorded.",
                {
                    "type": "object",
                    "properties": {name: {"type": "integer"} for name in ("created", "updated", "unchanged")},
                    "required": ["created", "updated", "unchanged"],
                },
                {"created": 2, "updated": 0, "unchanged": 0},
            )
        },
        problems=(409,),
    ),
)
def observations_bulk(request: HttpRequest) -> HttpResponse:
    """Record many observations at once."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    return once(request, ctx, body, lambda: _recorded(ctx, body))


def _recorded(ctx: Context, body: dict[str, Any]) -> HttpResponse:
    only(body, "items")
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_OBSERVATIONS:
        raise Invalid.fields({"items": f"A list of 1 to {MOST_OBSERVATIONS} observations is expected."})
    done = record_observations(ctx, items)
    return answer({"created": done.created, "updated": done.updated, "unchanged": done.unchanged})
