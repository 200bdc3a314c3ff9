"""Endpoints of shared pages beyond their records: address, password, and who opened them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.documents.models import ShareVisit
from trackline.documents.sharing import services
from trackline.kit.api.answers import answer, nothing
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import ADMIN, READ, WRITE
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import resolve
from trackline.kit.records.types import registry

router = Router()
TAG = "Shared pages"
MOST_VISITS = 200
_VISIT = {"at": "2026-11-24T09:12:00Z", "what": "opened", "refused": False, "network": "203.0.113.0/24", "detail": ""}
_ATTEMPT = _VISIT | {"what": "unknown", "refused": True, "share_link": None, "account": None}


@router.post(
    "/share-links/{id}/address",
    **operation(
        "make_share_link_address",
        "Make the address of a shared page",
        tag=TAG,
        permission=WRITE,
        description=(
            "Answers the address once; only its SHA-256 is kept. An earlier address of the page is void from now on. "
            "A page that is revoked or over gets none."
        ),
        answers={
            200: returns(
                "The address.",
                {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]},
                {"url": "https://trackline.example/shared/3q2-7wXkYdT0c1pJv4nM8rBhLs9aQfEg"},
            )
        },
        problems=(404, 409),
    ),
)
def make_address(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Give a page an address."""
    ctx = context_of(request)
    ctx.require(WRITE)
    path = services.new_address(ctx, resolve(ctx, registry.get("share_link"), id))
    return answer({"url": f"{settings.BASE_URL}{path}"}, headers={"Cache-Control": "no-store"})


@router.put(
    "/share-links/{id}/password",
    **operation(
        "set_share_link_password",
        "Set the password of a shared page",
        tag=TAG,
        permission=WRITE,
        description="An empty password opens the page without one. The page needs an address first.",
        body={
            "type": "object",
            "properties": {"password": {"type": "string", "maxLength": 200}},
            "required": ["password"],
            "additionalProperties": False,
        },
        example={"password": "between the two of us"},
        answers={204: {"description": "Done."}},
        problems=(404, 409),
    ),
)
def put_password(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Set or take away the password."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    pk = resolve(ctx, registry.get("share_link"), id)
    errors = {str(name)[:80]: "There is no such field." for name in body if name != "password"}
    given = body.get("password")
    if not isinstance(given, str) or "\x00" in given or len(given) > 200:
        errors["password"] = "Text of at most 200 characters is expected."  # noqa: S105  (a message)
    if errors or not isinstance(given, str):
        raise Invalid.fields(errors)
    services.set_password(ctx, pk, given)
    return nothing()


@router.get(
    "/share-links/{id}/visits",
    **operation(
        "list_share_link_visits",
        "Who opened a shared page",
        tag=TAG,
        permission=READ,
        description=(
            f"The newest {MOST_VISITS} uses and attempts, refused ones too. `network` is the caller's address without its "
            "last part: enough to tell offices apart, too little for a person."
        ),
        answers={
            200: returns(
                "The visits, the newest first.",
                {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
                    "required": ["items"],
                },
                {"items": [_VISIT]},
            )
        },
        problems=(404,),
    ),
)
def visits(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the trail of a page."""
    ctx = context_of(request)
    found = services.trail(ctx, resolve(ctx, registry.get("share_link"), id))[:MOST_VISITS]
    return answer({"items": [_told(one) for one in found]})


@router.get(
    "/share-attempts",
    **operation(
        "list_share_attempts",
        "Attempts at shared pages that got nothing",
        tag=TAG,
        permission=ADMIN,
        description=(
            f"The newest {MOST_VISITS}: addresses that no page has (`share_link` is null), void and expired ones, wrong "
            "passwords, forms sent from elsewhere, and whatever was asked of a page beyond what it shares."
        ),
        answers={
            200: returns(
                "The attempts, the newest first.",
                {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
                    "required": ["items"],
                },
                {"items": [_ATTEMPT]},
            )
        },
    ),
)
def attempts(request: HttpRequest) -> HttpResponse:
    """Answer the attempts of all pages."""
    found = services.attempts(context_of(request))[:MOST_VISITS]
    return answer({"items": [_told(one) | _where(one) for one in found]})


def _told(visit: ShareVisit) -> dict[str, Any]:
    return {
        "at": visit.at, "what": visit.what, "refused": visit.refused, "network": visit.network, "detail": visit.detail,
    }  # fmt: skip


def _where(visit: ShareVisit) -> dict[str, Any]:
    link = visit.link
    return {
        "share_link": str(link.pk) if link else None,
        "account": {"id": str(link.account_id), "name": link.account.name} if link else None,
    }
