"""A review's deck, drawn from the records when it is asked for."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from trackline.documents.reviews import Edition, review_facts
from trackline.documents.reviews.files import file_name, format_of
from trackline.kickoff.models import Meeting
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.web import page


@page()
def deck(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """The deck of a meeting as a file; `edition` is `full` or `customer`, `on` the day its figures are of."""
    made = format_of(ending)
    meeting: Meeting = get(ctx, registry.get("meeting"), pk)
    facts = review_facts(ctx, meeting.account, day_of(request), edition_of(request), meeting)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(meeting.account.key, facts)}.{ending}"'}
    return HttpResponse(made.draw(facts, None), content_type=made.content_type, headers=headers)


def edition_of(request: HttpRequest) -> Edition:
    """Return which copy is asked for. Raises `BadRequest`."""
    asked = request.GET.get("edition", "full")
    if asked not in ("full", "customer"):
        raise BadRequest("edition: full or customer is expected.", [{"loc": ["query", "edition"], "msg": "unknown"}])
    return "customer" if asked == "customer" else "full"


def day_of(request: HttpRequest) -> date | None:
    """Return the day that is asked for, None for today. Raises `BadRequest`."""
    text = request.GET.get("on", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest(
            "on: a date as YYYY-MM-DD is expected.", [{"loc": ["query", "on"], "msg": "no date"}]
        ) from None
