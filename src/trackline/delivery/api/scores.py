"""Scores of an account: the newest of each rule, one rule over time with what changed, and its ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.models import Account
from trackline.accounts.rulebook import queries
from trackline.accounts.rulebook.alike import alike
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.telling import change_json, point_json, rule_of, scores_json, title_of
from trackline.core.playbook.fields import read_day
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of, query_of
from trackline.kit.policy import READ
from trackline.kit.problems import BadRequest, NotFound
from trackline.kit.records.ordering import foreign, pack, unpack
from trackline.kit.records.queries import DEFAULT_LIMIT, MAX_LIMIT, ListParams, resolve
from trackline.kit.records.types import registry

router = Router()

_ITEMS = {"type": "array", "items": {"type": "object"}}
_SOURCE = {
    "record_type": "observation",
    "record_id": "812",
    "label": "Active seats",
    "on": "2026-11-21",
    "age_days": 2,
    "metric": "active_seat_pct",
    "value": 78,
}
_PART = {
    "key": "product_usage",
    "label": "Product usage",
    "input": 78,
    "weight": 30,
    "points": 50,
    "contribution": 15,
    "band": "amber",
}
_SCORE = {
    "rule": "track.health.usage",
    "title": "Health by usage",
    "preset": None,
    "value": 60,
    "band": "amber",
    "coverage_pct": 100,
    "parts": [_PART],
    "missing": [],
    "notes": [],
    "details": {},
    "parameters": {"weights": {"product_usage": 30}},
    "version": "3f9c1a2b4d5e",
    "sources": ["001 §Build account health scoring"],
    "as_of": "2026-11-23",
    "inputs": [{"name": "active_seat_pct", "value": 78, "sources": [_SOURCE]}],
    "missing_inputs": [],
}
_POINT = {"on": "2026-11-23", "value": 60, "band": "amber", "coverage_pct": 100, "version": "3f9c1a2b4d5e"}
_CHANGE = {
    "id": "91",
    "rule": "track.health.usage",
    "preset": None,
    "at": "2026-11-23T09:00:00Z",
    "on": "2026-11-23",
    "from": {"value": 75, "band": "amber"},
    "to": {"value": 60, "band": "amber"},
    "difference": None,
    "cause": {"kind": "observation", "record_type": "observation", "record_id": "812", "label": "Active seats: 78"},
    "by": {"id": "7", "name": "Katrin Vogel"},
}
_PRESET = parameter("preset", {"type": "string"}, "The preset, in rules that have several.")


@router.get(
    "/accounts/{id}/scores",
    **operation(
        "list_account_scores",
        "Scores of an account",
        tag="Scores",
        permission=READ,
        description="The newest score of each rule, explained: parts, parameters in force, and each input with the "
        "observations or records it came from, their day and age.",
        answers={
            200: returns(
                "The newest score of each rule and preset.",
                {"type": "object", "properties": {"items": _ITEMS}, "required": ["items"]},
                {"items": [_SCORE]},
            )
        },
        problems=(404,),
    ),
)
def account_scores(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the newest score of each rule."""
    ctx = context_of(request)
    pk = resolve(ctx, registry.get("account"), id)
    _only(query_of(request))
    found = queries.latest([pk])
    return answer({"items": scores_json([found[key] for key in sorted(found)])})


