"""What freezing a review means: its figures are kept as they stand, and kept again only with a reason. Source: portfolio:QBR-09."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from trackline.documents.models import ReviewFreeze
from trackline.documents.plans.states import NOTE_LEAST
from trackline.documents.reviews.facts import gathered
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records.models import ALIVE

Links = dict[str, list[int]]


def prepare_freeze(ctx: Context, freeze: Any, _changed: set[str], _links: Links) -> None:
    """Keep the figures of the day under the next number; whoever freezes again says why."""
    if freeze.number is not None:
        return  # it is there already, or comes back from a file of ours
    meeting = freeze.meeting
    freeze.as_of = freeze.as_of or ctx.today
    if freeze.as_of > ctx.today:
        raise Invalid.fields({"as_of": "A day that has come is expected."})
    again = ReviewFreeze.objects.filter(ALIVE, meeting=meeting).exists()
    if again and len(freeze.note.strip()) < NOTE_LEAST:
        raise Invalid.fields(
            {"note": f"The figures are frozen. Say why they are frozen again, {NOTE_LEAST} letters or more."}
        )
    last = ReviewFreeze.objects.filter(meeting=meeting).aggregate(Max("number"))["number__max"]
    freeze.number = (last or 0) + 1
    freeze.title = f"Figures {freeze.number}, {formats.day(freeze.as_of)}".replace(formats.NBSP, " ")
    freeze.frozen = gathered(ctx, meeting.account, freeze.as_of, meeting)


def allow_freeze_delete(_ctx: Context, freeze: Any) -> None:
    """Keep the figures of a review that was held: what was shown stays known."""
    if freeze.meeting.status == "held":
        raise Refused(f"{freeze} were shown in {freeze.meeting}. They stay.", rule="QBR-09")
