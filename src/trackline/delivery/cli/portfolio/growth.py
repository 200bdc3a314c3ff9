"""`trackline portfolio`: where accounts can grow: white space, readiness, initiatives."""

from __future__ import annotations

import click

from trackline.book.queries.initiatives import initiatives
from trackline.book.queries.readiness import SHOWS as READY
from trackline.book.queries.readiness import readiness_json
from trackline.book.queries.whitespace import SHOWS as CELLS
from trackline.book.queries.whitespace import whitespace
from trackline.book.rules.quadrants import NEXT
from trackline.delivery.cli.caller import operator
from trackline.delivery.cli.options import narrowed
from trackline.delivery.cli.output import examples, json_option, print_json, print_table
from trackline.kit import formats

from .words import money_in, tell


@click.command("whitespace", epilog=examples("trackline portfolio whitespace --show go --tier 1"))
@click.option("--show", type=click.Choice(CELLS), help="Only cells of which this is so.")
@narrowed
@json_option
def whitespace_(show: str | None, as_json: bool, filters: dict[str, str]) -> None:
    """What could still be sold: open cells of business unit × product, the highest priority first.

    `hot`: signals speak for it and the money is there. `go`: the score lets it be pursued. `backlog`: it is below the cut. `unscored`: nobody scored it. `unvalued`: it has no
    value. `pursued`: a route is open. `stale`: the value is old.
    """
    found = whitespace(operator(), filters, show or "")
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    rows = [
        (formats.number(row["priority"], 0) if row["priority"] is not None else "", "go" if row["go"] else "",
         f"{row['signals']}, hot" if row["hot"] else row["signals"] or "",
         row["account_name"], row["business_unit_name"], row["product_name"], row["state"].replace("_", " "),
         "" if row["value"] is None else money(row["value"]), row["competitor"])
        for row in found["cells"]
    ]  # fmt: skip
    headings = ("Priority", "", "Signals", "Account", "Unit", "Product", "State", "Value", "Competitor")
    print_table(headings, rows, "No open cell matches." if show or filters else "Nothing is known of any cell.")
    sums = found["totals"]
    click.echo(f"\n{money(sums['value'])} open; {sums['valued']} of {sums['open']} open cells carry a value")
    tell(found["notes"])


@click.command("readiness", epilog=examples("trackline portfolio readiness --show ready --json"))
@click.option("--show", type=click.Choice(READY), help="Only accounts of which this is so.")
@narrowed
@json_option
def readiness_(show: str | None, as_json: bool, filters: dict[str, str]) -> None:
    """Who is ready for more and what blocks the others: five conditions, all of them needed; signals that they want it.

    `ready`: all five hold. `blocked`: one does not. `unscored`: nothing was judged. `wanting`: three signals or more.
    `secure`: what warns in red and is secured before anything is offered.
    """
    found = readiness_json(operator(), filters, show or "")
    if as_json:
        print_json(found)
        return
    rows = [
        ("" if row["readiness"] is None else formats.number(row["readiness"], 0), row["name"],
         "ready" if row["ready"] else ", ".join(row["blocked_by"]).replace("_", " "),
         ", ".join(row["signals"]).replace("_", " "),
         NEXT.get(str((row["quadrants"] or {}).get("next")), "not known"))
        for row in found["rows"]
    ]  # fmt: skip
    empty = "No account matches." if show or filters else "There are no accounts."
    print_table(("Readiness", "Account", "Blocked by", "Signals", "First"), rows, empty)


@click.command("initiatives", epilog=examples("trackline portfolio initiatives --owner katrin-vogel"))
@narrowed
@json_option
def initiatives_(as_json: bool, filters: dict[str, str]) -> None:
    """Growth initiatives, the best first: score, whether it passes, horizon, and whether people can carry them."""
    found = initiatives(operator(), filters)
    if as_json:
        print_json(found)
        return
    money = money_in(found["currency"])
    carried = {True: "yes", False: "no", None: "not known"}
    rows = [
        ("" if row["score"] is None else formats.number(row["score"], 1), "passes" if row["passes"] else "", row["title"],
         row["account_name"], (row["horizon"] or "").upper(), "" if row["budget"] is None else money(row["budget"]),
         f"from {row['moves_to']}" if row["moves_to"] else carried[row["fits"]])
        for row in found["rows"]
    ]  # fmt: skip
    headings = ("Score", "", "Initiative", "Account", "Horizon", "Budget", "Fits")
    print_table(headings, rows, "There is no open initiative.")
    for lane in found["horizons"]:
        if lane["share_pct"] is not None:
            words = f"{formats.percent(lane['share_pct'], 0)} of the budget, {formats.percent(lane['target_pct'], 0)} aimed at"
            click.echo(f"{lane['label']}: {words}{', too far off' if lane['flagged'] else ''}")
    tell(found["notes"])
