"""Endpoints of the quality of data: scores and checks, what fails, feeds, who owns what, and handing it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.models import User
from trackline.book.api.query import DAY, NARROWED, NOTES, NUMBER, ROWS, Query, answered, shape
from trackline.book.quality.feeds import feeds_json
from trackline.book.quality.handover import done_json, hand_over, plan_json, planned
from trackline.book.quality.measuring import failing_json, quality_json
from trackline.book.quality.owning import kinds, owning_json
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid
from trackline.kit.records.bulk import undo_batch
from trackline.kit.records.queries import resolve, scoped
from trackline.kit.records.types import registry

router = Router()
TAG = "Data quality"
MOST = 500

_CELL = {"pct": 93.0, "failed": 112, "checked": 1600, "days_below": 2}
_CHECK = {
    "key": "account-has-region", "domain": "accounts", "dimension": "completeness", "record": "account",
    "fields": ["region"], "fails": "Region is missing", "failed": 112, "checked": 400, "pct": 72.0,
}  # fmt: skip
_HANDED = {
    "batch": "0b8f6c1e-54a1-4f0e-9a3d-2c7f5d1f6a10", "count": 12, "counts": {"account": 3, "route": 9}, "refused": [],
}  # fmt: skip


@router.get(
    "/quality",
    **operation(
        "get_quality",
        "Quality of the data",
        tag=TAG,
        permission=READ,
        description="Completeness, accuracy, consistency, uniqueness and timeliness of each domain as shares of the checks that "
        "pass, and every check with how many records fail it, the most first. A dimension is held against `min_pct` by itself; "
        "`amber` names those that stay below it for too many days. `days_below` is null where it is not known.",
        parameters=NARROWED,
        answers={
            200: returns(
                "Domains and checks.",
                shape(as_of=DAY, min_pct=NUMBER, domains=ROWS, checks=ROWS, notes=NOTES),
                {
                    "as_of": "2026-11-23",
                    "min_pct": 95,
                    "domains": [
                        {
                            "key": "accounts", "label": "Accounts", "score": 96.8, "band": "amber", "steward": "ruth-okafor",
                            "below": ["completeness"], "amber": ["completeness"], "dimensions": {"completeness": _CELL},
                        }
                    ],
                    "checks": [_CHECK],
                    "notes": [],
                },
            )
        },
    ),
)  # fmt: skip
def get_quality(request: HttpRequest) -> HttpResponse:
    """Answer the quality of the data."""
    ctx = context_of(request)
    query = Query(request, ctx)
    filters = query.filters()
    query.done()
    return answered(quality_json(ctx, filters))


@router.get(
    "/quality/checks/{key}",
    **operation(
        "get_quality_check",
        "Records that fail a check",
        tag=TAG,
        permission=READ,
        description="The records that fail a check of data quality, by id: what it is about is mended by changing `fields` of "
        "them. `count` is how many there are in all.",
        parameters=[
            *NARROWED,
            parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100}, "How many records."),
        ],
        answers={
            200: returns(
                "The check and the records.",
                shape(key={"type": "string"}, record={"type": "string"}, count={"type": "integer"}, items=ROWS),
                {
                    "key": "account-has-region", "record": "account", "fails": "Region is missing", "fields": ["region"],
                    "count": 1, "items": [{"id": "42", "title": "Okada Brandt Mobility", "account": "okada-brandt-mobility"}],
                },
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def get_quality_check(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the records that fail a check."""
    ctx = context_of(request)
    query = Query(request, ctx)
    filters, limit = query.filters(), query.whole("limit", 1, MOST)
    query.done()
    return answered(failing_json(ctx, key, filters, limit or 100))


@router.get(
    "/quality/feeds",
    **operation(
        "get_quality_feeds",
        "How fresh metrics are",
        tag=TAG,
        permission=READ,
        description="Metrics that are read or agreed on: on how many accounts the newest reading is fresh, too old by the rhythm "
        "of the metric, or missing; whose the metric is and what its late readings came from. `silent` where it is fresh nowhere. "
        "`nightly_missed` where the nightly refresh has not run.",
        parameters=NARROWED,
        answers={
            200: returns(
                "Metrics and sources.",
                shape(as_of=DAY, nightly_missed={"type": "boolean"}, feeds=ROWS, sources=ROWS),
                {
                    "as_of": "2026-11-23",
                    "nightly_at": "2026-11-23T01:04:11Z",
                    "nightly_missed": False,
                    "feeds": [
                        {
                            "metric": "active_seat_pct", "name": "Active seats", "account": None, "rhythm": "weekly",
                            "limit_days": 30, "sources": ["Product telemetry"], "owner": "katrin-vogel", "accounts": 24,
                            "fresh": 23, "stale": 1, "never": 0, "newest_on": "2026-11-22", "age_days": 1, "silent": False,
                        }
                    ],
                    "sources": [{"source": "Product telemetry", "metrics": 1, "late": 1}],
                },
            )
        },
    ),
)  # fmt: skip
def get_quality_feeds(request: HttpRequest) -> HttpResponse:
    """Answer how fresh metrics are."""
    ctx = context_of(request)
    query = Query(request, ctx)
    filters = query.filters()
    query.done()
    return answered(feeds_json(ctx, filters))


