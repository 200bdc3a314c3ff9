"""Endpoints of plans beyond their records: what a move needs, the move, what a version kept, what changed since."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api import Query
from trackline.documents.models import AccountPlan
from trackline.documents.plans import services
from trackline.documents.plans.live import EDITIONS, plan_of, plan_of_version
from trackline.documents.plans.states import ALLOWED
from trackline.documents.plans.versions import difference_of
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import get, resolve, stored_json
from trackline.kit.records.types import registry

router = Router()
TAG = "Account plans"
STATES = tuple(AccountPlan.State.values)
TO = {"type": "string", "enum": list(STATES)}

_GATE = {
    "to": "internal_review",
    "allowed": True,
    "passed": False,
    "checks": [{"key": "market", "needs": "Competitive and market watch: No text is written.", "passed": False}],
}


@router.get(
    "/account-plans/{id}/gate",
    **operation(
        "get_account_plan_gate",
        "What a move of a plan needs",
        tag=TAG,
        permission=READ,
        description="The checks of a move to a state, with what is there now. Nothing is written.",
        parameters=[parameter("to", TO, "The state.", required=True)],
        answers={
            200: returns(
                "The checks.",
                {
                    "type": "object",
                    "properties": {
                        "to": TO,
                        "allowed": {
                            "type": "boolean",
                            "description": "Whether the plan may go there from where it is.",
                        },
                        "passed": {"type": "boolean"},
                        "checks": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": ["to", "allowed", "passed", "checks"],
                },
                _GATE,
            )
        },
        problems=(404,),
    ),
)
def plan_gate(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer what a move needs."""
    ctx = context_of(request)
    query = Query(request, ctx)
    to = query.one_of("to", STATES, "")
    query.done()
    plan = get(ctx, registry.get("account_plan"), id)
    allowed = to in ALLOWED[plan.state]
    checks = services.gate_of(ctx, plan, to) if allowed else []
    return answer(
        {
            "to": to,
            "allowed": allowed,
            "passed": allowed and all(one.passed for one in checks),
            "checks": [one.to_json() for one in checks],
        }
    )


@router.post(
    "/account-plans/{id}/move",
    **operation(
        "move_account_plan",
        "Move a plan",
        tag=TAG,
        permission=WRITE,
        description="Moves a plan to a state. A plan that goes to the customer's review keeps a version under the note. What the "
        "gate misses comes back with 409; an administrator may override it with a reason.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "to": TO,
                "note": {"type": "string", "maxLength": 900, "description": "Why; the change note of a version."},
                "override": {"type": "boolean", "default": False},
            },
            "required": ["to"],
            "additionalProperties": False,
        },
        example={"to": "archived", "note": "The account goes on as part of the group plan"},
        answers={200: returns("Moved.", ref("AccountPlan"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)
def move_plan(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Move a plan."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    pk = resolve(ctx, registry.get("account_plan"), id)
    return once(request, ctx, body, lambda: _moved(ctx, pk, body))


def _moved(ctx: Context, pk: int, body: dict[str, Any]) -> HttpResponse:
    known = {"to": str, "note": str, "override": bool}
    errors = {str(name)[:80]: "There is no such field." for name in body if name not in known}
    errors |= {name: "Not understood." for name, kind in known.items() if name in body and type(body[name]) is not kind}
    if "to" not in body:
        errors["to"] = f"One of {', '.join(STATES)} is expected."
    if "\x00" in str(body.get("note", "")):
        errors["note"] = "Text is expected."
    if errors:
        raise Invalid.fields(errors)
    services.move(ctx, pk, body["to"], body.get("note", ""), override=body.get("override", False))
    found = stored_json(ctx, registry.get("account_plan"), pk)
    return answer(found, headers={"ETag": etag(found["version"], encode(found))})


@router.get(
    "/plan-versions/{id}/plan",
    **operation(
        "get_plan_version_plan",
        "What a version of a plan kept",
        tag=TAG,
        permission=READ,
        description="The plan as it stood when the version was kept, in the same form as the living one.",
        parameters=[
            parameter("edition", {"type": "string", "enum": list(EDITIONS), "default": "full"}, "Which copy."),
        ],
        answers={
            200: returns(
                "The plan.",
                {"type": "object", "properties": {"as_of": {"type": "string"}}, "required": ["as_of", "parts"]},
                {"as_of": "2026-11-23", "edition": "full", "template": "kam", "parts": [], "notes": []},
            )
        },
        problems=(404, 409),
    ),
)
def version_plan(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what a version kept."""
    ctx = context_of(request)
    query = Query(request, ctx)
    edition = query.one_of("edition", tuple(EDITIONS), "full")
    query.done()
    return answer(plan_of_version(get(ctx, registry.get("plan_version"), id)).to_json(edition))


@router.get(
    "/plan-versions/{id}/difference",
    **operation(
        "get_plan_version_difference",
        "What changed in a plan since a version",
        tag=TAG,
        permission=READ,
        description="Section by section, in the words of the plan: rows added and removed, values from → to, paragraphs of texts "
        "added and removed. Without `to` the plan as it stands now is compared.",
        parameters=[parameter("to", {"type": "string"}, "A later version of a plan of the same account.")],
        answers={
            200: returns(
                "The sections that differ.",
                {
                    "type": "object",
                    "properties": {
                        "from": {"type": "string"},
                        "to": {"type": "string"},
                        "sections": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": ["from", "to", "sections"],
                },
                {
                    "from": "Version 1, 2 Nov 2026",
                    "to": "Now",
                    "sections": [
                        {
                            "key": "goals", "title": "Strategic goals", "standing": "",
                            "added": ["Paint shop 2 live"], "removed": [],
                            "changed": [{"title": "On-time delivery", "fields": [{"label": "Target", "before": "95 %", "after": "97 %"}]}],
                            "text": [],
                        }
                    ],
                },
            )
        },
        problems=(404, 409),
    ),
)  # fmt: skip
def version_difference(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what changed since a version."""
    ctx = context_of(request)
    query = Query(request, ctx)
    to = query.text("to")
    query.done()
    rtype = registry.get("plan_version")
    before = plan_of_version(get(ctx, rtype, id))
    after = plan_of_version(get(ctx, rtype, to)) if to else plan_of(ctx, before.account)
    found = difference_of(before, after)
    said = [one.version.title if one.version else "Now" for one in (before, after)]
    return answer({"from": said[0], "to": said[1], "sections": [one.to_json() for one in found]})
