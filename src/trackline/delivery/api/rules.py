"""The rulebook: its list, a rule described, a rule run on what the caller sends. Nothing is stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.versions import versions_of
from trackline.core.playbook import Rule, RuleUnknown, rulebook
from trackline.core.playbook.describe import described, listed
from trackline.core.playbook.fields import read_day
from trackline.delivery.api.overrides import in_force
from trackline.delivery.rulebook import run_request
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import body_of, context_of, query_of
from trackline.kit.policy import READ
from trackline.kit.problems import BadRequest, NotFound

router = Router()
TAG = "Rules"

_LISTED = {
    "id": "track.health.usage",
    "title": "Health by usage",
    "room": "track",
    "spec": ["HLT-01", "HLT-02", "HLT-03"],
    "summary": "Five categories, each green, amber or red, weighed into a score from 0 to 100.",
}
_TEXT = {"type": "string"}
_LISTED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": _TEXT,
        "title": _TEXT,
        "room": _TEXT,
        "spec": {"type": "array", "items": _TEXT, "description": "Catalogue entries that the rule implements."},
        "summary": _TEXT,
    },
    "required": list(_LISTED),
}
_DESCRIBED: dict[str, Any] = {
    "description": {"type": "string", "description": "What the rule says, in plain words."},
    "inputs": {"type": "object", "description": "JSON Schema of the inputs."},
    "parameters": {
        "type": "object",
        "description": "JSON Schema of the parameters; each with `default`, `unit`, `origin`, `source`, `why` and its "
        "`values` over time.",
    },
    "presets": {"type": "object", "description": "Named sets of parameters."},
    "default_preset": {"type": ["string", "null"]},
    "sources": {"type": "array", "items": _TEXT},
    "example": {"type": "object", "description": "Inputs that show what the rule does."},
    "version": {"type": "string", "description": "Of the rule with its parameters in force."},
    "as_of": {"type": "string", "format": "date"},
    "in_force": {
        "type": "object",
        "description": "The parameters in force for all accounts: defaults and overrides together.",
    },
    "overrides": {
        "type": "array",
        "items": {"type": "object"},
        "description": "Versions of administrators in force today.",
    },
}
_BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "inputs": {"type": "object", "description": "As the rule's `inputs` schema says; null is *not known*."},
        "parameters": {"type": ["object", "null"], "description": "Laid over those in force, for this run alone."},
        "as_of": {"type": ["string", "null"], "format": "date", "description": "The only clock; today where absent."},
    },
    "required": ["inputs"],
    "additionalProperties": False,
}
_EXAMPLE = {
    "inputs": {
        "active_seat_pct": 72,
        "core_features_used": 4,
        "nps_rating": 7,
        "ticket_trend": "stable",
        "targets_met_pct": 93,
    },
    "as_of": "2026-06-30",
}
_RESULT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rule": _TEXT,
        "value": {"type": ["number", "string", "null"]},
        "band": {"type": ["string", "null"]},
        "coverage_pct": {"type": "number", "description": "How much of the model's weight is known."},
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "key": _TEXT,
                    "label": _TEXT,
                    "input": {},
                    "weight": {"type": ["number", "null"]},
                    "points": {"type": ["number", "null"]},
                    "contribution": {"type": ["number", "null"]},
                    "band": {"type": ["string", "null"]},
                },
                "required": ["key", "label", "input", "weight", "points", "contribution", "band"],
            },
        },
        "missing": {"type": "array", "items": _TEXT, "description": "Inputs that are not known."},
        "notes": {"type": "array", "items": _TEXT},
        "details": {"type": "object"},
        "parameters": {"type": "object", "description": "What was in force."},
        "version": _TEXT,
        "sources": {"type": "array", "items": _TEXT},
        "as_of": {"type": "string", "format": "date"},
    },
}
_RESULT["required"] = list(_RESULT["properties"])


@router.get(
    "/rules",
    **operation(
        "list_rules",
        "List rules",
        tag=TAG,
        permission=READ,
        description="All rules of the rulebook, in the order of their ids, on one page.",
        parameters=[
            parameter("q", _TEXT, "Words to look for in id, title, summary and catalogue entries."),
            parameter("room", _TEXT, "Only the rules of a room: the first word of their ids."),
        ],
        answers={
            200: returns(
                "The rules.",
                {
                    "type": "object",
                    "properties": {
                        "items": {"type": "array", "items": _LISTED_SCHEMA},
                        "next": {"type": "null", "description": "There is one page."},
                    },
                    "required": ["items", "next"],
                },
                {"items": [_LISTED], "next": None},
            )
        },
    ),
)
def rule_list(request: HttpRequest) -> HttpResponse:
    """Answer the rules."""
    context_of(request).require(READ)
    params = query_of(request)
    for name in params:
        if name not in ("q", "room", "limit", "cursor"):
            raise BadRequest(f"{name[:80]}: there is no such parameter.", [{"loc": ["query", name], "msg": "unknown"}])
    found = rulebook().search(params.get("q", ""), params.get("room", ""))
    return answer({"items": [listed(rule) for rule in found], "next": None})


@router.get(
    "/rules/{id}",
    **operation(
        "get_rule",
        "Describe a rule",
        tag=TAG,
        permission=READ,
        description="What a rule says, and its inputs and parameters as JSON Schema with defaults and sources.",
        parameters=[parameter("as_of", {"type": "string", "format": "date"}, "Parameters in force on that day.")],
        answers={
            200: returns(
                "The rule.",
                {
                    "type": "object",
                    "properties": _LISTED_SCHEMA["properties"] | _DESCRIBED,
                    "required": [*_LISTED, *_DESCRIBED],
                },
            )
        },
        problems=(404,),
    ),
)
def rule_show(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer a rule described."""
    ctx = context_of(request)
    ctx.require(READ)
    params = query_of(request)
    for name in params:
        if name != "as_of":
            raise BadRequest(f"{name[:80]}: there is no such parameter.", [{"loc": ["query", name], "msg": "unknown"}])
    try:
        day = read_day(params["as_of"]) if "as_of" in params else ctx.today
    except ValueError:
        message = "A date as YYYY-MM-DD is expected."
        raise BadRequest(f"as_of: {message}", [{"loc": ["query", "as_of"], "msg": message}]) from None
    rule = known(id)
    found = Overrides.load(day).in_force(rule, day)
    told = {"version": found.version, "in_force": dict(found.echo), "overrides": in_force(versions_of(ctx, rule.id))}
    return answer(described(rule, day) | told)


@router.post(
    "/rules/{id}/run",
    **operation(
        "run_rule",
        "Run a rule",
        tag=TAG,
        permission=READ,
        description="Runs a rule on the inputs sent, under the parameters in force or others for this run alone, and "
        "answers the value with its parts. Stores nothing.",
        body=_BODY,
        example=_EXAMPLE,
        answers={200: returns("The result, explained.", _RESULT)},
        problems=(404,),
    ),
)
def rule_run(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer the result of a rule."""
    ctx = context_of(request)
    ctx.require(READ)
    found = known(id)
    return answer(run_request(found, body_of(request), ctx.today))


def known(rule_id: str) -> Rule:
    """Return a rule. Raises `NotFound`, naming the nearest."""
    try:
        return rulebook().get(rule_id)
    except RuleUnknown as unknown:
        raise NotFound(str(unknown)) from None
