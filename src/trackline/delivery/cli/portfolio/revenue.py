"""`trackline portfolio`: revenue that stays, renews or is at risk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import click

from trackline.book.queries.at_risk import at_risk, told
from trackline.book.queries.renewals import renewals
from trackline.book.queries.retention import retention
from trackline.delivery.cli.caller import operator
from trackline.delivery.cli.options import Day, as_of_option, narrowed
from trackline.delivery.cli.output import examples, json_option, print_json, print_table
from trackline.kit import formats

from .words import money_in, tell


@click.command("retention", epilog=examples("trackline portfolio retention --from 2025-12-31 --to 2026-12-31 --json"))
@click.option("--from", "start", type=Day(), metavar="DATE", help="The first day. [default: a year before the last]")
@click.option("--to", "end", type=Day(), metavar="DATE", help="The last day. [default: that of --as-of]")
@as_of_option
@json_option
def retention_(start: date | None, end: date | None, as_of: date | None, as_json: bool) -> None:
    """What the ARR of one day became by a later one: expansion, contraction, churn, net and gross retention."""
    ctx = operator()
    last = end or as_of or ctx.today
    found = retention(ctx, start or last - timedelta(days=365), last)
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    rows = [
        ("Starting ARR", money(found["starting_arr"])),
        ("Expansion", money(found["expansion"])),
        ("Contraction", money(found["contraction"])),
        ("Churn", money(found["churn"])),
        ("Ending ARR", money(found["ending_arr"])),
        ("Net retention", formats.percent(found["nrr_pct"], 1)),
        ("Gross retention", formats.percent(found["grr_pct"], 1)),
    ]
    print_table((f"{found['from']} to {found['to']}", f"{found['accounts']:,} accounts"), rows, "")
    if found["reasons"]:
        reasons = [
            (
                one["reason"] or "nobody said why",
                money(one["churn"]),
                money(one["contraction"]),
                ", ".join(account["name"] for account in one["accounts"]),
            )
            for one in found["reasons"]
        ]
        print_table(("Why", "Churn", "Contraction", "Accounts"), reasons, "")
    tell(found["notes"])


@click.command(
    "renewals",
    epilog=examples("trackline portfolio renewals --days 180", "trackline portfolio renewals --region EMEA --json"),
)
@click.option("--days", type=click.IntRange(min=0), help="Only those due within so many days.")
@narrowed
@as_of_option
@json_option
def renewals_(days: int | None, as_of: date | None, as_json: bool, filters: dict[str, str]) -> None:
    """Which accounts renew when, for how much, soonest first, with forecast and what speaks against each."""
    ctx = operator()
    found = renewals(ctx, as_of or ctx.today, days, filters)
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    rows = [
        (row["renewal_date"], row["days"], row["name"], f"T{row['tier']}" if row["tier"] else "",
         row["category"].replace("_", " "), row["risk"], "" if row["arr"] is None else money(row["arr"]))
        for row in found["rows"]
    ]  # fmt: skip
    print_table(("Renews", "Days", "Account", "Tier", "Forecast", "Risk", "ARR"), rows, "No renewal is due.")
    tell(found["notes"])


@click.command("at-risk", epilog=examples("trackline portfolio at-risk", "trackline portfolio at-risk --tier 1 --json"))
@narrowed
@json_option
def at_risk_(as_json: bool, filters: dict[str, str]) -> None:
    """Accounts at risk for the weekly stand-up: why, ARR at stake, renewal, recovery, what changed in seven days.

    Below them stand those that left the list, and accounts whose health and money part.
    """
    found = at_risk(operator(), filters)
    if as_json:
        print_json(told(found))
        return
    money = money_in(found["currency"])
    counted = "1 account" if found["count"] == 1 else f"{found['count']:,} accounts"
    click.echo(f"{counted} at risk with {money(found['arr'])}, {found['discussed']:,} discussed this week")
    rows = [
        (row["name"], "" if row["arr"] is None else money(row["arr"]), "" if row["days"] is None else f"{row['days']} d",
         _recovering(row["recovery"]), "yes" if row["discussed"] else "", row["why"])
        for row in found["rows"]
    ]  # fmt: skip
    print_table(("Account", "ARR", "Renews", "Recovery", "Discussed", "Why"), rows, "No account is at risk.")
    for row in found["rows"]:
        if row["changes"]:
            click.echo(f"Since last week: {row['name']}: {'; '.join(row['changes'])}")
    for one in found["left"]:
        click.echo(f"Left the list: {one['name']} ({one['was']})")
    if found["disagreements"]:
        click.echo("\nScore and money part")
        parted = [
            (one["name"], one["words"], formats.number(one["health"], 0), ", ".join(one["signs"]))
            for one in found["disagreements"]
        ]
        print_table(("Account", "", "Health", "Against it"), parted, "")
    tell(found["notes"])


def _recovering(plan: dict[str, Any] | None) -> str:
    if plan is None:
        return "none"
    late = f", {plan['overdue']} late" if plan["overdue"] else ""
    return f"{plan['state']}, {plan['done']} of {plan['total']}{late}"
