"""`trackline alerts`: what needs somebody, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from trackline.kit.policy import Context
from trackline.kit.records.queries import ListParams, filtered, resolve, stored_json
from trackline.kit.records.types import registry
from trackline.watch import services
from trackline.watch.models import Alert
from trackline.workspace.queries.alerts.rows import GRAVITY, OPEN, by_urgency, late, rows_of

from .caller import operator, user_named
from .output import examples, json_option, print_json, print_table


@click.group("alerts", epilog=examples("trackline alerts list --severity critical", "trackline alerts acknowledge 12"))
def command() -> None:
    """List alerts, the gravest first, and answer them."""


@command.command(
    "list",
    epilog=examples(
        "trackline alerts list", "trackline alerts list --account nordwind --late", "trackline alerts list --json"
    ),
)
@click.option("--account", metavar="KEY", help="Only of the account with this key or id.")
@click.option("--severity", type=click.Choice(list(GRAVITY)), help="Only of this severity.")
@click.option("--owner", metavar="NAME", help="Only those of the person with this sign-in name.")
@click.option("--late", "only_late", is_flag=True, help="Only those whose clock ran out.")
@click.option("--settled", is_flag=True, help="Those closed and dismissed instead of the open ones.")
@json_option
def listing(
    account: str | None, severity: str | None, owner: str | None, only_late: bool, settled: bool, as_json: bool
) -> None:
    """Show alerts: the gravest first, then those whose clock runs out first. As JSON each is told as the API tells it."""
    ctx, rtype = operator(), registry.get("alert")
    query = filtered(ctx, rtype, ListParams())
    query = query.filter(state__in=services.SETTLED) if settled else query.filter(OPEN)
    if account:
        query = query.filter(account=resolve(ctx, registry.get("account"), account))
    if severity:
        query = query.filter(severity=severity)
    if owner:
        query = query.filter(owner=user_named(owner))
    if only_late:
        query = query.filter(late(ctx.now))
    rows = rows_of(ctx, by_urgency(query))
    if as_json:
        print_json({"items": [stored_json(ctx, rtype, row.alert.pk) for row in rows]})
        return
    print_table(
        ("Id", "Severity", "Account", "Alert", "Owner", "Waits for"),
        [
            (
                row.alert.pk,
                row.alert.get_severity_display(),
                row.alert.account.name,
                row.alert.title,
                row.alert.owner.name if row.alert.owner else "",
                row.clock.words if row.clock else row.alert.get_state_display().lower(),
            )
            for row in rows
        ],
        "No alert.",
    )


@command.command("acknowledge", epilog=examples("trackline alerts acknowledge 12 --owner katrin-vogel"))
@click.argument("number", metavar="ID")
@click.option("--owner", metavar="NAME", help="Who answers; default: who owns it.")
@json_option
def acknowledge(number: str, owner: str | None, as_json: bool) -> None:
    """Take an alert on."""
    person = user_named(owner).pk if owner else None
    _run(number, as_json, lambda ctx, pk: services.acknowledge(ctx, pk, owner=person))


@command.command(
    "close", epilog=examples("trackline alerts close 12 --verdict true_positive --note 'Met the successor'")
)
@click.argument("number", metavar="ID")
@click.option("--verdict", type=click.Choice(services.JUDGED), required=True, help="Whether it was real.")
@click.option("--note", required=True, help="What was done about it.")
@json_option
def close(number: str, verdict: str, note: str, as_json: bool) -> None:
    """Close an alert with a verdict and what was done."""
    _run(number, as_json, lambda ctx, pk: services.close(ctx, pk, verdict=verdict, note=note))


@command.command("dismiss", epilog=examples("trackline alerts dismiss 12 --reason 'Our own trainer asked'"))
@click.argument("number", metavar="ID")
@click.option("--reason", required=True, help="Why it is no alarm.")
@json_option
def dismiss(number: str, reason: str, as_json: bool) -> None:
    """Put an alert aside as a false alarm."""
    _run(number, as_json, lambda ctx, pk: services.dismiss(ctx, pk, reason))


def _run(number: str, as_json: bool, act: Callable[[Context, int], Any]) -> None:
    ctx, rtype = operator(), registry.get("alert")
    pk = resolve(ctx, rtype, number)
    act(ctx, pk)
    if as_json:
        print_json(stored_json(ctx, rtype, pk))
    else:
        alert = Alert.objects.get(pk=pk)
        click.echo(f"{alert.title}: {alert.get_state_display().lower()}.")
