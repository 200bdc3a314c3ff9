"""Rhythms: their meetings ahead, moving them to another rhythm, and the cadences a tier starts with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models import Max, Q

from trackline.accounts.models import Account
from trackline.accounts.settings import book_zone, setting, zone_named
from trackline.accounts.workdays import workdays
from trackline.core.periods import month_later
from trackline.kickoff.models import Cadence, Meeting
from trackline.kickoff.rules import rhythm
from trackline.kickoff.rules.defaults import DefaultCadence, cadences_of
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

MONTHS_AHEAD = 12
"""Source: KCK-02."""
TEN = time(10)
UNTOUCHED = Q(agenda="", notes="", pre_read_sent_at=None, decisions=None, actions=None)
"""Meetings nobody has worked on; those alone follow another rhythm."""


def prepare_cadence(_ctx: Context, cadence: Any, _changed: set[str], _links: dict[str, list[int]]) -> None:
    """Hold the time zone to one that exists."""
    if cadence.time_zone and cadence.time_zone not in available_timezones():
        raise Invalid.fields({"time_zone": "A time zone like Europe/Berlin is expected."})


def schedule_meetings(ctx: Context, pk: Any, *, until: date | None = None) -> list[Any]:
    """Set the meetings of a cadence from today until a day (default: twelve months), where none is set yet (KCK-02); one
    that was moved by a few days is not set again.

    Returns the new meetings; they can be undone as one batch. Raises `Refused` for a cadence without rhythm.
    """
    cadence = get(ctx, registry.get("cadence"), pk)
    moments = _moments(ctx, cadence, until)
    zone = _zone(cadence)
    there = {
        at.astimezone(zone).date()
        for at in Meeting.objects.filter(cadence=cadence, deleted_at__isnull=True).values_list("at", flat=True)
    }
    with transaction.atomic():
        wanted = (at for at in moments if not rhythm.near(cadence.frequency, at.date(), there))
        return _set(ctx.batched(), cadence, list(wanted))


def keep_ahead(ctx: Context, stop: Callable[[], None] = lambda: None) -> int:
    """Keep every rhythm set for twelve months ahead as time passes: cadences that have a meeting coming get those that are
    missing behind their last one. What was removed before it stays away. Returns how many were set. Source: KCK-02.
    """
    rows = Cadence.objects.alive().filter(active=True, account__deleted_at__isnull=True).exclude(frequency="ad_hoc")
    coming = rows.annotate(
        last=Max("meetings__at", filter=Q(meetings__deleted_at__isnull=True, meetings__at__gt=ctx.now))
    )
    made = 0
    for cadence in coming.filter(last__isnull=False, anchor_on__isnull=False).order_by("pk"):
        zone, last = _zone(cadence), cadence.last
        wanted = [at for at in _moments(ctx, cadence, None) if at > last]
        ahead = [at for at in wanted if not rhythm.near(cadence.frequency, at.date(), {last.astimezone(zone).date()})]
        with transaction.atomic():
            made += len(_set(ctx.batched(), cadence, ahead))
        stop()
    return made


def follow_rhythm(ctx: Context, pk: Any) -> tuple[int, int]:
    """Move the coming meetings of a cadence to its rhythm as it is now: those on other moments that nobody has worked on
    go, missing ones are set. Returns how many went and how many came; both are one batch.
    """
    cadence = get(ctx, registry.get("cadence"), pk)
    moments = [at for at in _moments(ctx, cadence, None) if at > ctx.now]
    batch = ctx.batched()
    ahead = Meeting.objects.filter(cadence=cadence, deleted_at__isnull=True, status="scheduled", at__gt=ctx.now)
    untouched = dict(ahead.filter(UNTOUCHED).values_list("pk", "at"))
    gone = [pk for pk, at in untouched.items() if strays(cadence, at, moments)]
    with transaction.atomic():
        for meeting in gone:
            records.delete(batch, registry.get("meeting"), meeting)
        there = [at.astimezone(_zone(cadence)).date() for at in ahead.values_list("at", flat=True)]
        made = _set(batch, cadence, [at for at in moments if not rhythm.near(cadence.frequency, at.date(), there)])
    return len(gone), len(made)


def strays(cadence: Cadence, at: datetime, moments: Sequence[datetime]) -> bool:
    """Return whether a meeting lies off the rhythm: no moment of it is near, or its time of day is another."""
    local = at.astimezone(_zone(cadence))
    if not rhythm.near(cadence.frequency, local.date(), [moment.date() for moment in moments]):
        return True
    return cadence.at_time is not None and local.time() != cadence.at_time


def rhythm_of(cadence: Cadence, start: date, until: datetime) -> list[datetime]:
    """Return the moments on which a cadence meets from a day to a moment; none for a cadence without rhythm."""
    return [at for at in _rhythm(cadence, start, until.date()) if at <= until] if _steady(cadence) else []


def defaults_for(account: Account) -> list[DefaultCadence]:
    """Return the cadences that the account's tier starts with and the account has none of yet. Source: KCK-03."""
    there = set(Cadence.objects.filter(account=account, deleted_at__isnull=True).values_list("type", flat=True))
    return [one for one in cadences_of(account.tier) if one.type not in there]


def kick_off_defaults(ctx: Context, account: Account) -> list[Any]:
    """Create the cadences of the account's tier that it lacks, with its owner as chair, from the next business day a week
    ahead. Returns them; one batch. Raises `Refused` where none is missing.
    """
    missing = defaults_for(account)
    if not missing:
        raise Refused("The account has a cadence of each type its tier starts with.")
    chair = account.owner_id or ctx.actor.user_id
    first = workdays().shift(ctx.today + timedelta(days=6), 1)
    batch = ctx.batched()
    made = []
    with transaction.atomic():
        for one in missing:
            data: dict[str, Any] = {
                "account": account.pk, "name": one.name, "type": one.type, "frequency": one.frequency,
                "anchor_on": first, "duration_min": one.minutes, "chair": chair, "participants": [chair] if chair else [],
            }  # fmt: skip
            made.append(records.create(batch, registry.get("cadence"), data))
    return made


def _set(batch: Context, cadence: Cadence, moments: Iterable[datetime]) -> list[Any]:
    rtype = registry.get("meeting")
    return [
        records.create(batch, rtype, {"account": cadence.account_id, "cadence": cadence.pk, "at": at}) for at in moments
    ]


def _moments(ctx: Context, cadence: Cadence, until: date | None) -> list[datetime]:
    if not _steady(cadence):
        raise Refused("Only an active cadence with a frequency and a first meeting can be scheduled.")
    return _rhythm(cadence, ctx.today, until or month_later(ctx.today, MONTHS_AHEAD))


def _steady(cadence: Cadence) -> bool:
    return cadence.active and cadence.frequency != "ad_hoc" and cadence.anchor_on is not None


def _rhythm(cadence: Cadence, start: date, end: date) -> list[datetime]:
    assert cadence.anchor_on is not None
    shift = bool(setting("rhythm.shift_weekend"))
    days = rhythm.sittings(cadence.frequency, cadence.anchor_on, start, end, workdays(), shift=shift)
    zone, clock = _zone(cadence), cadence.at_time or TEN
    return [datetime.combine(day, clock, zone) for day in days]


def _zone(cadence: Cadence) -> ZoneInfo:
    return zone_named(cadence.time_zone) if cadence.time_zone else book_zone()
