"""Endpoints of K beyond its records: meetings of a rhythm, preparation of a meeting, lines written down in it."""

from __future__ import annotations

from typing import Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.kickoff import services
from trackline.kickoff.sitting import Sitting, sitting
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import READ, WRITE
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import resolve, stored_json
from trackline.kit.records.types import registry

router = Router()


@router.post(
    "/cadences/{id}/schedule",
    **operation(
        "schedule_cadence",
        "Set the meetings of a cadence",
        tag="Cadences",
        permission=WRITE,
        description="Sets the meetings of the next twelve months where none is set yet. With `follow` the coming meetings "
        "that nobody has worked on move to the rhythm as it is now.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {"follow": {"type": "boolean"}},
            "additionalProperties": False,
        },
        example={"follow": False},
        answers={
            200: returns(
                "What was set.",
                {
                    "type": "object",
                    "properties": {
                        "set": {"type": "integer", "description": "How many meetings were set."},
                        "removed": {"type": "integer", "description": "How many off the rhythm went."},
                    },
                    "required": ["set", "removed"],
                },
                {"set": 12, "removed": 0},
            )
        },
        problems=(404, 409),
    ),
)
def cadence_schedule(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Set the coming meetings of a cadence."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    errors = {str(name)[:80]: "There is no such field." for name in body if name != "follow"}
    follow = body.get("follow", False)
    if not isinstance(follow, bool):
        errors["follow"] = "true or false is expected."
    if errors:
        raise Invalid.fields(errors)
    pk = resolve(ctx, registry.get("cadence"), id)

    def act() -> HttpResponse:
        gone, made = services.follow_rhythm(ctx, pk) if follow else (0, len(services.schedule_meetings(ctx, pk)))
        return answer({"set": made, "removed": gone})

    return once(request, ctx, body, act)


@router.post(
    "/meetings/{id}/capture",
    **operation(
        "capture_in_meeting",
        "Write down an action or a decision",
        tag="Meetings",
        permission=WRITE,
        description="One line as one types it during the meeting: `@name` gives it to somebody of us or of the customer, "
        "`by fri`, `by 12 Dec` or `by +2w` at its end gives it a day. A name that could be several is refused.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "kind": {"type": "string", "enum": ["action", "decision"]},
                "line": {"type": "string", "maxLength": 300},
            },
            "required": ["kind", "line"],
            "additionalProperties": False,
        },
        example={"kind": "action", "line": "Send the value summary @mei by fri"},
        answers={201: returns("What was written down.", {"anyOf": [ref("Action"), ref("Decision")]})},
        problems=(404,),
    ),
)
def meeting_capture(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Write down what was agreed."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    errors = {str(name)[:80]: "There is no such field." for name in body if name not in ("kind", "line")}
    kind, line = body.get("kind"), body.get("line")
    if kind not in ("action", "decision"):
        errors["kind"] = "One of action, decision is expected."
    if not isinstance(line, str) or "\x00" in line or len(line) > 300:
        errors["line"] = "Text of at most 300 characters is expected."
    if errors:
        raise Invalid.fields(errors)
    pk = resolve(ctx, registry.get("meeting"), id)

    def act() -> HttpResponse:
        made = services.capture(ctx, pk, cast(Literal["action", "decision"], kind), str(line))
        return answer(stored_json(ctx, registry.get(str(kind)), made.pk), status=201)

    return once(request, ctx, body, act)


_PREPARED = {
    "kind": "review",
    "readiness_pct": 46.2,
    "should_move": False,
    "holding_back": [],
    "items": [
        {"key": "agenda", "says": "Agenda written and sent", "due_at": "2026-11-30T22:59:00Z", "gate": True, "done": False,
         "late": False, "finds": "no agenda yet", "source": "portfolio:QBR-03"}
    ],
    "warnings": ["The agenda takes 75 minutes, the meeting has 60."],
    "summary_due_at": "2026-12-07T22:59:00Z",
    "effectiveness": None,
    "qualified": None,
}  # fmt: skip


@router.get(
    "/meetings/{id}/preparation",
    **operation(
        "get_meeting_preparation",
        "How a meeting is prepared",
        tag="Meetings",
        permission=READ,
        description="What has to stand before the meeting and by when, what is wrong with its agenda, and for a review that "
        "was held its effectiveness and whether it counts as one. `should_move`: sponsors or buyer have not confirmed; "
        "`holding_back`: what is open that no executive review goes without, by its key.",
        answers={200: returns("The preparation.", {"type": "object", "required": list(_PREPARED)}, _PREPARED)},
        problems=(404,),
    ),
)
def meeting_preparation(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer how a meeting is prepared."""
    ctx = context_of(request)
    return answer(prepared_json(sitting(ctx, resolve(ctx, registry.get("meeting"), id))))


def prepared_json(found: Sitting) -> dict[str, Any]:
    """Return a meeting's preparation as JSON values."""
    effect = found.effectiveness
    return {
        "kind": found.kind,
        "readiness_pct": found.readiness,
        "should_move": found.should_move,
        "holding_back": [one.item.key for one in found.holding_back],
        "items": [
            {
                "key": one.item.key, "says": one.item.says, "due_at": one.due, "gate": one.item.gate, "done": one.done,
                "late": one.late, "finds": one.finds, "source": one.item.source,
            }
            for one in found.prepared
        ],
        "warnings": list(found.warnings),
        "summary_due_at": found.summary_due,
        "effectiveness": effect.value if effect else None,
        "qualified": found.qualified,
    }  # fmt: skip
