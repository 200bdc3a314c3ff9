"""Endpoints of T beyond its records: the plan of a survey round, sending it, what it brought, and who was heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.core.decimals import plain
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only, query_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid
from trackline.kit.records.bulk import BulkResult
from trackline.kit.records.queries import get, resolve
from trackline.kit.records.types import registry
from trackline.track.models import SurveyRound
from trackline.track.rules.checklists import Run
from trackline.track.surveys import quarter as quarters
from trackline.track.surveys import rounds
from trackline.track.surveys.results import results_of
from trackline.track.surveys.round_results import round_result, to_json
from trackline.track.voices import conflicts_of, discovery_of

router = Router()
TAG = "Survey rounds"
ROWS = {"type": "array", "items": {"type": "object"}}
DAY = {"type": "string", "format": "date"}

_PERSON = {"contact": "17", "name": "Mariko Okada", "level": "executive", "why": "", "next_on": None}
_PLAN = {
    "as_of": "2026-11-23",
    "ready": {"readiness_pct": 83.3, "passed": False, "items": [{"item": "piloted", "text": "A pilot was run", "answer": None, "says": ""}]},
    "accounts": [
        {
            "account": "okada-brandt-mobility", "account_name": "Okada Brandt Mobility", "wave": None, "asked": [_PERSON],
            "resting": [_PERSON | {"name": "Ines Alba", "why": "was asked too lately", "next_on": "2027-02-01"}],
            "lacking": ["End user"],
        }
    ],
}  # fmt: skip


@router.get(
    "/survey-rounds/{id}/plan",
    **operation(
        "plan_survey_round",
        "Plan a survey round",
        tag=TAG,
        permission=READ,
        description="Who would be asked on each account today, and who would not with the reason: asked too lately by the "
        "months of their level, without an address, left out, or after others of the level. `lacking` are levels nobody is "
        "asked on. `ready` is the checklist before sending. Writes nothing.",
        answers={
            200: returns(
                "The plan, accounts by name.",
                {
                    "type": "object",
                    "properties": {"as_of": DAY, "ready": {"type": "object"}, "accounts": ROWS},
                    "required": list(_PLAN),
                },
                _PLAN,
            )
        },
        problems=(404,),
    ),
)
def round_plan(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer who would be asked."""
    ctx = context_of(request)
    found = _round(ctx, id)
    plans = rounds.plan_of(ctx, found)
    return answer(
        {
            "as_of": ctx.today,
            "ready": _ready(rounds.launch(found, plans)),
            "accounts": [
                {
                    "account": plan.account.key,
                    "account_name": plan.account.name,
                    "wave": str(plan.wave.pk) if plan.wave else None,
                    "asked": [_person(one) for one in plan.asked],
                    "resting": [_person(one) for one in plan.resting],
                    "lacking": plan.lacking,
                }
                for plan in plans
            ],
        }
    )


def _person(one: rounds.Person) -> dict[str, Any]:
    return {
        "contact": str(one.contact.pk), "name": one.contact.name, "level": one.level or None, "why": one.why,
        "next_on": one.next_on,
    }  # fmt: skip


def _ready(found: Run) -> dict[str, Any]:
    return {
        "readiness_pct": plain(found.readiness),
        "passed": found.passed,
        "items": [
            {"item": row.item.key, "text": row.item.text, "answer": row.answer or None, "says": row.says}
            for row in found.rows
        ],
    }


_DONE = {"changed": 12, "batch": "0b0c8a52-3b1f-4a2e-9c61-6f1f4f5f2a11"}
_DONE_SHAPE = {
    "type": "object",
    "properties": {
        "changed": {"type": "integer", "description": "Waves made or changed."},
        "batch": {"type": "string", "description": "The batch of the history; it is taken back as one."},
    },
    "required": list(_DONE),
}


def _writing(operation_id: str, summary: str, description: str, **more: Any) -> dict[str, Any]:
    return operation(
        operation_id,
        summary,
        tag=TAG,
        permission=WRITE,
        description=description,
        parameters=[IDEMPOTENCY_KEY],
        answers={200: returns("What was done.", _DONE_SHAPE, _DONE)},
        problems=(404, 409),
        **more,
    )


