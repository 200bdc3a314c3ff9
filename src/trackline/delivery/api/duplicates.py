"""Endpoints of duplicates: pairs that may be one, merging two records, taking a merge back, telling a pair apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.duplicates import KINDS, find_duplicates, found_json, kind_of, merged_json, tell_apart
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only, query_of
from trackline.kit.policy import READ, WRITE
from trackline.kit.problems import BadRequest, Invalid
from trackline.kit.records.merging import by_field, merge, merge_in, take_back
from trackline.kit.records.queries import resolve
from trackline.kit.records.types import RecordType, registry

MOST = 500

router = Router()

_PAIR = {
    "type": "account",
    "one": {"id": "42", "name": "Okada Brandt Mobility"},
    "other": {"id": "57", "name": "Okada Brandt Mobility AG"},
    "account": None,
    "score": 95,
    "sure": False,
    "signals": [
        {"key": "name_same", "words": "Same name without the legal form", "points": 60},
        {"key": "domain_same", "words": "Same web domain", "points": 35},
    ],
}
_MERGED = {
    "survivor": {"id": "42", "name": "Okada Brandt Mobility"},
    "batch": "0b8f6c1e-54a1-4f0e-9a3d-2c7f5d1f6a10",
    "moved": {"contact": 3, "route": 2},
    "left_out": [{"type": "business_unit", "id": "9", "title": "Paint shop", "into": "4"}],
}


@router.get(
    "/duplicates",
    **operation(
        "list_duplicates",
        "Pairs that may be one record",
        tag="Data quality",
        permission=READ,
        description="Accounts, or contacts within an account, that may stand in the book twice, the likeliest first, with what "
        "speaks for each pair and against it. `sure` where a number of an authority is the same, none differs and the names are "
        "alike. Pairs that were told apart are left out.",
        parameters=[
            parameter("type", {"type": "string", "enum": list(KINDS), "default": "account"}, "What is looked through."),
            parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100}, "How many pairs."),
        ],
        answers={
            200: returns(
                "The pairs, and how many there are in all.",
                {
                    "type": "object",
                    "properties": {
                        "items": {"type": "array", "items": {"type": "object"}},
                        "count": {"type": "integer"},
                    },
                    "required": ["items", "count"],
                },
                {"items": [_PAIR], "count": 1},
            )
        },
        problems=(422,),
    ),
)
def list_duplicates(request: HttpRequest) -> HttpResponse:
    """Answer the pairs that may be one."""
    ctx = context_of(request)
    query = query_of(request)
    word, text = query.pop("type", KINDS[0]), query.pop("limit", "100")
    for name in query:
        raise BadRequest(f"{name[:80]}: there is no such parameter.", [{"loc": ["query", name[:80]], "msg": "unknown"}])
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MOST:
        raise BadRequest(
            f"limit: a whole number from 1 to {MOST} is expected.",
            [{"loc": ["query", "limit"], "msg": "not understood"}],
        )
    rtype = kind_of(word)
    found = find_duplicates(ctx, rtype)
    return answer({"items": [found_json(rtype, one) for one in found[: int(text)]], "count": len(found)})


@router.post(
    "/duplicates/apart",
    **operation(
        "tell_apart",
        "Tell two records apart",
        tag="Data quality",
        permission=WRITE,
        description="Remembers that two records are not the same, so that they are not shown as a pair again; `apart: false` "
        "forgets it.",
        body={
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": list(KINDS)},
                "one": {"type": "string"},
                "other": {"type": "string"},
                "apart": {"type": "boolean", "default": True},
            },
            "required": ["type", "one", "other"],
            "additionalProperties": False,
        },
        example={"type": "account", "one": "42", "other": "57"},
        answers={200: returns("Remembered.", {"type": "object"}, {"apart": True})},
        problems=(404,),
    ),
)
def apart(request: HttpRequest) -> HttpResponse:
    """Remember, or forget, that two records are not the same."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    only(body, "type", "one", "other", "apart")
    wanted = body.get("apart", True)
    if not isinstance(wanted, bool):
        raise Invalid.fields({"apart": "true or false is expected."})
    ids = {name: _word(body, name) for name in ("type", "one", "other")}
    tell_apart(ctx, kind_of(ids["type"]), ids["one"], ids["other"], apart=wanted)
    return answer({"apart": wanted})


def _merging(kind: str, label: str) -> dict[str, Any]:
    return operation(
        f"merge_{kind}s",
        f"Merge two {label}",
        tag="Data quality",
        permission=WRITE,
        description="The record of the address stays. Everything that points at the merged one, its ids in other systems and its "
        "history go to it; the id of the merged one leads to it from then on. Where both hold a value `take` says whose stays "
        "(`survivor`, if nothing is said); what the survivor lacks comes from the merged one. What stands there twice after it "
        "becomes one as well and is listed in `left_out`. One batch of the history; `POST /merges/{batch}/undo` takes it back "
        "whole.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "merged": {"type": "string", "description": "The record that goes."},
                "take": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "enum": ["survivor", "merged"]},
                    "description": "Whose value a field keeps.",
                },
            },
            "required": ["merged"],
            "additionalProperties": False,
        },
        example={"merged": "57", "take": {"name": "merged"}},
        answers={
            200: returns(
                "The survivor, how many records of each type moved, and what stood there twice.",
                {
                    "type": "object",
                    "properties": {
                        "survivor": {"type": "object"},
                        "batch": {"type": "string", "format": "uuid"},
                        "moved": {"type": "object"},
                        "left_out": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": list(_MERGED),
                },
                _MERGED,
            )
        },
        problems=(404, 409),
    )


@router.post("/accounts/{id}/merge", **_merging("account", "accounts"))
def merge_accounts(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Merge another account into this one."""
    return _merge(request, registry.get("account"), id)


@router.post("/contacts/{id}/merge", **_merging("contact", "contacts of an account"))
def merge_contacts(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Merge another contact of the account into this one."""
    return _merge(request, registry.get("contact"), id)


@router.post(
    "/merges/{batch}/undo",
    **operation(
        "undo_merge",
        "Take a merge back",
        tag="Data quality",
        permission=WRITE,
        description="Puts every row where it was, or refuses and names what was changed or added since and stands against it.",
        answers={
            200: returns("Both records are there again.", {"type": "object"}, {"restored": "57", "survivor": "42"})
        },
        problems=(404, 409),
    ),
)
def undo_merge(request: HttpRequest, batch: str) -> HttpResponse:
    """Take a merge back whole."""
    ctx = context_of(request)
    ctx.require(WRITE)
    try:
        found = merge_in(ctx, UUID(batch))
    except ValueError:
        raise BadRequest(
            "The batch of a merge is expected.", [{"loc": ["path", "batch"], "msg": "not understood"}]
        ) from None
    take_back(ctx, found.batch)
    return answer({"restored": str(found.merged_id), "survivor": str(found.survivor_id)})


def _merge(request: HttpRequest, rtype: RecordType, text: str) -> HttpResponse:
    ctx = context_of(request)
    ctx.require(WRITE)
    survivor = resolve(ctx, rtype, text)
    body = body_of(request)
    only(body, "merged", "take")
    take = body.get("take", {})
    if not isinstance(take, Mapping):
        raise Invalid.fields({"take": "An object of fields is expected."})
    other = resolve(ctx, rtype, _word(body, "merged"))

    def work() -> HttpResponse:
        return answer(merged_json(ctx, rtype, merge(ctx, rtype, survivor, other, by_field(take))))

    return once(request, ctx, body, work)


def _word(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid.fields({name: "A text is expected."})
    return value