@router.get(
    "/accounts/{id}/scores/{rule}",
    **operation(
        "get_account_score",
        "One score over time",
        tag="Scores",
        permission=READ,
        description="Dated values of one rule, oldest first, the newest explained, and what changed from the first to "
        "the last: which parts, because of which input or parameter.",
        parameters=[parameter("since", {"type": "string", "format": "date"}, "The first day."), _PRESET],
        answers={
            200: returns(
                "The line, the newest score, and the difference.",
                {
                    "type": "object",
                    "properties": {
                        "rule": {"type": "string"},
                        "title": {"type": "string"},
                        "items": _ITEMS,
                        "latest": {"type": ["object", "null"]},
                        "difference": {"type": ["object", "null"]},
                        "alike": {
                            "type": ["object", "null"],
                            "description": "The difference like with like: both scores under the figures in force, on the inputs that "
                            "both days have; `restated` where figures had changed, `left_out` names inputs of one day only.",
                        },
                    },
                    "required": ["rule", "title", "items", "latest", "difference", "alike"],
                },
                {
                    "rule": "track.health.usage",
                    "title": "Health by usage",
                    "items": [_POINT],
                    "latest": _SCORE,
                    "difference": None,
                    "alike": None,
                },
            )
        },
        problems=(404,),
    ),
)
def account_score(request: HttpRequest, id: str, rule: str) -> HttpResponse:  # noqa: A002
    """Answer one rule's scores over time."""
    ctx = context_of(request)
    pk = resolve(ctx, registry.get("account"), id)
    given = query_of(request)
    _only(given, "since", "preset")
    line = queries.trend(pk, rule, given.get("preset", ""), _day(given.get("since")))
    if not line:
        newest = queries.latest([pk], rule, given.get("preset", ""))
        if not newest:
            raise NotFound(f"There is no score of {rule[:80]} on this account.")
        line = list(newest.values()) if not given.get("since") else []
    told = queries.difference(line[0], line[-1]).to_json() if len(line) > 1 else None
    found = rule_of(rule) if told else None
    tier = Account.objects.values_list("tier", flat=True).get(pk=pk) if found else None
    same = alike(found, line[0], line[-1], Overrides.load(ctx.today), tier).to_json() if found else None
    body: dict[str, Any] = {
        "rule": rule,
        "title": title_of(rule),
        "items": [point_json(score) for score in line],
        "latest": scores_json(line[-1:])[0] if line else None,
        "difference": told,
        "alike": same,
    }
    return answer(body)


@router.get(
    "/accounts/{id}/scores/{rule}/changes",
    **operation(
        "list_account_score_changes",
        "Ledger of one score",
        tag="Scores",
        permission=READ,
        description="Every change, newest first: from what to what, which parts, because of which observation, record, "
        "parameter or the passing of time, when and by whom.",
        parameters=[
            parameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, "How many."
            ),
            parameter("cursor", {"type": "string"}, "`next` of the page before."),
            _PRESET,
        ],
        answers={
            200: returns(
                "A page of the ledger.",
                {
                    "type": "object",
                    "properties": {"items": _ITEMS, "next": {"type": ["string", "null"]}},
                    "required": ["items", "next"],
                },
                {"items": [_CHANGE], "next": None},
            )
        },
        problems=(404,),
    ),
)
def account_score_changes(request: HttpRequest, id: str, rule: str) -> HttpResponse:  # noqa: A002
    """Answer a page of the ledger of one rule."""
    ctx = context_of(request)
    pk = resolve(ctx, registry.get("account"), id)
    given = query_of(request)
    _only(given, "limit", "cursor", "preset")
    params = ListParams.of({name: value for name, value in given.items() if name != "preset"})
    before = _place(params.cursor) if params.cursor else None
    rows = queries.ledger(pk, rule, given.get("preset"), before=before, limit=params.limit + 1)
    more, rows = len(rows) > params.limit, rows[: params.limit]
    return answer({"items": [change_json(row) for row in rows], "next": pack([rows[-1].pk]) if more else None})


def _only(given: dict[str, str], *names: str) -> None:
    for name in given:
        if name not in names:
            raise BadRequest(f"{name}: there is no such parameter.", [{"loc": ["query", name], "msg": "unknown"}])


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return read_day(text)
    except ValueError:
        raise BadRequest(
            "since: a date as YYYY-MM-DD is expected.", [{"loc": ["query", "since"], "msg": "not understood"}]
        ) from None


def _place(cursor: str) -> int:
    values = unpack(cursor)
    if len(values) != 1 or not isinstance(values[0], int) or isinstance(values[0], bool):
        raise foreign()
    return values[0] if abs(values[0]) < 2**62 else 0
