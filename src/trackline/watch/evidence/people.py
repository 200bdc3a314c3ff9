"""Signals about contacts: who left, who went silent, whether the account hangs by one; one query."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Contact
from trackline.accounts.rulebook.sources import origin
from trackline.accounts.rules.stakeholder_map import is_active
from trackline.watch.evidence.sight import Sight, Sights, Watched

SPONSOR, CHAMPION = "watch.signal.sponsor_exit", "watch.signal.champion_exit"
THREAD, TOUCH = "watch.signal.single_thread", "watch.signal.touch_overdue"
RULES = (SPONSOR, CHAMPION, THREAD, TOUCH)
GONE = ("moved", "departed")
EXECUTIVE = ("c_suite", "vp")
LOOK_BACK = timedelta(days=400)
"""Who left before is not looked at, whatever an administrator lets count."""


def sights(watched: Watched) -> Sights:
    """Yield what signals see of the contacts of accounts."""
    if not watched.among(*RULES):
        return
    rows = Contact.objects.filter(
        Q(status="active") | Q(status_on__gte=watched.today - LOOK_BACK), deleted_at=None, account__in=watched.ids
    )
    active: dict[int, list[Any]] = {}
    listed: set[int] = set()
    columns = (
        "pk", "account_id", "name", "status", "status_on", "buying_role", "is_exec_sponsor", "seniority", "influence",
        "touch_days", "last_touch_on", "owner_id", "created_at",
    )  # fmt: skip
    for one in rows.order_by("account", "-influence", "pk").values_list(*columns, named=True):
        listed.add(one.account_id)
        if one.status in GONE:
            yield from _exits(one, watched)
            continue
        if is_active(one.last_touch_on, watched.today):
            active.setdefault(one.account_id, []).append(one)
        yield _touch(one, watched)
    for account in sorted(listed):
        held = active.get(account, [])
        says = f"Only {held[0].name} is in touch" if held else "No contact is in touch"
        told = [origin("contact", one.pk, one.name, one.last_touch_on, watched.today) for one in held[:5]]
        yield THREAD, Sight(account, {"active_contacts": len(held)}, says, sources=told)


def _exits(one: Any, watched: Watched) -> Sights:
    if one.status_on is None or one.status_on > watched.today:
        return
    ago = {"days_ago": [(watched.today - one.status_on).days]}
    told = [origin("contact", one.pk, one.name, one.status_on, watched.today)]
    left = "left" if one.status == "departed" else "moved on"
    same = {"subject": f"contact:{one.pk}", "occurrence": one.status_on.isoformat(), "sources": told}
    if one.is_exec_sponsor or (one.buying_role == "economic_buyer" and one.seniority in EXECUTIVE):
        yield SPONSOR, Sight(one.account_id, ago, f"{one.name} {left}", owner_id=one.owner_id, **same)
    elif one.buying_role == "champion":
        yield CHAMPION, Sight(one.account_id, ago, f"{one.name} {left}", owner_id=one.owner_id, **same)


def _touch(one: Any, watched: Watched) -> tuple[str, Sight]:
    since = one.last_touch_on or one.created_at.date()
    days = max((watched.today - since).days, 0)
    champion = one.buying_role == "champion" or one.is_exec_sponsor
    given = {"days": days, "champion": champion, "influence": one.influence, "every_days": one.touch_days}
    words = f"{one.name}: {days} days without a touch" if one.last_touch_on else f"{one.name}: no touch on record"
    told = [origin("contact", one.pk, one.name, since, watched.today)]
    return TOUCH, Sight(one.account_id, given, words, f"contact:{one.pk}", sources=told, owner_id=one.owner_id)