@router.post(
    "/survey-rounds/{id}/send",
    **_writing(
        "send_survey_round",
        "Send a survey round",
        "Opens a wave with personal links in each account that is due and was not asked in this round. Refused while the "
        "checklist is open; with `track:admin`, `reason` sends it all the same and is kept in the history.",
        body={
            "type": "object",
            "properties": {"reason": {"type": "string", "description": "Why it goes out before everything is ready."}},
            "additionalProperties": False,
        },
        example={"reason": "The pilot ran in another tool."},
        optional_body=True,
    ),
)
def round_send(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Send a round."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request) if request.body else {}
    only(body, "reason")
    reason = body.get("reason") or ""
    if not isinstance(reason, str):
        raise Invalid.fields({"reason": "A text is expected."})
    found = _round(ctx, id)
    return once(request, ctx, body, lambda: _done(rounds.send(ctx, found, reason)))


@router.post(
    "/survey-rounds/{id}/remind",
    **_writing(
        "remind_survey_round",
        "Note that the silent were reminded",
        "Sets the day of the reminder on all open waves of a round. The message itself is sent by the mail program that has "
        "the links.",
    ),
)
def round_remind(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Note a reminder."""
    return _deed(request, id, rounds.remind)


@router.post(
    "/survey-rounds/{id}/close",
    **_writing(
        "close_survey_round", "Close a survey round", "Closes all open waves of a round; links take no more answers."
    ),
)
def round_close(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Close a round."""
    return _deed(request, id, rounds.close)


def _deed(request: HttpRequest, pk: str, deed: Callable[[Context, SurveyRound], BulkResult]) -> HttpResponse:
    ctx = context_of(request)
    ctx.require(WRITE)
    found = _round(ctx, pk)
    return once(request, ctx, {}, lambda: _done(deed(ctx, found)))


def _done(result: BulkResult) -> HttpResponse:
    return answer({"changed": len(result.changed), "batch": str(result.batch)})


def _round(ctx: Context, pk: str) -> SurveyRound:
    rtype = registry.get("survey_round")
    found: SurveyRound = get(ctx, rtype, str(resolve(ctx, rtype, pk)))
    return found


_SCORE = {"value": 35, "band": "amber", "missing": [], "notes": []}
_PART: Mapping[str, Any] = {
    "asked": 60, "answered": 27, "rate_pct": 45, "few": False, "levels": 3,
    "nps": _SCORE, "csat": _SCORE | {"value": 4.2}, "ces": _SCORE | {"value": 5}, "rhi": _SCORE | {"value": 72.6},
}  # fmt: skip
_RESULT = {
    "as_of": "2026-11-23",
    "state": "open",
    "sent_on": "2026-11-02",
    "closes_on": "2026-11-23",
    "remind_on": "2026-11-07",
    "total": _PART,
    "accounts": [{"account": "okada-brandt-mobility", "account_name": "Okada Brandt Mobility", "wave": "8", **_PART}],
    "recommend": [0, 0, 0, 1, 0, 1, 2, 4, 8, 7, 4],
}


@router.get(
    "/survey-rounds/{id}/result",
    **operation(
        "get_survey_round_result",
        "What a survey round brought",
        tag=TAG,
        permission=READ,
        description="Response rate and scores of each account in scope and of all together; `few` where less answered than "
        "the setting asks for. `remind_on` is when the silent are to be reminded. `recommend` counts the answers by mark.",
        answers={
            200: returns(
                "The result.",
                {
                    "type": "object",
                    "properties": {
                        "as_of": DAY,
                        "state": {"type": "string", "enum": ["planned", "open", "closed"]},
                        "sent_on": {"type": ["string", "null"], "format": "date"},
                        "closes_on": {"type": ["string", "null"], "format": "date"},
                        "remind_on": {"type": ["string", "null"], "format": "date"},
                        "total": {"type": "object"},
                        "accounts": ROWS,
                        "recommend": {"type": "array", "items": {"type": "integer"}},
                    },
                    "required": list(_RESULT),
                },
                _RESULT,
            )
        },
        problems=(404,),
    ),
)
def round_outcome(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what a round brought."""
    ctx = context_of(request)
    return answer(to_json(round_result(ctx, _round(ctx, id)), ctx.today))


_HEARD = {
    "as_of": "2026-11-23",
    "coverage_pct": 66.7,
    "layers": [{"layer": "executive", "last_on": "2026-09-14"}, {"layer": "end_user", "last_on": None}],
    "conflicts": [
        {"contact": "17", "name": "Mariko Okada", "kind": "talk_better", "talked_on": "2026-10-02",
         "answered_on": "2026-10-09", "rating": 4}
    ],
}  # fmt: skip


@router.get(
    "/accounts/{id}/discovery",
    **operation(
        "get_discovery",
        "Who was heard on an account",
        tag="Accounts",
        permission=READ,
        description="Layers of the customer that were interviewed of late, in percent of three, by the rule "
        "`track.needs.discovery`; and people whose last talk and last answer contradict each other, by `track.needs.conflict`.",
        answers={
            200: returns(
                "Coverage and contradictions.",
                {
                    "type": "object",
                    "properties": {
                        "as_of": DAY, "coverage_pct": {"type": "number"}, "layers": ROWS, "conflicts": ROWS,
                    },
                    "required": list(_HEARD),
                },
                _HEARD,
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def account_discovery(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer who was heard, and who contradicts themselves."""
    ctx = context_of(request)
    account = get(ctx, registry.get("account"), str(resolve(ctx, registry.get("account"), id)))
    heard = discovery_of(account, ctx.today)
    return answer(
        {
            "as_of": ctx.today,
            "coverage_pct": plain(heard.value),
            "layers": [{"layer": part.key, "last_on": part.input} for part in heard.parts],
            "conflicts": [
                {
                    "contact": str(one.contact.pk), "name": one.contact.name, "kind": one.kind, "talked_on": one.talk.on,
                    "answered_on": one.response.on, "rating": one.response.recommend,
                }
                for one in conflicts_of(account, ctx.today)
            ],
        }
    )  # fmt: skip


_QUARTER = {
    "quarter": "2026-Q4", "from": "2026-10-01", "to": "2026-12-31", "wave": "8", "asked": 11, "answered": 8,
    "scores": {"nps": {"value": 25, "band": "amber"}}, "nps_change": -25,
    "cases": {"opened": 2, "mended": 1, "late": 0, "in_time_pct": 91.7},
    "learned": [{"case": "4", "root_cause": "Nobody owned the topic.", "preventive": "Each question has an owner."}],
    "themes": ["savings", "speed"], "wishes": 2,
}  # fmt: skip


@router.get(
    "/accounts/{id}/survey-summary",
    **operation(
        "get_survey_summary",
        "Surveys of a quarter for executives",
        tag="Accounts",
        permission=READ,
        description="The newest survey of a fiscal quarter with its scores and the change of NPS on the quarter before, how its "
        "low answers were followed up, what was learned, the themes named most, and how many wishes there are.",
        parameters=[parameter("on", DAY, "A day of the quarter; today without it.")],
        answers={200: returns("The quarter.", {"type": "object", "required": list(_QUARTER)}, _QUARTER)},
        problems=(404,),
    ),
)
def survey_summary(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what the surveys of a quarter say."""
    ctx = context_of(request)
    params = query_of(request)
    for name in params:
        if name != "on":
            raise BadRequest(f"{name[:80]}: there is no such parameter.", [{"loc": ["query", name], "msg": "unknown"}])
    account = get(ctx, registry.get("account"), str(resolve(ctx, registry.get("account"), id)))
    found = results_of(account, ctx.today)
    told = quarters.quarter_told(account, found, quarters.day_in(params.get("on", ""), ctx.today), ctx.now)
    return answer(quarters.to_json(told))
