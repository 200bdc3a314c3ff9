"""What writes of stand-up entries mean: one an account and week, ticked and taken back. Source: HLT-05."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trackline.book.models import StandUpEntry
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry

Links = dict[str, list[int]]


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def prepare_entry(_ctx: Context, entry: Any, _changed: set[str], _links: Links) -> None:
    """Keep the Monday of the week; refuse a second entry of an account in a week."""
    entry.week_on = week_of(entry.week_on)
    same = StandUpEntry.objects.alive().filter(account=entry.account_id, week_on=entry.week_on).exclude(pk=entry.pk)
    if same.exists():
        raise Invalid.fields({"week_on": "The account has an entry for this week. Change that one."})


def discuss(ctx: Context, account: Any, yes: bool) -> Any:
    """Tick an account as discussed at this week's stand-up, or take the tick back; return the entry, with its change.

    Ticking twice changes nothing. Raises `NotFound` for accounts out of scope and for a tick that is not there.
    """
    rtype = registry.get("stand_up_entry")
    found = get(ctx, registry.get("account"), account)
    entry = scoped(ctx, rtype).filter(account=found.pk, week_on=week_of(ctx.today)).first()
    if not yes:
        if entry is None:
            raise NotFound("The account is not ticked for this week.")
        return records.delete(ctx, rtype, entry.pk)
    return entry or records.create(ctx, rtype, {"account": found.pk})
