"""Endpoints of C beyond its records: the plan of a playbook, what checks say, moving an anchor date."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from ninja import Router

from trackline.choose import checking, moving, starting
from trackline.choose.models import Step
from trackline.choose.rules.checks import Answer
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, query_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid
from trackline.kit.records.queries import get, resolve, stored_json
from trackline.kit.records.types import registry

router = Router()
DAY = {"type": "string", "format": "date"}
_STEP = {
    "key": "T-75",
    "title": "Sponsor bilateral, one hour",
    "owner_role": "sponsor",
    "owner": "7",
    "offset_days": 75,
    "due_on": "2027-01-15",
    "conflicts": [],
    "check": {"met": False, "found": 0, "wanted": 1, "says": "1 conversation with their sponsor missing; has none."},
}
_PLAN = {"playbook": "3", "account": "42", "anchor_on": "2027-03-31", "due_on": "2027-04-14", "steps": [_STEP]}


@router.get(
    "/playbooks/{id}/plan",
    **operation(
        "plan_playbook", "Plan a playbook", tag="Playbooks", permission=READ,
        description="What starting a playbook on an account would make: each step with its day, its owner, what speaks "
        "against the day (`past`, `weekend`, `holiday`) and what the records say about its check. Writes nothing; to start "
        "it, create a play with `playbook`, `anchor_on`, and `owners` by role or `left_out` keys where they differ.",
        parameters=[
            parameter("account", {"type": "string"}, "Id or key of the account.", required=True),
            parameter("anchor_on", DAY, "Anchor date; else the likeliest of the account."),
        ],
        answers={200: returns("The plan.", {"type": "object", "required": list(_PLAN)}, _PLAN)},
        problems=(404,),
    ),
)  # fmt: skip
def playbook_plan(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what a start would make."""
    ctx = context_of(request)
    ctx.require(READ)
    params = query_of(request)
    _only(params, "account", "anchor_on")
    if not params.get("account"):
        raise BadRequest(
            "account: Needed, but missing.", [{"loc": ["query", "account"], "msg": "Needed, but missing."}]
        )
    book = get(ctx, registry.get("playbook"), resolve(ctx, registry.get("playbook"), id))
    account = get(ctx, registry.get("account"), resolve(ctx, registry.get("account"), params["account"]))
    anchor = _day(params, "anchor_on") or starting.anchors(book, account, ctx.today)[:1]
    on = anchor if isinstance(anchor, date) else anchor[0].on if anchor else ctx.today
    plan = starting.plan(book, account, ctx.today, anchor_on=on, owner=account.owner_id or ctx.actor.user_id)
    steps = [
        {
            "key": one.key,
            "title": one.title,
            "owner_role": one.role,
            "owner": str(one.owner) if one.owner else None,
            "offset_days": one.offset_days,
            "due_on": one.due_on,
            "conflicts": list(one.conflicts),
            "check": _told(one.answer),
        }
        for one in plan.steps
    ]
    head = {"playbook": str(book.pk), "account": str(account.pk), "anchor_on": on, "due_on": plan.due_on}
    return answer(head | {"steps": steps})


_CHECKS = {
    "items": [{"step": "91", "met": False, "found": 1, "wanted": 2, "says": "1 new contact missing; has Mei Tanaka."}]
}


@router.get(
    "/plays/{id}/checks",
    **operation(
        "get_play_checks", "What checks of steps say", tag="Plays", permission=READ,
        description="For each step of a play that has a computed check: whether the records meet it, and what is missing.",
        answers={200: returns("The answers.", {"type": "object", "required": ["items"]}, _CHECKS)},
        problems=(404,),
    ),
)  # fmt: skip
def play_checks(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what the records say about the steps of a play."""
    ctx = context_of(request)
    ctx.require(READ)
    play = get(ctx, registry.get("play"), resolve(ctx, registry.get("play"), id))
    steps = list(
        Step.objects.filter(play=play, deleted_at__isnull=True).select_related("play").order_by("position", "pk")
    )
    found = checking.answers(steps, ctx.today)
    return answer({"items": [{"step": str(pk), **(_told(one) or {})} for pk, one in found.items()]})


_MOVE = {
    "from": "2027-03-31", "to": "2027-04-14", "days": 14, "stay": 2,
    "steps": [{"step": "91", "from": "2027-03-24", "to": "2027-04-07", "conflicts": []}],
}  # fmt: skip


@router.get(
    "/plays/{id}/move",
    **operation(
        "preview_play_move", "What moving an anchor date does", tag="Plays", permission=READ,
        description="The open steps of a play with their days now and after a move; done and skipped ones stay.",
        parameters=[parameter("to", DAY, "The new anchor date.", required=True)],
        answers={200: returns("The move.", {"type": "object", "required": list(_MOVE)}, _MOVE)},
        problems=(404, 409),
    ),
)  # fmt: skip
def play_move_preview(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what a move would do."""
    ctx = context_of(request)
    ctx.require(READ)
    params = query_of(request)
    _only(params, "to")
    to = _day(params, "to")
    if to is None:
        raise BadRequest("to: Needed, but missing.", [{"loc": ["query", "to"], "msg": "Needed, but missing."}])
    found = moving.preview(ctx, resolve(ctx, registry.get("play"), id), to)
    steps = [
        {"step": str(one.step.pk), "from": one.before, "to": one.after, "conflicts": list(one.conflicts)}
        for one in found.steps
    ]
    return answer({"from": found.before, "to": found.after, "days": found.days, "stay": found.stay, "steps": steps})


@router.post(
    "/plays/{id}/move",
    **operation(
        "move_play", "Move an anchor date", tag="Plays", permission=WRITE,
        description="Moves the anchor date of a play and its open steps by as many days, in one batch of the history.",
        parameters=[IDEMPOTENCY_KEY],
        body={"type": "object", "properties": {"to": DAY}, "required": ["to"], "additionalProperties": False},
        example={"to": "2027-04-14"},
        answers={200: returns("The play.", ref("Play"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)  # fmt: skip
def play_move(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Move a play."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    pk = resolve(ctx, registry.get("play"), id)
    return once(request, ctx, body, lambda: _moved(ctx, pk, body))


def _moved(ctx: Context, pk: int, body: dict[str, Any]) -> HttpResponse:
    errors = {str(name)[:80]: "There is no such field." for name in body if name != "to"}
    to = _parsed(body["to"]) if isinstance(body.get("to"), str) else None
    if to is None:
        errors["to"] = "A date like 2027-03-31 is expected."
    if errors or to is None:
        raise Invalid.fields(errors)
    moving.move(ctx, pk, to)
    found = stored_json(ctx, registry.get("play"), pk)
    return answer(found, headers={"ETag": etag(found["version"], encode(found))})


def _told(found: Answer | None) -> dict[str, Any] | None:
    return (
        None if found is None else {"met": found.met, "found": found.found, "wanted": found.wanted, "says": found.says}
    )


def _only(params: Any, *names: str) -> None:
    for name in params:
        if name not in names:
            message = f"There is no parameter {str(name)[:80]}."
            raise BadRequest(message, [{"loc": ["query", str(name)[:80]], "msg": "unknown"}])


def _day(params: Any, name: str) -> date | None:
    if not params.get(name):
        return None
    found = _parsed(params[name])
    if found is None:
        raise BadRequest(
            f"{name}: A date like 2027-03-31 is expected.",
            [{"loc": ["query", name], "msg": "A date like 2027-03-31 is expected."}],
        )
    return found


def _parsed(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
