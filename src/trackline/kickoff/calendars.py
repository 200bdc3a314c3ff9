"""Calendars: meetings as iCalendar, and the secret addresses from which a person's calendar program reads them.

Source: KCK-11. An address names the person (and the account) with a signature; it is void once the person turns feeds off or
takes new addresses. What it shows is decided when it is read, by the person's rights on that day.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import Q
from icalendar import Calendar, Event

from trackline.accounts.access import actor_of
from trackline.accounts.models import User
from trackline.kickoff.models import CalendarFeed, Meeting
from trackline.kit.policy import READ, Context
from trackline.kit.problems import NotFound, Unauthorized
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry

ALIVE = Q(deleted_at__isnull=True)
BACK, AHEAD = timedelta(days=92), timedelta(days=400)
"""A feed holds what lies this far back and ahead."""
SALT = "trackline.calendar"
STATUS = {"scheduled": "CONFIRMED", "held": "CONFIRMED"}


def calendar_of(name: str, meetings: Iterable[Meeting], site: str) -> bytes:
    """Return meetings as an iCalendar file. `site` is the address of the product, for links and names of events."""
    found = Calendar()
    found.add("prodid", "-//Trackline//Meetings//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    for meeting in meetings:
        found.add_component(_event(meeting, site))
    return bytes(found.to_ical())


def meeting_file(ctx: Context, pk: Any, site: str) -> bytes:
    """Return one meeting as a calendar file. Raises `NotFound` outside the scope."""
    meeting = get(ctx, registry.get("meeting"), pk)
    rows = Meeting.objects.filter(pk=meeting.pk).select_related("account")
    return calendar_of(str(meeting), rows, site)


def account_meetings(ctx: Context, account: int) -> Any:
    """Return the meetings of an account that its feed holds."""
    return _window(scoped(ctx, registry.get("meeting")).filter(account_id=account), ctx.now)


def turn_on(ctx: Context) -> CalendarFeed:
    """Turn the caller's feeds on, or give them new addresses; the old ones are void."""
    user = _me(ctx)
    serial = secrets.randbelow(2**31 - 1) + 1
    found, _ = CalendarFeed.objects.update_or_create(user_id=user, defaults={"serial": serial, "since": ctx.now})
    return found


def turn_off(ctx: Context) -> None:
    """Turn the caller's feeds off; their addresses are void."""
    CalendarFeed.objects.filter(user_id=_me(ctx)).delete()


def feed_address(ctx: Context, account: int | None = None) -> str:
    """Return the path of the caller's feed, of all their meetings or of an account's; empty while feeds are off."""
    found = CalendarFeed.objects.filter(user_id=ctx.actor.user_id or 0).first()
    if found is None:
        return ""
    return f"/calendar/{signing.dumps([found.user_id, account or 0, found.serial], salt=SALT)}.ics"


def read_feed(token: str, now: datetime, site: str) -> bytes:
    """Return the calendar behind an address. Raises `NotFound` for one that is void, or shows what the person may not see."""
    try:
        user, account, serial = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound("There is no such calendar.") from None
    feed = CalendarFeed.objects.filter(user_id=user, serial=serial).select_related("user").first()
    if feed is None or not feed.user.is_active:
        raise NotFound("There is no such calendar.")
    ctx = Context(actor_of(feed.user), now, via="web")
    ctx.require(READ)
    if account:
        found = get(ctx, registry.get("account"), account)
        return calendar_of(f"{found.name} meetings", account_meetings(ctx, found.pk), site)
    rows = scoped(ctx, registry.get("meeting")).filter(attendees=feed.user)
    return calendar_of(f"Meetings of {feed.user.name or feed.user.username}", _window(rows, now), site)


def _window(rows: Any, now: datetime) -> Any:
    return rows.filter(at__gte=now - BACK, at__lt=now + AHEAD).select_related("account").order_by("at", "pk")


def _me(ctx: Context) -> int:
    ctx.require(READ)
    user = ctx.actor.user_id
    if user is None or not User.objects.filter(pk=user).exists():
        raise Unauthorized("Sign in first.")
    return user


def _event(meeting: Meeting, site: str) -> Event:
    event = Event()
    host = site.partition("://")[2] or "trackline"
    event.add("uid", f"meeting-{meeting.pk}@{host}")
    event.add("dtstamp", meeting.updated_at)
    event.add("last-modified", meeting.updated_at)
    event.add("sequence", meeting.version)
    event.add("dtstart", meeting.at)
    event.add("dtend", meeting.at + timedelta(minutes=meeting.duration_min or 60))
    event.add("summary", f"{meeting} · {meeting.account.name}")
    event.add("status", STATUS.get(meeting.status, "CANCELLED"))
    if meeting.agenda:
        event.add("description", meeting.agenda)
    event.add("url", f"{site}/meetings/{meeting.pk}")
    return event
