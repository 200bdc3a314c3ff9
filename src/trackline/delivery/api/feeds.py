"""Which metric feeds which input of a rule on live data: what is in force, and an administrator's change of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.rulebook.adjusting import LONGEST_REASON
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.rewiring import change_feeds, effect_of_feeds, fed_rule, feeds_json
from trackline.core.playbook.fields import read_day
from trackline.delivery.api.overrides import PREVIEW, previewed
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import body_of, context_of, only
from trackline.kit.policy import ADMIN, READ
from trackline.kit.problems import Invalid

router = Router()

_AGE = {
    "value": 30,
    "origin": "ours",
    "source": "account:HLT-04",
    "why": "a weekly feed that missed a month is silent",
}
_FEEDS = {
    "inputs": [
        {
            "name": "active_seat_pct",
            "label": "Active seats",
            "adjusted": False,
            "fixed": False,
            "sources": [
                {"kind": "metric", "metrics": ["active_seat_pct"], "max_age_days": None, "records": None},
                {
                    "kind": "share",
                    "metrics": ["seats_active_weekly", "seats_licensed"],
                    "max_age_days": None,
                    "records": None,
                },
            ],
        }
    ],
    "max_age_days": {"weekly": _AGE},
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "inputs": {"type": "array", "items": {"type": "object"}},
        "max_age_days": {"type": "object", "description": "By the rhythm in which a metric is read."},
    },
    "required": ["inputs", "max_age_days"],
}


_BODY = {
    "type": "object",
    "properties": {
        "inputs": {"type": "object", "additionalProperties": {"type": "object"}},
        "max_age_days": {"type": "object", "additionalProperties": {"type": "integer"}},
        "from_on": {"type": ["string", "null"], "format": "date"},
        "reason": {"type": "string", "maxLength": 500, "description": "Why; it stands in the history of settings."},
    },
    "additionalProperties": False,
}
_EXAMPLE = {
    "inputs": {"active_seat_pct": {"metrics": ["seats_active_weekly", "seats_licensed"], "max_age_days": 21}},
    "max_age_days": {"weekly": 21},
}


@router.get(
    "/rules/{id}/feeds",
    **operation(
        "get_rule_feeds",
        "What feeds a rule",
        tag="Rules",
        permission=READ,
        description="Each input with the metrics or records that fill it, tried in order, and how old a reading may be, "
        "with who says so. An age of null follows the rhythm of the metric; `records` says in words which records fill it, and "
        "of an input that is `fixed` nothing can be chosen. Rules that keep scores, raise alerts, or that goals carry.",
        answers={200: returns("The feeds in force today.", _SCHEMA, _FEEDS)},
        problems=(404,),
    ),
)
def rule_feeds(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer what feeds a rule today."""
    ctx = context_of(request)
    return answer(feeds_json(FeedChanges.load().of(id, fed_rule(id), ctx.today)))


@router.put(
    "/rules/{id}/feeds",
    **operation(
        "change_rule_feeds",
        "Change what feeds a rule",
        tag="Rules",
        permission=ADMIN,
        description="Replaces what was changed before, from a day on; an empty object goes back to the default. "
        "One metric is read as it is, two are part and whole; of a signal the first metric with readings enough counts. "
        "Scores and alerts of the whole book follow.",
        body=_BODY,
        example=_EXAMPLE,
        answers={200: returns("The feeds in force from that day on.", _SCHEMA, _FEEDS)},
        problems=(404,),
    ),
)
def put_rule_feeds(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Change what feeds a rule."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    changes, from_on, reason = _asked(request, id)
    return answer(feeds_json(change_feeds(ctx, id, changes, from_on=from_on, reason=reason)))


@router.post(
    "/rules/{id}/feeds/preview",
    **operation(
        "preview_rule_feeds",
        "Preview other feeds of a rule",
        tag="Rules",
        permission=ADMIN,
        description="What other feeds would do to the whole book: whose score changes and by how much, or where a signal would "
        "fire or fall silent. Stores nothing; saving brings just this.",
        body=_BODY,
        example=_EXAMPLE,
        answers={200: previewed({name: value for name, value in PREVIEW.items() if name != "moves"})},
        problems=(404,),
    ),
)
def preview_rule_feeds(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what other feeds would do."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    changes, from_on, _reason = _asked(request, id)
    return answer(effect_of_feeds(ctx, id, changes, from_on=from_on).to_json())


def _asked(request: HttpRequest, rule_id: str) -> tuple[dict[str, Any], date | None, str]:
    """Return what a request asks to change, from when, and why."""
    fed_rule(rule_id)
    body = body_of(request)
    only(body, "inputs", "max_age_days", "from_on", "reason")
    reason = body.get("reason") or ""
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
        raise Invalid.fields({"reason": f"Text of at most {LONGEST_REASON} characters is expected."})
    changes = {name: body[name] for name in ("inputs", "max_age_days") if body.get(name)}
    return changes, _day(body.get("from_on")), reason


def _day(value: Any) -> date | None:
    if value is None:
        return None
    try:
        return read_day(value)
    except ValueError:
        raise Invalid.fields({"from_on": "A date as YYYY-MM-DD is expected."}) from None
