"""`trackline portfolio`: what open routes may bring, and how good earlier forecasts were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import click

from trackline.book.queries.accuracy import BY as ACCURACY_BY
from trackline.book.queries.accuracy import MOST, PERIODS, accuracy
from trackline.book.queries.forecast import forecast
from trackline.book.queries.pipeline import BY, STATES, pipeline
from trackline.delivery.cli.caller import operator
from trackline.delivery.cli.options import as_of_option, narrowed
from trackline.delivery.cli.output import examples, json_option, print_json, print_table
from trackline.kit import formats

from .words import money_in, tell


@click.command(
    "forecast", epilog=examples("trackline portfolio forecast", "trackline portfolio forecast --target 2500000 --json")
)
@click.option("--target", type=click.FloatRange(min=0), help="A total whose chance is asked for.")
@narrowed
@as_of_option
@json_option
def forecast_(target: float | None, as_of: date | None, as_json: bool, filters: dict[str, str]) -> None:
    """What the open routes bring in: mean and quantiles of all outcomes, weighted value, commit, by quarter and target.

    The distribution is exact wherever it can be computed. Commit is what is promised for the fiscal quarter: probability of
    80 or more, pursued, closing in it.
    """
    ctx = operator()
    found = forecast(ctx, as_of or ctx.today, None if target is None else Decimal(repr(target)), filters)
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    quantiles = found["quantiles"]
    click.echo(f"{found['count']:,} open routes, {money(found['gross'])}, as of {found['as_of']}")
    click.echo(f"Mean {money(found['mean'])} ± {money(found['sd'])}, weighted {money(found['weighted'])}")
    click.echo(
        f"One in ten below {money(quantiles['p10'])}, half below {money(quantiles['p50'])}, one in ten above {money(quantiles['p90'])}"
    )
    click.echo(f"Commit for {found['quarter']}: {money(found['commit'])}")
    coverage = found["coverage"]
    if coverage["value"] is not None:
        times = formats.number(coverage["value"], 1)
        click.echo(f"Covers the target of {coverage['from']} to {coverage['to']} {times} times: {coverage['band']}")
    click.echo()
    rows = [
        (row["quarter"] or "no date", row["count"], money(row["gross"]), money(row["weighted"]), money(row["commit"]),
         money(row["won"]), *_aim(row, money))
        for row in found["by_quarter"]
    ]  # fmt: skip
    headings = ("Quarter", "Routes", "Value", "Weighted", "Commit", "Won", "Target", "Chance")
    print_table(headings, rows, "No open route has a value." if found["without_value"] else "No route is open.")
    tell(found["notes"])


@click.command(
    "accuracy", epilog=examples("trackline portfolio accuracy --by quarter", "trackline portfolio accuracy --json")
)
@click.option("--by", type=click.Choice(ACCURACY_BY), default="month", show_default=True, help="Months or quarters.")
@click.option("--periods", type=click.IntRange(1, MOST), default=PERIODS, show_default=True, help="How many of them.")
@narrowed
@json_option
def accuracy_(by: str, periods: int, as_json: bool, filters: dict[str, str]) -> None:
    """How close past forecasts came: what the routes said on the eve of each period against what was won in it.

    Routes are seen as they stood then, out of the history of their changes.
    """
    found = accuracy(operator(), by, periods, filters)
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    rows = [
        (row["period"], "not known" if row["forecast"] is None else money(row["forecast"]), money(row["won"]),
         _signed(row["difference_pct"]), "" if row["target"] is None else money(row["target"]))
        for row in found["rows"]
    ]  # fmt: skip
    print_table((by.capitalize(), "Forecast", "Won", "Off", "Target"), rows, "")
    if found["accuracy_pct"] is not None:
        words = "within 10 %" if found["ok"] else "beyond 10 %"
        click.echo(f"The last {found['rolling']} together: {_signed(found['accuracy_pct'])}, {words}")
    owners = [
        (row["name"], money(row["forecast"]), money(row["won"]), _signed(row["accuracy_pct"]))
        for row in found["owners"]
    ]
    if owners:
        click.echo()
        print_table(("Owner", "Forecast", "Won", "Off"), owners, "")
    tell(found["notes"])


def _signed(pct: Any) -> str:
    return "" if pct is None else f"{'+' if pct > 0 else ''}{formats.percent(pct, 1)}"


@click.command("pipeline", epilog=examples("trackline portfolio pipeline --by quarter --state won --json"))
@click.option("--by", type=click.Choice(BY), required=True, help="What to add up by.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Which routes.")
@as_of_option
@json_option
def pipeline_(by: str, state: str, as_of: date | None, as_json: bool) -> None:
    """Value and count of routes by quarter, owner, product, account, group or stage.

    A quarter is the fiscal one in which a route closed, or is expected to.
    """
    ctx = operator()
    found = pipeline(ctx, as_of or ctx.today, by, state)
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    rows = [(row["name"], row["count"], money(row["value"])) for row in found["rows"]]
    print_table((by.capitalize(), "Routes", "Value"), rows, f"No route is {state}.")
    tell(found["notes"])


def _aim(row: dict[str, Any], money: Callable[[Any], str]) -> tuple[str, str]:
    if row["target"] is None:
        return "", ""
    return money(row["target"]), formats.percent(row["p_target_pct"], 0)
