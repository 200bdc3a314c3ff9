"""Endpoints of plans, reviews and reports."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api import AS_OF, Query
from trackline.documents.briefs import BRIEFS, brief_json
from trackline.documents.plans.live import EDITIONS, plan_of
from trackline.documents.plans.standing import standing_of
from trackline.documents.reports import Period, report_facts
from trackline.documents.reviews import Edition, frozen_facts, review_facts
from trackline.documents.reviews.summary import AT_MOST, LONGEST, send, summary_of
from trackline.kickoff.sitting import sitting
from trackline.kit.api.answers import answer, answer_bytes, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only
from trackline.kit.policy import READ, WRITE
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import get, resolve, stored_json
from trackline.kit.records.types import registry

router = Router()
COPIES, PERIODS = ("full", "customer"), ("month", "quarter")

_PLAN: dict[str, Any] = {
    "account": {"id": "42", "key": "okada-brandt-mobility", "name": "Okada Brandt Mobility"},
    "as_of": "2026-11-23",
    "edition": "full",
    "template": "kam",
    "parts": [
        {
            "key": "priorities",
            "title": "The customer's priorities",
            "blocks": [
                {
                    "kind": "table",
                    "columns": [{"heading": "Priority", "width": 8, "right": False}],
                    "rows": [["Scrap below 2.5 % in every paint shop"]],
                    "empty": "No priority of the customer is recorded.",
                    "more": 0,
                }
            ],
        }
    ],
    "notes": ["Not recorded: our sponsor."],
    "version": None,
    "facts": {"as_of": "2026-11-23"},
    "standing": {"completeness_pct": 94.1, "missing": [], "warnings": [], "version": None, "signed": {}},
}


@router.get(
    "/accounts/{id}/plan",
    **operation(
        "get_plan_of_account",
        "Plan of an account",
        tag="Accounts",
        permission=READ,
        description="The account plan as it stands: the sections of the template that the account's tier asks for (rule "
        "`documents.plan.template`), filled from the records. `parts` is what one reads, `facts` what it is written from, "
        "`standing` what is missing, what speaks against it and who signed. The customer's edition holds only what the customer "
        "may read, and nothing beside it; a plan that is not shared has none (409).",
        parameters=[
            AS_OF,
            parameter("edition", {"type": "string", "enum": list(EDITIONS), "default": "full"}, "Which copy."),
            parameter(
                "group", {"type": "string", "enum": ["false", "true"], "default": "false"},
                "With all accounts below that the caller sees, added up in the book's currency where theirs differ.",
            ),
        ],
        answers={
            200: returns(
                "The plan.",
                {
                    "type": "object",
                    "properties": {
                        "account": {"type": "object"},
                        "as_of": {"type": "string", "format": "date"},
                        "edition": {"type": "string", "enum": list(EDITIONS)},
                        "template": {"type": "string"},
                        "parts": {"type": "array", "items": {"type": "object"}},
                        "notes": {"type": "array", "items": {"type": "string"}},
                        "version": {"type": ["object", "null"]},
                        "facts": {"type": "object"},
                        "standing": {"type": "object"},
                    },
                    "required": ["account", "as_of", "edition", "template", "parts", "notes"],
                },
                _PLAN,
            )
        },
        problems=(404, 409),
    ),
)  # fmt: skip
def account_plan(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the plan of an account."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on, edition = query.day("as_of"), query.one_of("edition", tuple(EDITIONS), "full")
    group = query.one_of("group", ("false", "true"), "false") == "true"
    query.done()
    account = get(ctx, registry.get("account"), id)
    plan = plan_of(ctx, account, on=on, group=group)
    found = plan.to_json(edition)
    return answer(found if edition == "customer" else found | {"standing": standing_of(ctx, plan).to_json()})


_OBJECT, _LIST = {"type": "object"}, {"type": "array", "items": {"type": "object"}}


def _facts(*objects: str, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {"as_of": {"type": "string", "format": "date"}} | dict.fromkeys(objects, _OBJECT)
    return {
        "type": "object", "properties": properties | dict.fromkeys(lists, _LIST),
        "required": list(properties), "additionalProperties": True,
    }  # fmt: skip


@router.get(
    "/accounts/{id}/review",
    **operation(
        "get_account_review",
        "Facts of an account's review",
        tag="Accounts",
        permission=READ,
        description="What the deck of the next review (QBR, EBR) is drawn from, as of a day: the meeting with its people, what "
        "was promised in the review before and what became of it, value, goals, metrics, risks, decisions sought, actions. The "
        "customer's edition holds only what the customer may read. Once the figures of the review are frozen (review-freezes) it "
        "is those that are told, unless `as_of` asks for a day. The deck itself: `trackline export review ACCOUNT --to "
        "FILE.pptx`, or the button on the meeting's page.",
        parameters=[
            AS_OF,
            parameter("edition", {"type": "string", "enum": list(COPIES), "default": "full"}, "Which copy."),
        ],
        answers={
            200: returns(
                "The facts.",
                _facts("account", "review", "value", "metrics", lists=("goals", "kpis", "decisions", "actions")),
                {
                    "as_of": "2026-11-23",
                    "edition": "full",
                    "account": {"id": "42", "key": "okada-brandt-mobility", "name": "Okada Brandt Mobility"},
                    "review": {"title": "Executive business review", "before_on": "2026-09-07", "promises": []},
                    "value": {"currency": "EUR", "committed": 2100000, "verified": 1310000, "realized_pct": 62.4},
                    "metrics": {"nps": {"name": "NPS", "unit": "score", "points": [["2026-11-20", 28]]}},
                    "goals": [],
                    "kpis": [],
                    "decisions": [],
                    "actions": [],
                },
            )
        },
        problems=(404,),
    ),
)
def account_review(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the facts of an account's review."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on = query.day("as_of") if "as_of" in request.GET else None
    edition = query.one_of("edition", COPIES, "full")
    query.done()
    account = get(ctx, registry.get("account"), id)
    return answer(review_facts(ctx, account, on, cast(Edition, edition)))


@router.get(
    "/review-freezes/{id}/review",
    **operation(
        "get_frozen_review",
        "Facts of a frozen review",
        tag="Review freezes",
        permission=READ,
        description="What was frozen, in the same form as the living facts, whatever changed since. `corrections` names figures "
        "of that day that the records tell otherwise today; the customer's edition has none. The newest freeze of a meeting is "
        "what its deck holds; freezing again is a further record with a reason.",
        parameters=[parameter("edition", {"type": "string", "enum": list(COPIES), "default": "full"}, "Which copy.")],
        answers={
            200: returns(
                "The facts.",
                _facts("account", "review", "value", "metrics", lists=("goals", "kpis", "decisions", "actions")),
                {
                    "as_of": "2026-11-23",
                    "edition": "full",
                    "freeze": {
                        "id": "12",
                        "title": "Figures 1, 23 Nov 2026",
                        "number": 1,
                        "on": "2026-11-23",
                        "note": None,
                    },
                    "account": {"id": "42", "key": "okada-brandt-mobility", "name": "Okada Brandt Mobility"},
                    "review": {"title": "Executive business review", "before_on": "2026-09-07", "promises": []},
                    "value": {"currency": "EUR", "committed": 2100000, "verified": 1310000, "realized_pct": 62.4},
                    "metrics": {"nps": {"name": "NPS", "unit": "score", "points": [["2026-11-20", 28]]}},
                    "goals": [],
                    "kpis": [],
                    "decisions": [],
                    "actions": [],
                    "corrections": [
                        {"name": "NPS", "unit": "score", "currency": "EUR", "frozen": 28, "now": 27, "change": -1}
                    ],
                },
            )
        },
        problems=(404,),
    ),
)
def frozen_review(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the facts of a frozen review."""
    ctx = context_of(request)
    query = Query(request, ctx)
    edition = query.one_of("edition", COPIES, "full")
    query.done()
    return answer(frozen_facts(ctx, get(ctx, registry.get("review_freeze"), id), cast(Edition, edition)))


