"""`trackline portfolio`: tiers, and the tests of a move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from trackline.book.queries.register import SHOWS
from trackline.book.queries.tiers import evidence_json, tiers
from trackline.book.tiers.funding import lacking
from trackline.delivery.cli.caller import operator
from trackline.delivery.cli.options import narrowed
from trackline.delivery.cli.output import examples, json_option, print_json, print_table
from trackline.kit import formats
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

from .words import tell


@click.command("tiers", epilog=examples("trackline portfolio tiers --show differs", "trackline portfolio tiers --json"))
@click.option("--show", type=click.Choice(SHOWS), help="Only accounts of which this is so.")
@narrowed
@json_option
def tiers_(show: str | None, as_json: bool, filters: dict[str, str]) -> None:
    """The segmentation register: tier in force, tier by score, why they differ, what is open and what comes next.

    `differs`: the score gives another tier. `near`: close to a cut. `open`: a decision is under way. `override`: one is in
    force. `exit`: a candidate for an exit.
    """
    found = tiers(operator(), filters, show or "")
    if as_json:
        print_json(found)
        return
    rows = [
        (row["name"], f"T{row['tier']}" if row["tier"] else "", row["since"], row["by_words"],
         formats.number(row["score"], 1), f"T{row['tier_by_score']}" if row["tier_by_score"] else "",
         row["decision"]["status"] if row["decision"] else "")
        for row in found["rows"]
    ]  # fmt: skip
    headings = ("Account", "Tier", "Since", "Held", "Score", "By score", "Decision")
    print_table(headings, rows, "No account matches." if show or filters else "There are no accounts.")
    index = found["concentration"]["index"]
    if index is not None:
        click.echo(f"\nConcentration of revenue (HHI): {formats.number(index, 3)}, {found['concentration']['band']}")
    flagged = [name for name, told in found["monitors"].items() if isinstance(told, dict) and told["flagged"]]
    funding = found["funding"]
    if funding["judged"]:
        click.echo(f"Promises above their budget: {len(funding['short'])} of {funding['judged']} that can be judged")
    click.echo(f"Bias monitors that speak up: {', '.join(flagged) or 'none'}")
    tell(found["notes"])


@click.command("tier", epilog=examples("trackline portfolio tier ardent-rail --to 2 --json"))
@click.argument("account")
@click.option("--to", type=click.IntRange(1, 3), help="The tier to move to. [default: out of all tiers]")
@json_option
def tier_(account: str, to: int | None, as_json: bool) -> None:
    """What speaks for and against moving ACCOUNT to another tier: the three tests, condition by condition."""
    ctx = operator()
    found = evidence_json(ctx, get(ctx, registry.get("account"), account), to)
    if as_json:
        print_json(found)
        return
    score = "not scored" if found["score"] is None else f"scores {formats.number(found['score'], 1)}"
    held = f"tier {found['tier']}" if found["tier"] else "no tier"
    click.echo(f"{account}: {held}, {score}")
    for name, test in found["tests"].items():
        click.echo(f"\n{name.capitalize()}: {'proposed' if test['proposes'] else 'not proposed'}, {test['value']} met")
        rows = [
            (one["key"], one["label"], "met" if one["met"] else "not met" if one["known"] else "not known", one["told"])
            for one in test["conditions"]
        ]
        print_table(("", "Condition", "", "What is known"), rows, "")
    stale = found["freshness"]["stale"]
    for words, budget in (("today", found["budget"]["before"]), ("after the move", found["budget"]["after"])):
        if budget["hours"] is not None:
            click.echo(f"\nBudget {words}: {_budget(budget, found['currency'])}")
    click.echo(f"\nFigures: {'fresh enough to decide' if not stale else 'too old or missing: ' + ', '.join(stale)}")


def _budget(budget: Mapping[str, Any], currency: str) -> str:
    granted = f"{formats.number(budget['hours'], 0)} h, {formats.money(budget['opex'], currency)}"
    if budget["pays"] is None:
        return f"{granted}; whether that pays for what is promised is not known. Missing: {lacking(budget)}"
    if budget["pays"]:
        return f"{granted}; that pays for what is promised, {formats.money(budget['promised'], currency)}"
    return f"{granted}; {formats.money(budget['over'], currency)} of what is promised is not paid for"
