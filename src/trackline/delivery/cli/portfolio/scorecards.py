"""`trackline portfolio`: scorecards, judged."""

from __future__ import annotations

from datetime import date

import click

from trackline.book.queries.scorecards import Asked, clocks, judged_json, judged_of, listed, listed_json
from trackline.delivery.cli.caller import operator
from trackline.delivery.cli.options import as_of_option
from trackline.delivery.cli.output import examples, json_option, print_json, print_table
from trackline.kit import formats
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


@click.command(
    "scorecards",
    epilog=examples("trackline portfolio scorecards --level manager", "trackline portfolio scorecards --json"),
)
@click.option(
    "--level", type=click.Choice(("account", "manager", "book")), help="Only of accounts, managers or the book."
)
@click.option("--state", type=click.Choice(("draft", "shadow", "live", "archived")), help="Only in this state.")
@json_option
def scorecards_(level: str | None, state: str | None, as_json: bool) -> None:
    """Scorecards with what they found last: composite, metrics met, missed, breached and without data, late answers."""
    ctx, asked, found, number = operator(), Asked(level or "", state or ""), [], 1
    while True:
        rows, total = listed(ctx, Asked(asked.level, asked.state, "", number))
        found += [listed_json(row) for row in rows]
        number += 1
        if len(found) >= total or not rows:
            break
    if as_json:
        print_json({"rows": found})
        return
    lines = [
        (row["id"], row["of"], row["name"], "" if row["value"] is None else formats.number(row["value"], 1), row["band"],
         *(str(count) for count in row["metrics"].values()), str(row["late"] or ""), row["state"])
        for row in found
    ]  # fmt: skip
    headings = ("Id", "Of", "Scorecard", "Composite", "Colour", "Met", "Missed", "Breached", "No data", "Late", "State")
    print_table(headings, lines, "There is no scorecard.")


@click.command(
    "scorecard", epilog=examples("trackline portfolio scorecard 4", "trackline portfolio scorecard 4 --json")
)
@click.argument("which", metavar="ID")
@as_of_option
@json_option
def scorecard_(which: str, as_of: date | None, as_json: bool) -> None:
    """A scorecard judged now: each metric with value, committed target, result, confidence and what is done about it."""
    ctx = operator()
    pk = get(ctx, registry.get("scorecard"), which).pk
    found = judged_json(judged_of(ctx, pk, as_of), clocks(ctx, card=pk))
    if as_json:
        print_json(found)
        return
    value = "" if found["value"] is None else formats.number(found["value"], 1)
    click.echo(f"{found['name']}: {found['band']} {value}".rstrip())
    lines = [
        (row["name"], "" if row["value"] is None else formats.measure(row["value"], row["unit"]),
         "" if row["committed"] is None else formats.measure(row["committed"], row["unit"]), row["state"],
         "" if row["chance_pct"] is None else formats.percent(row["chance_pct"], 0), row["owner"] or "",
         row["action"] if row["band"] in ("amber", "red") else "")
        for row in found["metrics"]
    ]  # fmt: skip
    print_table(("Metric", "Value", "Committed", "Result", "Chance", "Owner", "What to do"), lines, "It has no metric.")
    for one in found["breaches"]:
        click.echo(f"{one['title']}, {one['owner'] or 'nobody'}: {'late' if one['late'] else one['state']}")
