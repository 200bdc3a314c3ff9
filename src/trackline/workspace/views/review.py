"""A review's deck, drawn from the records when it is asked for."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from trackline.documents.deck_templates.choosing import asked
from trackline.documents.models import ReviewDeck
from trackline.documents.reviews import Edition, review_facts
from trackline.documents.reviews.files import file_name, format_of
from trackline.kickoff.models import Meeting
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import BadRequest
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.records.views.common import done
from trackline.workspace.web import page


@page()
def deck(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """The deck of a meeting as a file; `edition` is `full` or `customer`, `on` the day its figures are of, `template` what it is
    drawn on instead of what is chosen."""
    made = format_of(ending)
    meeting: Meeting = get(ctx, registry.get("meeting"), pk)
    facts = review_facts(ctx, meeting.account, day_of(request), edition_of(request), meeting)
    master = asked(ctx, request.GET.get("template", ""), meeting).master
    headers = {"Content-Disposition": f'attachment; filename="{file_name(meeting.account.key, facts)}.{ending}"'}
    return HttpResponse(made.draw(facts, master), content_type=made.content_type, headers=headers)


@page("POST", permission=WRITE)
def template(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Choose what the deck of a meeting is drawn on: `template` is an id, `own`, or nothing for the book's."""
    meeting: Meeting = get(ctx, registry.get("meeting"), pk)
    rtype, word = registry.get("review_deck"), request.POST.get("template", "")
    held = ReviewDeck.objects.alive().filter(meeting=meeting).order_by("-pk").first()
    if not word:
        if held is None:
            return htmx.changed(htmx.done())
        change = records.delete(ctx, rtype, held.pk)
        return done("Drawn on the book’s template", rtype, held, change)
    chosen = asked(ctx, word).template
    data = {"template": chosen.pk if chosen else None}
    made = (
        records.update(ctx, rtype, held.pk, data)
        if held
        else records.create(ctx, rtype, {"meeting": meeting.pk, **data})
    )
    return done(f"Drawn on {chosen or 'Trackline’s own'}", rtype, made, getattr(made, "last_change", None))


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