_SUMMARY: dict[str, Any] = {
    "subject": "Summary: Q4 review, 7 Dec 2026",
    "text": "Q4 review, Okada Brandt Mobility\n…\n\nDecided\n- Extend the pilot; Katrin Vogel; by 15 Dec 2026",
    "people": [{"name": "Sabine Keller", "email": "sabine.keller@okada.example", "side": "customer"}],
}


@router.get(
    "/meetings/{id}/summary",
    **operation(
        "get_meeting_summary",
        "Summary of a meeting",
        tag="Meetings",
        permission=READ,
        description="What was decided, who does what by when, and when one meets again, as a letter to those who were invited. "
        "It holds no notes and no recommendation of ours.",
        answers={
            200: returns(
                "The summary.",
                {
                    "type": "object",
                    "properties": {"subject": {"type": "string"}, "text": {"type": "string"}, "people": _LIST},
                    "required": ["subject", "text", "people"],
                },
                _SUMMARY,
            )
        },
        problems=(404,),
    ),
)
def meeting_summary(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the summary of a meeting."""
    return answer(summary_of(sitting(context_of(request), id)).to_json())


@router.post(
    "/meetings/{id}/summary",
    **operation(
        "send_meeting_summary",
        "Send the summary of a meeting",
        tag="Meetings",
        permission=WRITE,
        description="Sends it by e-mail to people who were invited and stamps the meeting. Without `text` it is sent as it is told; "
        "`deck` adds the customer's copy of the deck as PDF. Needs a mail server (`TRACKLINE_SMTP_HOST`), else 409.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "to": {"type": "array", "items": {"type": "string", "format": "email"}, "maxItems": AT_MOST},
                "text": {"type": "string", "maxLength": LONGEST},
                "deck": {"type": "boolean", "default": False},
            },
            "required": ["to"],
            "additionalProperties": False,
        },
        example={"to": ["sabine.keller@okada.example"], "deck": True},
        answers={200: returns("Sent.", ref("Meeting"), ETag="The meeting's new version.")},
        problems=(404, 409),
    ),
)
def send_meeting_summary(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Send the summary of a meeting."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    only(body, "to", "text", "deck")
    to, text, deck = body.get("to"), body.get("text", ""), body.get("deck", False)
    errors = {}
    if not isinstance(to, list) or len(to) > AT_MOST or not all(isinstance(one, str) for one in to):
        errors["to"] = f"A list of at most {AT_MOST} addresses is expected."
    if not isinstance(text, str):
        errors["text"] = "Text is expected."
    if not isinstance(deck, bool):
        errors["deck"] = "true or false is expected."
    pk = resolve(ctx, registry.get("meeting"), id)
    if errors:
        raise Invalid.fields(errors)

    def act() -> HttpResponse:
        sent = send(ctx, sitting(ctx, pk), cast(list[str], to), text, deck=deck)
        told = encode(stored_json(ctx, registry.get("meeting"), sent.pk))
        return answer_bytes(told, headers={"ETag": etag(sent.version, told)})

    return once(request, ctx, body, act)


@router.get(
    "/accounts/{id}/briefs/{kind}",
    **operation(
        "get_account_brief",
        "Brief on an account",
        tag="Accounts",
        permission=READ,
        description="A page or two on one question: `value` (what was proven), `renewal` (a higher price beside the value documented), `tier` (a decision on the tier with what "
        "its tests found), `sponsor` (for an executive's meeting), `save`. `parts` is what one reads, `facts` what it is written "
        "from. As a file: `trackline export value ACCOUNT --to FILE.pdf`, also .pptx, .docx and .md.",
        parameters=[AS_OF],
        answers={
            200: returns(
                "The brief.",
                {
                    "type": "object",
                    "properties": {
                        "kind": {"type": "string", "enum": list(BRIEFS)},
                        "title": {"type": "string"},
                        "as_of": {"type": "string", "format": "date"},
                        "parts": {"type": "array", "items": {"type": "object"}},
                        "facts": {"type": "object"},
                    },
                    "required": ["kind", "title", "as_of", "parts", "facts"],
                },
                {
                    "kind": "value",
                    "title": "Value summary",
                    "as_of": "2026-11-23",
                    "parts": [{"key": "value", "title": "Value for Okada Brandt Mobility", "blocks": []}],
                    "facts": {"as_of": "2026-11-23"},
                },
            )
        },
        problems=(404,),
    ),
)
def account_brief(request: HttpRequest, id: str, kind: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer a brief."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on = query.day("as_of")
    query.done()
    return answer(brief_json(ctx, get(ctx, registry.get("account"), id), kind, on))


@router.get(
    "/portfolio/report",
    **operation(
        "get_portfolio_report",
        "Facts of the report of the book",
        tag="Portfolio",
        permission=READ,
        description="What the monthly or quarterly report is drawn from: health and its changes, retention, renewals, pipeline "
        "and forecast, feedback, and accounts that need attention with their next action. The report itself: `trackline export "
        "book --to FILE.pptx`, also as .pdf and .xlsx.",
        parameters=[
            AS_OF,
            parameter(
                "period", {"type": "string", "enum": list(PERIODS), "default": "quarter"},
                "Over the month or the fiscal quarter that the day falls into.",
            ),
        ],
        answers={
            200: returns(
                "The facts.",
                _facts("retention", "renewals", "pipeline", "forecast", lists=("accounts", "attention")),
                {
                    "as_of": "2026-11-23",
                    "from": "2026-09-30",
                    "period": "quarter",
                    "currency": "EUR",
                    "retention": {"starting_arr": 21970000, "nrr_pct": 100.6},
                    "renewals": {"days": 180, "rows": []},
                    "pipeline": {"by": "quarter", "rows": []},
                    "forecast": {"weighted": 11530000},
                    "accounts": [],
                    "attention": [],
                },
            )
        },
    ),
)  # fmt: skip
def portfolio_report(request: HttpRequest) -> HttpResponse:
    """Answer the facts of the report of the book."""
    ctx = context_of(request)
    query = Query(request, ctx)
    on, period = query.day("as_of"), query.one_of("period", PERIODS, "quarter")
    query.done()
    return answer(report_facts(ctx, on, cast(Period, period)))
