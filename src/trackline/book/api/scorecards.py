"""Endpoints of scorecards: which there are, what one finds, standard ones put to use, answers to breaches."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import DAY, ROWS, Query, answered, shape
from trackline.book.cards.answering import answer as answer_breach
from trackline.book.cards.presets import add_standard
from trackline.book.queries.scorecards import Asked, clocks, judged_json, judged_of, listed, listed_json
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only
from trackline.kit.policy import READ, WRITE
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import resolve, stored_json
from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue, parse_day

router = Router()
TAG = "Scorecards"
_TEXT = {"type": "string"}
_LEVELS = ("", "account", "manager", "book")
_STATES = ("", "draft", "shadow", "live", "archived")
_LISTED: dict[str, Any] = {
    "id": "4", "name": "Account scorecard", "level": "account", "of": "Okada Brandt Mobility", "account": "okada-brandt-mobility",
    "manager": None, "state": "live", "mode": "weighted", "as_of": "2026-11-26", "value": 73.8, "band": "amber",
    "coverage_pct": 100, "provisional": False, "metrics": {"met": 4, "missed": 4, "breached": 1, "no_data": 1}, "breaches": 1,
    "late": 0,
}  # fmt: skip
_METRIC: dict[str, Any] = {
    "key": "nps", "name": "NPS", "domain": "REL", "leading": True, "unit": "score", "value": 25, "as_of": "2026-10-01",
    "detail": "Quarterly survey", "minimum": 10, "committed": 40, "stretch": 60, "weight": 10, "attainment": 70, "contribution": 7,
    "band": "amber", "state": "Missed", "chance_pct": 31, "verdict": "hard", "guardrail": None, "owner": "katrin-vogel",
    "action": "Call who answered lowest.",
}  # fmt: skip


@router.get(
    "/portfolio/scorecards",
    **operation(
        "list_portfolio_scorecards",
        "Scorecards with their newest results",
        tag=TAG,
        permission=READ,
        description="Each scorecard with what it found last: composite from 0 to 100, colour, how many metrics are met, missed, "
        "breached or without data, breaches that are not over and answers that are late. Fifty a page.",
        parameters=[
            parameter("level", {"type": "string", "enum": list(_LEVELS)}, "Only of accounts, managers or the book."),
            parameter(
                "state", {"type": "string", "enum": list(_STATES)}, "Only in this state; all but archived where absent."
            ),
            parameter("q", _TEXT, "All these words in the names of card, account or manager."),
            parameter("page", {"type": "integer", "minimum": 1}, "The page, from 1."),
        ],
        answers={
            200: returns(
                "The scorecards.", shape(count={"type": "integer"}, rows=ROWS), {"count": 1, "rows": [_LISTED]}
            )
        },
    ),
)
def portfolio_scorecards(request: HttpRequest) -> HttpResponse:
    """Answer the scorecards."""
    ctx = context_of(request)
    ctx.require(READ)
    query = Query(request, ctx)
    asked = Asked(
        query.one_of("level", _LEVELS), query.one_of("state", _STATES), query.text("q").replace("\x00", ""),
        query.whole("page", 1, 100_000) or 1,
    )  # fmt: skip
    query.done()
    rows, total = listed(ctx, asked)
    return answered({"count": total, "rows": [listed_json(row) for row in rows]})


@router.get(
    "/scorecards/{id}/result",
    **operation(
        "get_scorecard_result",
        "What a scorecard finds",
        tag=TAG,
        permission=READ,
        description="Each metric with its value and where it comes from, targets, attainment and what it adds to the composite, "
        "how likely the committed target is by what the metric did before (`chance_pct`), how far it is from its way "
        "(`drift_pct`), and whether its guardrail holds; breaches with their clocks. As of a day past, by the targets of today.",
        parameters=[parameter("as_of", DAY, "The day; today where absent.")],
        answers={
            200: returns(
                "The result.",
                shape(id=_TEXT, as_of=DAY, band=_TEXT, metrics=ROWS, breaches=ROWS),
                {
                    "id": "4",
                    "as_of": "2026-11-26",
                    "value": 73.8,
                    "band": "amber",
                    "metrics": [_METRIC],
                    "breaches": [],
                },
            )
        },
        problems=(404,),
    ),
)
def scorecard_result(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer what a scorecard finds."""
    ctx = context_of(request)
    ctx.require(READ)
    query = Query(request, ctx)
    on = query.day("as_of")
    query.done()
    pk = resolve(ctx, registry.get("scorecard"), id)
    return answered(judged_json(judged_of(ctx, pk, on), clocks(ctx, card=pk)))


@router.post(
    "/scorecards/standard",
    **operation(
        "add_standard_scorecard",
        "Add a standard scorecard",
        tag=TAG,
        permission=WRITE,
        description="Makes the standard scorecard of an account, of a manager's accounts or of the book, with owners filled in as "
        "far as the book knows them. It goes live where it is complete, else it stays a draft.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "preset": {"type": "string", "enum": ["account", "manager", "book"]},
                "account": {"type": "string", "description": "The account, for its scorecard."},
                "manager": {"type": "string", "description": "The user whose accounts are counted, for a manager's."},
            },
            "required": ["preset"],
            "additionalProperties": False,
        },
        example={"preset": "account", "account": "17"},
        answers={201: returns("The scorecard.", ref("Scorecard"), ETag="Its version.")},
        problems=(404, 409),
    ),
)
def standard(request: HttpRequest) -> HttpResponse:
    """Make a standard scorecard."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    only(body, "preset", "account", "manager")
    _texts(body)
    if not body.get("preset"):
        raise Invalid.fields({"preset": "account, manager or book is expected."})

    def made() -> HttpResponse:
        account = resolve(ctx, registry.get("account"), body["account"]) if body.get("account") else None
        manager = resolve(ctx, registry.get("user"), body["manager"]) if body.get("manager") else None
        card = add_standard(ctx, body["preset"], account=account, manager=manager)
        found = stored_json(ctx, registry.get("scorecard"), card.pk)
        return answer(found, status=201, headers={"ETag": etag(found["version"], encode(found))})

    return once(request, ctx, body, made)


@router.post(
    "/scorecard-breaches/{id}/answer",
    **operation(
        "answer_scorecard_breach",
        "Answer a breach",
        tag=TAG,
        permission=WRITE,
        description="Says why the metric turned and what is done about it; with `action` an action on the account is made and linked.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {"answer": _TEXT, "action": _TEXT, "due_on": DAY},
            "required": ["answer"],
            "additionalProperties": False,
        },
        example={"answer": "Two answered during the outage; both are called this week.", "action": "Call both", "due_on": "2026-12-02"},
        answers={200: returns("The breach.", ref("Breach"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)  # fmt: skip
def answer_(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer a breach."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    only(body, "answer", "action", "due_on")
    _texts(body)
    rtype = registry.get("scorecard_breach")
    pk = resolve(ctx, rtype, id)
    try:
        due = parse_day(body["due_on"]) if body.get("due_on") else None
    except BadValue as bad:
        raise Invalid.fields({"due_on": str(bad)}) from None

    def done() -> HttpResponse:
        answer_breach(ctx, pk, body.get("answer") or "", action=body.get("action") or "", due_on=due)
        found = stored_json(ctx, rtype, pk)
        return answer(found, headers={"ETag": etag(found["version"], encode(found))})

    return once(request, ctx, body, done)


def _texts(body: dict[str, Any]) -> None:
    wrong = {
        name: "Text is expected."
        for name, value in body.items()
        if value is not None and (not isinstance(value, str) or "\x00" in value)
    }
    if wrong:
        raise Invalid.fields(wrong)