@router.get(
    "/quality/owners",
    **operation(
        "get_quality_owners",
        "Who answers for what",
        tag=TAG,
        permission=READ,
        description="People with how many open records of each type they answer for: those first who are no longer active, then "
        "what nobody answers for (`user` null).",
        answers={
            200: returns(
                "People.",
                shape(as_of=DAY, people=ROWS),
                {
                    "as_of": "2026-11-23",
                    "people": [
                        {"user": "tim-lorca", "name": "Tim Lorca", "active": True, "total": 21,
                         "counts": {"account": 8, "route": 13}}
                    ],
                },
            )
        },
    ),
)  # fmt: skip
def get_quality_owners(request: HttpRequest) -> HttpResponse:
    """Answer who answers for what."""
    ctx = context_of(request)
    Query(request, ctx).done()
    return answered(owning_json(ctx))


@router.post(
    "/quality/handover",
    **operation(
        "hand_over",
        "Hand over what a person answers for",
        tag=TAG,
        permission=WRITE,
        description="Gives what `from` answers for to `to`, both by id or user name; `from` null stands for what nobody answers "
        "for. `types` and `accounts` narrow it, by key or id. With `dry_run` nothing is written and the records are listed. One "
        "batch of the history, which `POST /quality/handover/{batch}/undo` takes back; a record that refuses stays and is listed.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "from": {"type": ["string", "null"]},
                "to": {"type": "string"},
                "types": {"type": "array", "items": {"type": "string"}},
                "accounts": {"type": "array", "items": {"type": "string"}},
                "dry_run": {"type": "boolean", "default": False},
            },
            "required": ["from", "to"],
            "additionalProperties": False,
        },
        example={"from": "katrin-vogel", "to": "tim-lorca", "types": ["route"], "dry_run": True},
        answers={
            200: returns(
                "What changed hands, or would.",
                {
                    "type": "object",
                    "properties": {"count": {"type": "integer"}, "batch": {"type": ["string", "null"]}},
                    "required": ["count"],
                },
                _HANDED,
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def post_handover(request: HttpRequest) -> HttpResponse:
    """Hand over, or say what would be."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    only(body, "from", "to", "types", "accounts", "dry_run")
    if not isinstance(body.get("dry_run", False), bool):
        raise Invalid.fields({"dry_run": "true or false is expected."})
    if "from" not in body:
        raise Invalid.fields({"from": "Needed, but missing; null stands for what nobody answers for."})
    giver = _person(ctx, body, "from") if body["from"] is not None else None
    taker = _person(ctx, body, "to")
    types = _words(body, "types")
    accounts = [resolve(ctx, registry.get("account"), text) for text in _words(body, "accounts")]
    plan = planned(ctx, giver, taker, types, accounts)
    if body.get("dry_run"):
        return answered(plan_json(plan))
    return once(request, ctx, body, lambda: answered(done_json(hand_over(ctx, plan))))


@router.post(
    "/quality/handover/{batch}/undo",
    **operation(
        "undo_handover",
        "Take a handover back",
        tag=TAG,
        permission=WRITE,
        description="Gives each record back to who had it. What was changed again since stays, and is listed.",
        answers={
            200: returns(
                "How many records went back.",
                {
                    "type": "object",
                    "properties": {"count": {"type": "integer"}, "refused": ROWS},
                    "required": ["count", "refused"],
                },
                {"count": 12, "refused": []},
            )
        },
        problems=(404,),
    ),
)
def undo_handover(request: HttpRequest, batch: str) -> HttpResponse:
    """Take a handover back."""
    ctx = context_of(request)
    ctx.require(WRITE)
    try:
        done = undo_batch(ctx, UUID(batch))
    except ValueError:
        raise BadRequest(
            "The batch of a handover is expected.", [{"loc": ["path", "batch"], "msg": "not understood"}]
        ) from None
    refused = [{"id": str(one.pk), "title": one.title, "reason": one.reason} for one in done.refused]
    return answered({"count": len(done.changed), "refused": refused})


def _person(ctx: Context, body: Mapping[str, Any], name: str) -> User:
    text = body.get(name)
    if not isinstance(text, str) or not text:
        raise Invalid.fields({name: "An id or a user name is expected."})
    rtype = registry.get("user")
    found: User = scoped(ctx, rtype).get(pk=resolve(ctx, rtype, text))
    return found


def _words(body: Mapping[str, Any], name: str) -> list[str]:
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise Invalid.fields(
            {
                name: f"A list is expected, of {', '.join(kinds())}."
                if name == "types"
                else "A list of texts is expected."
            }
        )
    return value
