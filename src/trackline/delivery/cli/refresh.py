"""`trackline refresh`."""

from __future__ import annotations

import time

import click

from trackline.accounts.rulebook import book, pending
from trackline.delivery.upkeep import refreshing
from trackline.kit.policy import Context
from trackline.kit.records import queries
from trackline.kit.records.types import registry

from .caller import operator
from .output import examples, json_option, note, print_json, progress


@click.command(epilog=examples("trackline refresh", "trackline refresh --account nordwind"))
@click.option("--account", metavar="KEY", help="Only the account with this key.")
@json_option
def command(account: str | None, as_json: bool) -> None:
    """Compute anew what is stored of computed values: status of goals, completeness of each account's sections,
    scores with their ledger, the ranking of the whole book; and look whether a signal fires.

    Writes keep these in step, and `trackline worker` does this every night, since some of them also change as days pass. A run over the whole book
    that was stopped goes on where it was when it is started again on the same day. What a change of the rulebook left to be
    computed comes first, and versions whose day has come.
    """
    ctx, begun = operator(), time.monotonic()
    brought = _bring_in(ctx)
    if account:
        pending.bring_up(ctx, [queries.get(ctx, registry.get("account"), account).pk])
        done, resumed_after = 1, 0
    else:
        done, resumed_after = _whole_book(ctx)
    alerts = refreshing.alerts_since(ctx)
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
    waiting = refreshing.waiting(ctx)
    if not waiting:
        return 0
    with progress("Bringing in what was changed", waiting) as advance:
        return refreshing.bring_in(ctx, advance)


def _whole_book(ctx: Context) -> tuple[int, int]:
    found = book.begin(ctx.today, ctx.now)
    if found.resumed_after:
        note(f"Going on after {found.resumed_after:,} accounts that were done today.")
    with progress("Refreshing", found.total) as advance:
        advance(found.resumed_after)
        done = refreshing.refresh_book(ctx, found, advance)
    return done, found.resumed_after
