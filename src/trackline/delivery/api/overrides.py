"""What administrators lay over a rule's figures: its versions, the effect on the book before saving, a new version."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.rulebook.adjusting import draft, effect_of, rule_named, save
from trackline.accounts.rulebook.versions import IN_FORCE, STATES, TAKEN_BACK, Version, versions_of
from trackline.delivery.rulebook import adjustment, look_back
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import ADMIN, READ
from trackline.watch.past import past_json

router = Router()
TAG = "Rules"

_CHANGES = {"weights": {"product_usage": 35, "success_metrics": 10}}
_MOVES = [
    {"path": "weights.product_usage", "before": 30, "after": 35},
    {"path": "weights.success_metrics", "before": 15, "after": 10},
]
_EFFECT = {
    "accounts": 36,
    "changed": 31,
    "bands": [{"from": "amber", "to": "green", "count": 2}],
    "tiers": 0,
}
_VERSION = {
    "rule": "track.health.usage",
    "number": 3,
    "state": "in_force",
    "scope": "all",
    "tier": None,
    "account": None,
    "preset": None,
    "changes": _CHANGES,
    "from_on": "2026-07-02",
    "reason": "Seats foretold churn better than targets in the first half-year.",
    "moves": _MOVES,
    "effect": _EFFECT,
    "pending": 0,
    "created_at": "2026-07-02T08:12:44Z",
    "created_by": "7",
}
_TEXT = {"type": "string"}
_FIGURES: dict[str, Any] = {
    "type": "object",
    "description": "Figures laid over those beneath, as the rule's `parameters` name them; a number over a limit keeps its test.",
}
_SUMMARY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "accounts": {"type": "integer", "description": "Accounts in reach that the rule runs on."},
        "changed": {"type": "integer", "description": "Scores that change."},
        "bands": {
            "type": "array",
            "items": {"type": "object"},
            "description": "How many go from which colour to which.",
        },
        "tiers": {"type": "integer"},
        "record_type": {"type": "string", "description": "Named where records carry the rule's result."},
        "records": {"type": "integer", "description": "How many of them are in reach."},
        "signal": {
            "type": "object",
            "description": "Of a rule that raises alerts: how many `fires` begin and how many fall `silent`; "
            "once saved, how many alerts were raised and how many found over.",
        },
    },
}
_VERSION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rule": _TEXT,
        "number": {"type": "integer"},
        "state": {"type": "string", "enum": list(STATES)},
        "scope": {"type": "string", "enum": ["all", "tier", "account"]},
        "tier": {"type": ["integer", "null"]},
        "account": {"type": ["string", "null"]},
        "preset": {"type": ["string", "null"], "description": "null is every preset."},
        "changes": _FIGURES | {"description": "Empty: it takes back what was adjusted before."},
        "from_on": {"type": "string", "format": "date"},
        "reason": _TEXT,
        "moves": {"type": "array", "items": {"type": "object"}, "description": "What it changed of what was in force."},
        "effect": {
            **_SUMMARY,
            "type": ["object", "null"],
            "description": "What it did to the book; null until every account in its reach follows it.",
        },
        "pending": {"type": "integer", "description": "Accounts whose score does not follow it yet."},
        "created_at": {"type": "string", "format": "date-time"},
        "created_by": {"type": ["string", "null"]},
    },
    "required": list(_VERSION),
}
_DRAFT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "changes": _FIGURES | {"description": "Figures to lay over; an empty object takes back what was adjusted."},
        "scope": {"type": "string", "enum": ["all", "tier", "account"], "default": "all"},
        "tier": {"type": ["integer", "null"], "minimum": 1, "maximum": 3, "description": "For the scope `tier`."},
        "account": {"type": ["string", "null"], "description": "Id or key, for the scope `account`."},
        "preset": {"type": ["string", "null"], "description": "One preset; null for every preset."},
        "from_on": {"type": ["string", "null"], "format": "date", "description": "Today or later; today where absent."},
    },
    "required": ["changes"],
    "additionalProperties": False,
}
_SAVE = {
    **_DRAFT,
    "properties": {
        **_DRAFT["properties"],
        "reason": {"type": "string", "minLength": 1, "maxLength": 500, "description": "Why; everybody reads it."},
        "after": {
            "type": ["integer", "null"],
            "description": "The latest version that is known; 412 where there is a newer.",
        },
    },
    "required": ["changes", "reason"],
}
PREVIEW = {
    **_EFFECT,
    "live": True,
    "moves": _MOVES,
    "effects": [
        {
            "account": "17",
            "key": "okada-brandt-mobility",
            "name": "Okada Brandt Mobility",
            "tier": 1,
            "preset": "",
            "record": None,
            "says": None,
            "delta": 3.5,
            "before": {"value": 73.5, "band": "amber"},
            "after": {"value": 77, "band": "green"},
        }
    ],
    "tiers": [],
}


def previewed(example: dict[str, Any]) -> Any:
    """Describe the answer of a preview."""
    listed = {"type": "array", "items": {"type": "object"}}
    properties = {
        **_SUMMARY["properties"],
        "live": {"type": "boolean", "description": "Whether the rule runs on accounts."},
        "moves": listed,
        "effects": listed,
        "tiers": listed,
    }
    schema = {
        "type": "object",
        "properties": {name: kind for name, kind in properties.items() if name != "moves" or "moves" in example},
        "required": list(example),
    }
    return returns("The effect; at most 200 accounts one by one, those that change colour first.", schema, example)


def in_force(versions: list[Version]) -> list[dict[str, Any]]:
    """Return the versions that count today."""
    return [version.to_json() for version in versions if version.state == IN_FORCE]


@router.get(
    "/rules/{id}/overrides",
    **operation(
        "list_rule_overrides",
        "List the versions of a rule's figures",
        tag=TAG,
        permission=READ,
        description="Every version that administrators saved, newest first, on one page; those for accounts out of the caller's "
        f"scope are left out. `{TAKEN_BACK}` holds what the rule itself says.",
        answers={
            200: returns(
                "The versions.",
                {
                    "type": "object",
                    "properties": {
                        "items": {"type": "array", "items": _VERSION_SCHEMA},
                        "next": {"type": "null", "description": "There is one page."},
                    },
                    "required": ["items", "next"],
                },
                {"items": [_VERSION], "next": None},
            )
        },
        problems=(404,),
    ),
)
def override_list(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the versions of a rule."""
    ctx = context_of(request)
    ctx.require(READ)
    rule = rule_named(id)
    return answer({"items": [version.to_json() for version in versions_of(ctx, rule.id)], "next": None})


