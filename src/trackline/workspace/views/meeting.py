"""A meeting's own page: prepared, run and followed up in one place."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.documents.deck_templates.choosing import chosen
from trackline.documents.models import DeckTemplate
from trackline.documents.reviews.facts import freezes_of
from trackline.documents.reviews.summary import Summary, send, summary_of
from trackline.kickoff import services
from trackline.kickoff.sitting import sitting
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, Problem, Refused
from trackline.kit.records import services as records
from trackline.kit.records.own import open_fields
from trackline.kit.records.types import registry
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import head_of, section_of
from trackline.workspace.records import special
from trackline.workspace.records.views.common import done, shortened
from trackline.workspace.views.account import frame
from trackline.workspace.web import page

DECKS = (
    ("PowerPoint, ours", "pptx", "full"),
    ("PowerPoint, the customer's copy", "pptx", "customer"),
    ("PDF, ours", "pdf", "full"),
    ("PDF, the customer's copy", "pdf", "customer"),
)
"""The decks a review offers: name, ending, edition."""


@page()
def meeting(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Show a meeting: agenda, people, preparation, what it decided and what follows."""
    found = sitting(ctx, pk)
    head = head_of(ctx, found.meeting.account.key)
    rtype = registry.get("meeting")
    context = {
        "section": section_of("kickoff"),
        "s": found,
        "m": found.meeting,
        "can_write": head.can_write,
        "ticks_for": ctx.actor.user_id if open_fields(ctx, registry.get("action"), ctx.actor.user_id) else 0,
        "verbs": special.verbs(rtype, {"status": found.meeting.status}),
        "sides": [
            ("us", "Ours", [seat for seat in found.seats if seat.side == "us"]),
            ("customer", head.account.name, [seat for seat in found.seats if seat.side == "customer"]),
        ],
        "decks": DECKS,
        "freezes": freezes_of(ctx, found.meeting) if found.kind == "review" else [],
        "template": chosen(found.meeting) if found.kind == "review" else None,
        "templates": list(DeckTemplate.objects.alive().order_by("title")) if found.kind == "review" else [],
        "freeze": acts.create("review_freeze", "Freeze the figures", meeting=pk),
        "add_action": acts.create("action", "Action", account=head.account.pk, meeting=pk),
    }
    return render(request, "workspace/meeting/page.html", frame(head, current="kickoff") | context)


@page("POST", permission=WRITE)
def agenda(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Write a preset agenda into the meeting."""
    return _said("Agenda set", services.set_agenda(ctx, pk, request.POST.get("preset", "")))


@page("POST", permission=WRITE)
def part(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Note that somebody (`side`, `person`) confirmed or was there (`how`), or take it back."""
    side, how, person = (request.POST.get(name, "") for name in ("side", "how", "person"))
    if side not in ("us", "customer") or how not in ("confirmed", "present") or not person.isdecimal():
        raise Invalid.fields({"person": "Somebody invited is expected."})
    yes = bool(request.POST.get("yes"))
    taken = services.take_part(ctx, pk, _side(side), int(person), _how(how), yes)
    words = {("confirmed", True): "Confirmed", ("confirmed", False): "Not confirmed any more",
             ("present", True): "Was there", ("present", False): "Was not there"}  # fmt: skip
    return _said(words[how, yes], taken)


@page("POST", permission=WRITE)
def tick(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Tick something of the preparation or of what follows, or take the tick back."""
    yes = bool(request.POST.get("yes"))
    ticked = services.tick(ctx, pk, request.POST.get("key", ""), yes)
    return _said("Done" if yes else "Open again", ticked)


@page("POST", permission=WRITE)
def capture(request: HttpRequest, ctx: Context, pk: int, kind: str) -> HttpResponse:
    """Write down an action or a decision, one line."""
    if kind not in ("action", "decision"):
        raise Invalid.fields({"line": "An action or a decision is expected."})
    made = services.capture(ctx, pk, "action" if kind == "action" else "decision", request.POST.get("line", ""))
    return done(shortened(made.title), registry.get(kind), made, getattr(made, "last_change", None))


@page("POST", permission=WRITE)
def sent(request: HttpRequest, ctx: Context, pk: int, what: str) -> HttpResponse:
    """Stamp the pre-read or the summary as sent now, or take the stamp back."""
    if what not in ("pre_read", "summary"):
        raise Invalid.fields({"what": "The pre-read or the summary is expected."})
    stamp: Any = ctx.now if request.POST.get("yes") else None
    stamped = records.update(ctx, registry.get("meeting"), pk, {f"{what}_sent_at": stamp})
    label = "Pre-read" if what == "pre_read" else "Summary"
    return _said(f"{label} {'sent' if stamp else 'not sent'}", stamped)


@page("GET", "POST")
def summary(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Show the summary as it would be sent, to whom; send it, or say what is in the way."""
    found = sitting(ctx, pk)
    told = summary_of(found)
    if request.method == "POST":
        ctx.require(WRITE)
        to, text = request.POST.getlist("to"), request.POST.get("text", "")
        try:
            sent = send(ctx, found, to, text, deck="deck" in request.POST)
        except (Invalid, Refused) as problem:
            return _summary(request, ctx, found, told, text, to, problem)
        return htmx.close_dialog(_said(f"Summary sent to {len(set(to))}", sent))
    return _summary(request, ctx, found, told, told.text, [one.email for one in told.reached])


def _summary(
    request: HttpRequest,
    ctx: Context,
    found: Any,
    told: Summary,
    text: str,
    to: list[str],
    problem: Problem | None = None,
) -> HttpResponse:
    context = {
        "m": found.meeting, "review": found.kind == "review", "told": told, "text": text, "to": to,
        "problem": problem.detail if problem else "", "can_send": bool(settings.EMAIL_HOST),
        "can_write": ctx.actor.may(WRITE),
    }  # fmt: skip
    return render(request, "workspace/meeting/summary.html", context, status=problem.status if problem else 200)


def _said(text: str, meeting: Any) -> HttpResponse:
    return done(text, registry.get("meeting"), meeting, getattr(meeting, "last_change", None))


def _side(word: str) -> Literal["us", "customer"]:
    return "us" if word == "us" else "customer"


def _how(word: str) -> Literal["confirmed", "present"]:
    return "confirmed" if word == "confirmed" else "present"
