"""What a review tells of an account, JSON-ready, as of the day its figures are frozen on.

The facts of the account (`documents.gathering`), and beside them: `review` (the meeting, its people and agenda, the review
before it, what was promised there and what became of it), `metrics` (readings of two years by key) and `competition`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Account, Observation
from trackline.align.models import WhitespaceCell
from trackline.documents.allowed.editions import for_customer
from trackline.documents.gathering import Facts, facts_of
from trackline.documents.gathering.about import TREND_DAYS
from trackline.documents.gathering.scope import ALIVE, named, word
from trackline.documents.models import ReviewFreeze
from trackline.documents.reviews.corrections import corrections
from trackline.kickoff.models import Action, Meeting
from trackline.kickoff.rules.agendas import points
from trackline.kit.api.answers import encode
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.track.models import Note

Edition = Literal["full", "customer"]

METRICS = (
    "arr", "revenue", "gross_margin", "share_of_wallet", "cost_to_serve", "cost_to_serve_plan", "sla_compliance",
    "mttr_hours", "response_latency_hours", "nps", "csat", "ces", "champion_velocity", "targets_met_pct",
    "benefit_realization", "innovation_pipeline", "joint_ip", "time_to_market", "competitive_intrusion",
)  # fmt: skip
"""The metrics a review draws on. Source: portfolio:QBR-06."""
NOTED_DAYS = 92


def review_facts(
    ctx: Context, account: Account, on: date | None = None, edition: Edition = "full", meeting: Meeting | None = None
) -> Facts:
    """Return the facts of an account's review as of a day (today); the caller has made sure that the account is in scope.

    Without a meeting it is the next one that is set from that day on, else none: the deck then names the day alone. A review
    whose figures are frozen tells those, unless a day is asked for.
    """
    found = meeting or _next(account, on or ctx.today)
    kept = newest_freeze(found) if found and on is None else None
    if kept is not None:
        return frozen_facts(ctx, kept, edition)
    return _edition(gathered(ctx, account, on or ctx.today, found), edition)


def gathered(ctx: Context, account: Account, on: date, meeting: Meeting | None) -> Facts:
    """Return all facts of a review as the records tell them of a day, frozen or not."""
    own: dict[str, Any] = {
        "review": _review(account, on, meeting),
        "metrics": _metrics(account, on),
        "competition": _competition(account, on),
        "freeze": None,
        "corrections": [],
    }
    found: Facts = facts_of(ctx, account, on) | msgspec.json.decode(encode(own))
    return found


def frozen_facts(ctx: Context, freeze: ReviewFreeze, edition: Edition = "full") -> Facts:
    """Return what was frozen, in an edition; ours names the figures that were corrected since."""
    if edition == "customer":
        return _edition(freeze.frozen, edition)
    meeting = freeze.meeting
    now = gathered(ctx, meeting.account, date.fromisoformat(freeze.frozen["as_of"]), meeting)
    own = {
        "freeze": {
            "id": str(freeze.pk),
            "title": freeze.title,
            "number": freeze.number,
            "on": timezone.localtime(freeze.created_at).date(),
            "note": freeze.note or None,
        },
        "corrections": [one.to_json() for one in corrections(freeze.frozen, now)],
    }
    return _edition(freeze.frozen | msgspec.json.decode(encode(own)), edition)


def meeting_of(facts: Facts) -> Meeting | None:
    """Return the meeting that facts of a review tell of, None where there is none."""
    return Meeting.objects.filter(ALIVE, pk=facts["review"]["id"]).first() if facts["review"].get("id") else None


def newest_freeze(meeting: Meeting) -> ReviewFreeze | None:
    """Return the figures that the deck of a review holds, None before they are frozen."""
    rows = ReviewFreeze.objects.filter(ALIVE, meeting=meeting).select_related("meeting__account")
    return rows.order_by("-number").first()


def freezes_of(ctx: Context, meeting: Meeting) -> list[ReviewFreeze]:
    """Return when the figures of a review were frozen and by whom, the newest first, without the figures."""
    rows = scoped(ctx, registry.get("review_freeze")).filter(meeting=meeting).defer("frozen")
    return list(rows.select_related("created_by").order_by("-number"))


def _edition(facts: Facts, edition: Edition) -> Facts:
    told = facts | {"edition": edition}
    return for_customer(told) if edition == "customer" else told


def _next(account: Account, on: date) -> Meeting | None:
    reviews = Meeting.objects.filter(ALIVE, account=account, status="scheduled").exclude(review="")
    return reviews.filter(at__gte=day_start(on)).order_by("at", "pk").first()


def _review(account: Account, on: date, meeting: Meeting | None) -> dict[str, Any]:
    held = Meeting.objects.filter(
        ALIVE, account=account, status="held", at__lt=meeting.at if meeting else timezone.now()
    )
    before = held.filter(at__lt=day_start(on + timedelta(days=1))).exclude(review="").order_by("-at", "-pk").first()
    found: dict[str, Any] = {
        "id": None, "title": None, "at": None, "minutes": None, "kind": None, "ours": [], "theirs": [], "agenda": [],
    }  # fmt: skip
    if meeting:
        found = {
            "id": str(meeting.pk), "title": str(meeting), "at": timezone.localtime(meeting.at).isoformat(timespec="minutes"),
            "minutes": meeting.duration_min, "kind": word(meeting, "review"),
            "ours": [{"name": one.name, "title": one.title or None} for one in meeting.attendees.order_by("name", "pk")],
            "theirs": [
                {"name": one.name, "title": one.title or None}
                for one in meeting.contacts.filter(ALIVE).order_by("-influence", "name", "pk")
            ],
            "agenda": [{"minutes": point.minutes, "says": point.says} for point in points(meeting.agenda)],
        }  # fmt: skip
    return found | {
        "before_on": timezone.localtime(before.at).date() if before else None,
        "before_id": str(before.pk) if before else None,
        "promises": _promises(before, on) if before else [],
    }


def _promises(before: Meeting, on: date) -> list[dict[str, Any]]:
    """Return the actions agreed in the review before, with how each stood on the day."""
    rows = Action.objects.filter(ALIVE, meeting=before).select_related("owner", "client_owner").order_by("due_on", "pk")
    return [
        {
            "id": str(one.pk), "title": one.title, "side": word(one, "side"), "owner": named(one.owner),
            "client_owner": named(one.client_owner), "due_on": one.due_on, "became": _became(one, on),
            "done_on": one.done_on if one.done_on and one.done_on <= on else None,
        }
        for one in rows
    ]  # fmt: skip


def _became(action: Action, on: date) -> str:
    if action.status == "done" and action.done_on and action.done_on <= on:
        return "done late" if action.due_on and action.done_on > action.due_on else "done"
    if action.status == "cancelled":
        return "cancelled"
    return "late" if action.due_on and action.due_on < on else "open"


def _metrics(account: Account, on: date) -> dict[str, Any]:
    rows = Observation.objects.filter(
        ALIVE, account=account, metric__key__in=METRICS, metric__account__isnull=True,
        on__range=(on - timedelta(days=TREND_DAYS), on),
    )  # fmt: skip
    found: dict[str, Any] = {}
    told = rows.order_by("on", "pk").values_list(
        "metric__key", "metric__name", "metric__unit", "metric__direction", "on", "value"
    )
    for key, name, unit, direction, day, value in told:
        held = found.setdefault(key, {"name": name, "unit": unit, "direction": direction, "points": []})
        held["points"].append([day, value])
    return found


def _competition(account: Account, on: date) -> dict[str, Any]:
    cells = WhitespaceCell.objects.filter(ALIVE, business_unit__account=account).exclude(competitor="")
    notes = Note.objects.filter(
        Q(category="Competition"), ALIVE, account=account, on__range=(on - timedelta(days=NOTED_DAYS), on)
    )
    return {
        "held": [
            {"unit": str(one.business_unit), "product": str(one.product), "competitor": one.competitor,
             "share_pct": one.competitor_share, "value": one.value}
            for one in cells.select_related("business_unit", "product").order_by("business_unit__name", "product__name")
        ],
        "notes": [{"on": one.on, "title": one.title} for one in notes.order_by("-on", "-pk")],
    }  # fmt: skip
