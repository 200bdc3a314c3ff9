"""Sends the weekly letter: to whom, when not, and by which server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException
from typing import Any, Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import timezone

from trackline.accounts.held import read_once
from trackline.accounts.models import User
from trackline.workspace.queries.today.digest import Digest, digest_of, due_since
from trackline.workspace.web import zone_of

WANTED, SENT_AT = "digest", "digest_sent_at"
"""Preferences of a user: whether they want the letter (they do where nothing is said), and when the last one left."""

Outcome = Literal["sent", "nothing", "off", "no_address", "this_week", "failed"]


@dataclass(frozen=True)
class Sent:
    """What became of one letter; `why` says what the server answered where it failed."""

    username: str
    outcome: Outcome
    subject: str = ""
    why: str = ""


def wants(user: Any) -> bool:
    """Whether somebody wants the weekly letter."""
    return bool(user.preferences.get(WANTED, True))


def want(user: Any, wanted: bool) -> None:
    """Turn the weekly letter of a user on or off."""
    user.preferences = user.preferences | {WANTED: wanted}
    user.save(update_fields=["preferences"])


def letter(user: Any, now: datetime) -> Digest:
    """Return somebody's letter in their own time zone."""
    with timezone.override(zone_of(user)), read_once():
        return digest_of(user, now)


def plain_text(found: Digest, user: Any) -> str:
    """Return a letter as text."""
    return _render(found, user, "workspace/digest/letter.txt")


def send_all(now: datetime, *, again: bool = False) -> Iterator[Sent]:
    """Send the letter to everybody who is active and wants it; yield what became of each. Nobody is sent a letter in which
    nothing stands, and nobody two within a week unless `again`. A server that refuses one letter is asked for the next.
    """
    people = User.objects.alive().filter(active=True).order_by("name", "pk")
    connection = get_connection()
    try:
        for user in people:
            yield _send(user, now, connection, again=again)
    finally:
        connection.close()


def _send(user: Any, now: datetime, connection: Any, *, again: bool) -> Sent:
    if not wants(user):
        return Sent(user.username, "off")
    if not user.email:
        return Sent(user.username, "no_address")
    last = user.preferences.get(SENT_AT)
    if last and not again and datetime.fromisoformat(last) > due_since(now):
        return Sent(user.username, "this_week")
    found = letter(user, now)
    if not found.matters:
        return Sent(user.username, "nothing")
    message = EmailMultiAlternatives(
        found.subject, plain_text(found, user), settings.DEFAULT_FROM_EMAIL, [user.email], connection=connection
    )
    message.attach_alternative(_render(found, user, "workspace/digest/letter.html"), "text/html")
    try:
        message.send()
    except (OSError, SMTPException) as problem:
        connection.close()
        return Sent(user.username, "failed", found.subject, str(problem))
    user.preferences = user.preferences | {SENT_AT: now.isoformat()}
    user.save(update_fields=["preferences"])
    return Sent(user.username, "sent", found.subject)


def _render(found: Digest, user: Any, template: str) -> str:
    with timezone.override(zone_of(user)):
        return render_to_string(template, {"d": found, "site": settings.BASE_URL})
