"""`trackline refresh`."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click
from django.utils import timezone

from trackline.accounts import completeness
from trackline.accounts.rulebook import book, pending
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.book.scoring.keeping import refresh_ranking
from trackline.choose.checking import settle as settle_steps
from trackline.kickoff.measuring import keep_metrics
from trackline.kit.policy import Context
from trackline.kit.records import queries
from trackline.kit.records.types import registry
from trackline.reveal.goals import refresh_goals
from trackline.watch.engine import Outcome, watch_accounts
from trackline.watch.models import Alert

from .caller import operator
from .output import examples, json_option, note, print_json, progress


@click.command(epilog=examples("trackline refresh", "trackline refresh --account nordwind"))
@click.option("--account", metavar="KEY", help="Only the account with this key.")
@json_option
def command(account: str | None, as_json: bool) -> None:
    """Compute anew what is stored of computed values: status of goals, completeness of each account's sections,
    scores with their ledger, the ranking of the whole book; and look whether a signal fires.

    Writes keep these in step; run this daily, since some of them also change as days pass. A run over the whole book
    that was stopped goes on where it was when it is started again on the same day. What a change of the rulebook left to be
    computed comes first, and versions whose day has come.
    """
    ctx, begun, alerts = operator(), time.monotonic(), Outcome()
    brought = _bring_in(ctx)
    if account:
        _refresh(ctx, [queries.get(ctx, registry.get("account"), account).pk], alerts)
        done, resumed_after = 1, 0
    else:
        done, resumed_after = _whole_book(ctx, alerts)
    # Those that health raised while scores were kept count too.
    alerts.fired = Alert.objects.filter(created_at__gte=ctx.now, created_by__isnull=True).count()
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        told = {"fired": alerts.fired, "repeated": alerts.repeated, "cleared": alerts.cleared}
        print_json(
            {"accounts": done, "resumed_after": resumed_after, "pending": brought, "alerts": told, "seconds": seconds}
        )
    else:
        click.echo(f"{done:,} account(s) refreshed in {seconds:,} s.")
        click.echo(f"Alerts: {alerts.fired:,} new, {alerts.repeated:,} repeated, {alerts.cleared:,} over.")


def _bring_in(ctx: Context) -> int:
    """Compute what changes of the rulebook left pending, and what those make necessary whose day has come."""
    pending.begin(ctx.today)
    waiting = pending.count()
    if not waiting:
        return 0
    with progress("Bringing in what was changed", waiting) as advance:
        return pending.settle_all(ctx.now, ctx.today, advance)


def _whole_book(ctx: Context, alerts: Outcome) -> tuple[int, int]:
    found = book.begin(ctx.today, ctx.now)
    if found.resumed_after:
        note(f"Going on after {found.resumed_after:,} accounts that were done today.")
    with progress("Refreshing", found.total) as advance:
        advance(found.resumed_after)
        done = found.go(lambda ids: _refresh(ctx, ids, alerts), advance)
    refresh_ranking(ctx, ctx.today)
    found.finish(timezone.now())
    return done, found.resumed_after


def _refresh(ctx: Context, ids: Sequence[int], alerts: Outcome) -> None:
    refresh_goals(ctx, list(ids))
    completeness.store(list(ids), ctx.today)
    keep_metrics(ctx, ids)
    refresh_scores(ids, ctx.today, at=ctx.now)
    settle_steps(ctx, ids)
    found = watch_accounts(ctx, ids)
    alerts.repeated += found.repeated
    alerts.cleared += found.cleared
