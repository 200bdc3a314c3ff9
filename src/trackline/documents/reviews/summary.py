"""The summary of a meeting for those who were invited: what was decided, who does what by when, when one meets again.

It holds what both sides heard: no notes, no recommendation of ours. Source: portfolio:QBR-11, PLAN-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from trackline.accounts.models import User
from trackline.accounts.settings import setting
from trackline.documents.deck_templates.choosing import chosen
from trackline.documents.reviews.facts import review_facts
from trackline.documents.reviews.files import file_name, format_of
from trackline.kickoff.models import Action, Decision
from trackline.kickoff.sitting import Sitting
from trackline.kit import formats
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

LONGEST = 20_000
"""Letters of a summary at most."""
AT_MOST = 60
"""People a summary goes to at most."""


@dataclass(frozen=True)
class Person:
    """Somebody invited, with where a letter reaches them; without an address they get none."""

    name: str
    email: str
    side: str


@dataclass(frozen=True)
class Summary:
    """A summary as it would be sent."""

    subject: str
    text: str
    people: Sequence[Person]

    @property
    def reached(self) -> list[Person]:
        """Who has an address."""
        return [one for one in self.people if one.email]

    @property
    def unreached(self) -> list[Person]:
        """Who has none."""
        return [one for one in self.people if not one.email]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "subject": self.subject, "text": self.text,
            "people": [{"name": one.name, "email": one.email or None, "side": one.side} for one in self.people],
        }  # fmt: skip


def summary_of(sitting: Sitting) -> Summary:
    """Return the summary of a meeting out of its records; three queries."""
    meeting = sitting.meeting
    ours = [Person(one.name or one.username, one.email, "us") for one in meeting.attendees.order_by("name", "pk")]
    contacts = meeting.contacts.filter(deleted_at__isnull=True).order_by("-influence", "name", "pk")
    theirs = [Person(one.name, one.email, "customer") for one in contacts]
    subject = f"Summary: {meeting}, {formats.day(timezone.localtime(meeting.at))}".replace(formats.NBSP, " ")
    return Summary(subject, "\n".join(_lines(sitting)).replace(formats.NBSP, " "), [*ours, *theirs])


def send(ctx: Context, sitting: Sitting, to: Sequence[str], text: str = "", *, deck: bool = False) -> Any:
    """Send a summary to people who were invited, with the customer's copy of the deck if wanted, and stamp it as sent; return
    the meeting. Answers reach whoever sends.

    Raises `Invalid` for somebody who was not invited or an empty text, `Refused` where no mail server is set or it refuses:
    nothing is stamped then.
    """
    ctx.require(WRITE)
    found = summary_of(sitting)
    known = {one.email.casefold(): one for one in found.reached}
    wanted = list(dict.fromkeys(one.strip().casefold() for one in to if one.strip()))
    strange = [one for one in wanted if one not in known]
    if strange:
        raise Invalid.fields({"to": f"{strange[0][:80]} was not invited to this meeting. Add them to it first."})
    if not wanted:
        raise Invalid.fields({"to": "Choose who gets it."})
    body = text.replace("\r\n", "\n").strip() or found.text
    if len(body) > LONGEST or "\x00" in body:
        raise Invalid.fields({"text": f"At most {LONGEST:,} letters are expected."})
    if not settings.EMAIL_HOST:
        raise Refused(
            "No mail server is set (TRACKLINE_SMTP_HOST). Copy the text, send it yourself, and mark it as sent."
        )
    people = [known[one] for one in wanted]
    message = EmailMessage(
        found.subject, body, settings.DEFAULT_FROM_EMAIL, [one.email for one in people], reply_to=_answers_to(ctx)
    )
    if deck:
        message.attach(*_deck(ctx, sitting))
    told = replace(ctx, note=f"Sent to {', '.join(one.name for one in people)}"[:250])
    with transaction.atomic():  # first what may be refused by a rule, then what cannot be taken back
        stamped = records.update(told, registry.get("meeting"), sitting.meeting.pk, {"summary_sent_at": ctx.now})
        try:
            message.send()
        except (OSError, SMTPException) as problem:
            raise Refused(f"The mail server did not take it: {problem}. Nothing was sent.") from problem
    return stamped


def _answers_to(ctx: Context) -> list[str]:
    email = User.objects.filter(pk=ctx.actor.user_id).values_list("email", flat=True).first() or ""
    try:
        validate_email(email)
    except ValidationError:
        return []
    return [email]


def _deck(ctx: Context, sitting: Sitting) -> tuple[str, bytes, str]:
    meeting = sitting.meeting
    made = format_of("pdf")
    facts = review_facts(ctx, meeting.account, edition="customer", meeting=meeting)
    return f"{file_name(meeting.account.key, facts)}.pdf", made.draw(facts, chosen(meeting).master), made.content_type


def _lines(sitting: Sitting) -> Iterator[str]:
    meeting, at = sitting.meeting, timezone.localtime(sitting.meeting.at)
    yield f"{meeting}, {meeting.account.name}"
    yield f"{at:%A}, {formats.day(at)}, {at:%H:%M} to {sitting.end:%H:%M} ({at:%Z})"
    there = [seat for seat in sitting.seats if seat.present] if sitting.was_there else sitting.seats
    sides = (("us", str(setting("book.name"))), ("customer", meeting.account.name))
    for side, name in sides:
        names = [seat.name for seat in there if seat.side == side]
        if names:
            yield f"{name}: {', '.join(names)}"
    decided = [one for one in sitting.decisions if one.status != Decision.Status.OPEN]
    open_ = [one for one in sitting.decisions if one.status == Decision.Status.OPEN]
    yield from _section("Decided", [_decision(one) for one in decided])
    yield from _section("Still to be decided", [_decision(one) for one in open_])
    for side, name in sides:
        yield from _section(f"Actions of {name}", [_action(one) for one in sitting.actions if one.side == side])
    if not sitting.decisions and not sitting.actions:
        yield ""
        yield "Nothing was decided, and no action was agreed."
    if sitting.following:
        ahead = timezone.localtime(sitting.following.at)
        yield ""
        yield f"We meet again on {ahead:%A}, {formats.day(ahead)}, {ahead:%H:%M}."


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"- {line}" for line in lines)


def _decision(one: Decision) -> str:
    said = [one.title]
    if one.status in (Decision.Status.REJECTED, Decision.Status.DEFERRED):
        said.append(one.get_status_display().lower())
    if one.outcome:
        said.append(" ".join(one.outcome.split()))
    if one.owner:
        said.append(one.owner.name or one.owner.username)
    if one.due_on:
        said.append(f"by {formats.day(one.due_on)}")
    if one.success_metric:
        said.append(f"measured by {one.success_metric}")
    return "; ".join(said)


def _action(one: Action) -> str:
    who = one.client_owner.name if one.client_owner else one.owner.name if one.owner else "owner open"
    when = f"by {formats.day(one.due_on)}" if one.due_on else "day open"
    done = f" ({one.get_status_display().lower()})" if one.status != Action.Status.OPEN else ""
    return f"{one.title}: {who}, {when}{done}"