@router.post(
    "/rules/{id}/overrides",
    **operation(
        "save_rule_override",
        "Adjust a rule",
        tag=TAG,
        permission=ADMIN,
        description="Saves a new dated version of what is laid over a rule for all accounts, a tier or an account; it replaces the "
        "one before for the same scope and preset. Weights off 100 and bands out of order are refused. Scores are computed anew: of the "
        "first accounts at once, of the others (`pending`) with `trackline refresh`, on the rule's page, or when one is written.",
        parameters=[IDEMPOTENCY_KEY],
        body=_SAVE,
        example={"changes": _CHANGES, "reason": _VERSION["reason"]},
        answers={201: returns("The version.", _VERSION_SCHEMA, _VERSION)},
        problems=(404, 409, 412),
    ),
)
def override_save(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Save a version and answer it."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    rule, body = rule_named(id), body_of(request)
    asked = adjustment(ctx, body, "reason", "after")

    def work() -> HttpResponse:
        row = save(
            ctx,
            rule,
            asked.target,
            asked.changes,
            reason=asked.reason,
            from_on=asked.from_on,
            after=asked.after,
        )
        saved = next(version for version in versions_of(ctx, rule.id) if version.row.pk == row.pk)
        return answer(saved.to_json(), 201)

    return once(request, ctx, body, work)


@router.post(
    "/rules/{id}/preview",
    **operation(
        "preview_rule_override",
        "Preview an adjustment",
        tag=TAG,
        permission=ADMIN,
        description="What an adjustment would do to the whole book: who changes colour, by how much, who moves tier. Stores nothing; "
        "saving brings just this. Where records carry the rule's result, goals their status, each effect names its `record`.",
        body=_DRAFT,
        example={"changes": _CHANGES},
        answers={200: previewed(PREVIEW)},
        problems=(404,),
    ),
)
def override_preview(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what an adjustment would do."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    rule = rule_named(id)
    asked = adjustment(ctx, body_of(request))
    found = draft(rule, asked.target, asked.changes, from_on=asked.from_on or ctx.today, today=ctx.today)
    return answer({**effect_of(found, ctx).to_json(), "moves": found.moves})


_PAST = {
    "since": "2026-01-02",
    "until": "2026-07-02",
    "accounts": 36,
    "now": 2,
    "then": 1,
    "firings": [
        {
            "account": "17",
            "key": "okada-brandt-mobility",
            "name": "Okada Brandt Mobility",
            "says": "NPS 42 → 31",
            "now": "2026-05-12",
            "then": None,
        }
    ],
}
_DAY = {"type": ["string", "null"], "format": "date"}


@router.post(
    "/rules/{id}/past",
    **operation(
        "look_back_at_signal",
        "Look back at a signal",
        tag=TAG,
        permission=ADMIN,
        description="When a signal would have fired over the last months: under the figures in force (`now`) and with `changes` laid "
        "over them (`then`). The book is looked at week by week as it stood, out of dated records, readings and scores; roles, "
        "influence and agreed limits are taken as they are now. Stores nothing.",
        body={
            "type": "object",
            "properties": {
                **{name: kind for name, kind in _DRAFT["properties"].items() if name != "from_on"},
                "months": {"type": "integer", "minimum": 1, "maximum": 24, "default": 6},
            },
            "additionalProperties": False,
        },
        example={"months": 6, "changes": {"drop_from": 15}},
        answers={
            200: returns(
                "The look back; at most 500 firings, the newest first.",
                {
                    "type": "object",
                    "properties": {
                        "since": {"type": "string", "format": "date"},
                        "until": {"type": "string", "format": "date"},
                        "accounts": {"type": "integer", "description": "Accounts that were looked at."},
                        "now": {"type": "integer", "description": "Firings under the figures in force."},
                        "then": {"type": "integer", "description": "Firings with the changes."},
                        "firings": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    **dict.fromkeys(("account", "key", "name", "says"), _TEXT),
                                    "now": _DAY,
                                    "then": _DAY,
                                },
                            },
                        },
                    },
                    "required": list(_PAST),
                },
                _PAST,
            )
        },
        problems=(404,),
    ),
)
def look_back_at(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer when a signal would have fired."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    return answer(past_json(look_back(ctx, rule_named(id), body_of(request))))
