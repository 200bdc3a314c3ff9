"""`trackline refresh`."""

from __future__ import annotations

import click

from trackline.accounts import completeness
from trackline.accounts.models import Account
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.kit.records import queries
from trackline.kit.records.types import registry
from trackline.reveal.services import refresh_goals

from .caller import operator
from .output import examples, json_option, print_json, progress

ACCOUNTS_AT_ONCE = 500


@click.command(epilog=examples("trackline refresh", "trackline refresh --account nordwind"))
@click.option("--account", metavar="KEY", help="Only the account with this key.")
@json_option
def command(account: str | None, as_json: bool) -> None:
    """Compute anew what is stored of computed values: status of goals, completeness of each account's sections,
    health.

    Writes keep these in step; run this daily, since some of them also change as days pass.
    """
    ctx = operator()
    if account:
        ids = [queries.get(ctx, registry.get("account"), account).pk]
    else:
        ids = list(Account.objects.alive().order_by("pk").values_list("pk", flat=True))
    with progress("Refreshing", len(ids)) as advance:
        for start in range(0, len(ids), ACCOUNTS_AT_ONCE):
            batch = ids[start : start + ACCOUNTS_AT_ONCE]
            refresh_goals(ctx, batch)
            completeness.store(batch, ctx.today)
            refresh_scores(batch, ctx.today, at=ctx.now)
            advance(len(batch))
    if as_json:
        print_json({"accounts": len(ids)})
    else:
        click.echo(f"{len(ids):,} account(s) refreshed.")
