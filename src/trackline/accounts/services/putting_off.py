"""Leaving a next best action for later, and taking that back."""

from __future__ import annotations

import re
from datetime import timedelta

from trackline.accounts.models import Account, PutOff
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid

MOST_DAYS = 365
_WHAT = re.compile(r"[a-z_]{1,40}:[\w.-]{1,70}")


def put_off(ctx: Context, account: Account, what: str, title: str, days: int) -> PutOff:
    """Leave an action of an account alone for some days from today; it comes back by itself. Raises `Invalid`.

    The account must be one that the actor sees.
    """
    ctx.require(WRITE)
    if not _WHAT.fullmatch(what):
        raise Invalid.fields({"what": "There is no such action."})
    if not 1 <= days <= MOST_DAYS:
        raise Invalid.fields({"days": f"From 1 to {MOST_DAYS} days are expected."})
    until = ctx.today + timedelta(days=days)
    found: PutOff = PutOff.objects.create(
        account=account, what=what, title=title[:300], until=until, at=ctx.now, by_id=ctx.actor.user_id
    )
    return found


def bring_back(ctx: Context, account: Account, what: str) -> int:
    """Show an action again before its day; returns how many times it had been put off."""
    ctx.require(WRITE)
    running = PutOff.objects.filter(account=account, what=what, ended_at__isnull=True, until__gt=ctx.today)
    return running.update(ended_at=ctx.now)
