"""Signals about contacts: who left, who went silent, whether the account hangs by one, champions won and lost; three queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from trackline.accounts.models import Contact
from trackline.accounts.rulebook.sources import origin
from trackline.accounts.rules.stakeholder_map import is_active
from trackline.kit.days import day_start
from trackline.kit.history.models import Change
from trackline.track.models import Interaction
from trackline.watch.evidence.sight import Sight, Sights, Watched

SPONSOR, CHAMPION = "watch.signal.sponsor_exit", "watch.signal.champion_exit"
THREAD, TOUCH = "watch.signal.single_thread", "watch.signal.touch_overdue"
VELOCITY = "watch.signal.champion_velocity"
RULES = (SPONSOR, CHAMPION, THREAD, TOUCH, VELOCITY)
CHAMPION_ROLE = "champion"
GONE = ("moved", "departed")
EXECUTIVE = ("c_suite", "vp")
LOOK_BACK = timedelta(days=400)
"""Who left before is not looked at, whatever an administrator lets count."""


def sights(watched: Watched, window_days: int) -> Sights:
    """Yield what signals see of the contacts of accounts; champions are counted over `window_days`."""
    if not watched.among(*RULES):
        return
    rows = Contact.objects.filter(
        Q(status="active") | Q(status_on__gte=watched.today - LOOK_BACK), deleted_at=None, account__in=watched.ids
    )
    touched = _touches(watched) if watched.past and watched.among(THREAD, TOUCH) else None
    if watched.past:
        rows = rows.filter(created_at__lt=watched.until)
    else:
        # Who came today and was never in touch says nothing yet: after an import, all there are.
        rows = rows.exclude(status="active", last_touch_on=None, created_at__gte=day_start(watched.today))
    active: dict[int, list[Any]] = {}
    known: set[int] = set()
    columns = (
        "pk", "account_id", "name", "status", "status_on", "buying_role", "is_exec_sponsor", "seniority", "influence",
        "touch_days", "last_touch_on", "owner_id", "created_at",
    )  # fmt: skip
    for one in rows.order_by("account", "-influence", "pk").values_list(*columns, named=True):
        if touched is not None:
            one = one._replace(last_touch_on=touched.get(one.pk))
        if one.last_touch_on is not None:
            known.add(one.account_id)
        if one.status in GONE and not _stays(one, watched):
            yield from _exits(one, watched)
            continue
        if is_active(one.last_touch_on, watched.today):
            active.setdefault(one.account_id, []).append(one)
        yield from _touch(one, watched)
    # Where no touch was ever recorded, as after an import, nobody can tell who is in touch.
    for account in sorted(known):
        held = active.get(account, [])
        says = f"Only {held[0].name} is in touch" if held else "No contact is in touch"
        told = [origin("contact", one.pk, one.name, one.last_touch_on, watched.today) for one in held[:5]]
        yield THREAD, Sight(account, {"active_contacts": len(held)}, says, sources=told)
    if VELOCITY in watched.signals:
        yield from _velocity(watched, window_days)


def _touches(watched: Watched) -> Mapping[int, date]:
    """The last two-way touch of each contact up to a day that is over, out of interactions."""
    rows = Interaction.objects.filter(
        deleted_at=None, account__in=watched.ids, two_way=True, on__lte=watched.today, contacts__isnull=False
    )
    return dict(rows.order_by().values_list("contacts").annotate(last=Max("on")))


def _stays(one: Any, watched: Watched) -> bool:
    """Whether somebody who is gone was still there on a day that is over."""
    return watched.past and one.status_on is not None and one.status_on > watched.today


def _exits(one: Any, watched: Watched) -> Sights:
    if one.status_on is None or one.status_on > watched.today:
        return
    ago = {"days_ago": [(watched.today - one.status_on).days]}
    told = [origin("contact", one.pk, one.name, one.status_on, watched.today)]
    left = "left" if one.status == "departed" else "moved on"
    same = {"subject": f"contact:{one.pk}", "occurrence": one.status_on.isoformat(), "sources": told}
    if one.is_exec_sponsor or (one.buying_role == "economic_buyer" and one.seniority in EXECUTIVE):
        yield SPONSOR, Sight(one.account_id, ago, f"{one.name} {left}", owner_id=one.owner_id, **same)
    elif one.buying_role == CHAMPION_ROLE:
        yield CHAMPION, Sight(one.account_id, ago, f"{one.name} {left}", owner_id=one.owner_id, **same)


def _touch(one: Any, watched: Watched) -> Sights:
    since = one.last_touch_on or timezone.localdate(one.created_at)
    days = (watched.today - since).days
    if days <= 0:
        return  # nobody is silent since today, whatever the limits
    champion = one.buying_role == CHAMPION_ROLE or one.is_exec_sponsor
    given = {"days": days, "champion": champion, "influence": one.influence, "every_days": one.touch_days}
    words = f"{one.name}: {days} days without a touch" if one.last_touch_on else f"{one.name}: no touch on record"
    told = [origin("contact", one.pk, one.name, since, watched.today)]
    yield TOUCH, Sight(one.account_id, given, words, f"contact:{one.pk}", sources=told, owner_id=one.owner_id)


def _velocity(watched: Watched, window_days: int) -> Sights:
    """Champions won and lost over the window: who came or left as one, and whose role became or ceased to be that."""
    since = watched.today - timedelta(days=window_days)
    people = Contact.objects.filter(deleted_at=None, account__in=watched.ids)
    moved: dict[int, set[bool]] = {}
    rows = Change.objects.filter(
        record_type="contact", action=Change.Action.UPDATE, account_id__in=watched.ids, at__date__gt=since,
        at__date__lte=watched.today, changes__has_key="buying_role",
    )  # fmt: skip
    for pk, changes in rows.order_by("at", "pk").values_list("record_id", "changes"):
        before, after = changes["buying_role"]
        if CHAMPION_ROLE in (before, after):
            moved.setdefault(pk, set()).add(after == CHAMPION_ROLE)
    role = Q(buying_role=CHAMPION_ROLE)
    lost_now = role & Q(status__in=GONE, status_on__gt=since, status_on__lte=watched.today)
    new_now = role & Q(created_at__date__gt=since)
    gained: dict[int, int] = {}
    lost: dict[int, list[Any]] = {}
    found = people.filter(lost_now | new_now | Q(pk__in=list(moved)))
    for one in found.values_list(
        "pk", "account_id", "name", "status", "status_on", "buying_role", "created_at", named=True
    ):
        is_one = one.buying_role == CHAMPION_ROLE
        left = is_one and one.status in GONE and one.status_on is not None and since < one.status_on <= watched.today
        came = is_one and (True in moved.get(one.pk, ()) or timezone.localdate(one.created_at) > since)
        gained[one.account_id] = gained.get(one.account_id, 0) + came
        if left or (not is_one and False in moved.get(one.pk, ())):
            lost.setdefault(one.account_id, []).append(one)
    for account, gone in sorted(lost.items()):
        told = [origin("contact", one.pk, one.name, one.status_on, watched.today) for one in gone[:5]]
        won = gained.get(account, 0)
        says = f"{len(gone)} lost, {won} won in {window_days} days"
        yield VELOCITY, Sight(account, {"gained": won, "lost": len(gone)}, says, sources=told)
