"""Keeps scorecards in step: those of an account with the readings and scores of it, the others every night."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trackline.accounts import upkeep
from trackline.accounts.gathering import is_gathered
from trackline.accounts.services import observations as bulk
from trackline.book.cards.keeping import WATCHED, Kept, keep_scorecards
from trackline.book.models import Scorecard
from trackline.kit.policy import Context, system_context
from trackline.kit.records import services


def listen() -> None:
    """Subscribe to readings, one by one and in bulk; be part of the upkeep of accounts."""
    services.subscribers.append(_on_write)
    bulk.listeners.append(_on_readings)
    upkeep.after_scores(keep_accounts)


def keep_accounts(ctx: Context, ids: Collection[int] | Sequence[int]) -> Kept:
    """Judge the watched cards of some accounts as of today; one query where they have none."""
    rows = Scorecard.objects.alive().filter(state__in=WATCHED, account__in=list(ids)).values_list("pk", flat=True)
    found = list(rows)
    return keep_scorecards(system_context(ctx.now, ctx.via), only=found) if found else Kept()


def keep_portfolio(ctx: Context) -> Kept:
    """Judge the watched cards of managers and of the book as of today, and pass late answers on."""
    rows = Scorecard.objects.alive().filter(state__in=WATCHED, account=None).values_list("pk", flat=True)
    return keep_scorecards(ctx, only=list(rows))


def _on_readings(ctx: Context, pairs: set[tuple[int, int]]) -> None:
    keep_accounts(ctx, {account for account, _ in pairs})


def _on_write(ctx: Context, event: services.WriteEvent) -> None:
    if event.account_id is None or event.rtype.name != "observation" or is_gathered(event.account_id):
        return
    keep_accounts(ctx, [event.account_id])
