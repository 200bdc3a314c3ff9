"""`trackline portfolio`: scores of the accounts: the ranking, a look back, what-if."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import click

from trackline.book.models import ScoringModel
from trackline.book.queries.backtest import backtest_json, chance_words
from trackline.book.queries.scenarios import effect_of, supposed_by
from trackline.book.queries.score import score
from trackline.book.queries.size import by_size_json
from trackline.book.scoring.scenarios import supposing
from trackline.book.scoring.tested import kept_backtests, kept_json
from trackline.delivery.cli.caller import operator
from trackline.delivery.cli.options import Day, Pair, as_of_option
from trackline.delivery.cli.output import examples, json_option, print_json, print_table
from trackline.kit import formats
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

from .words import tell


@click.command("score", epilog=examples("trackline portfolio score --json"))
@as_of_option
@json_option
def score_(as_of: date | None, as_json: bool) -> None:
    """Rank all accounts by the scoring model in force: score from 0 to 100, rank, the tier its cut-offs propose.

    Computed now and stored nowhere; `trackline refresh` keeps what the pages show.
    """
    ctx = operator()
    found = score(ctx, as_of or ctx.today)
    if as_json:
        print_json(found)
        return
    rows = [
        (row["rank"], row["name"], formats.number(row["score"], 1), f"T{row['tier']}" if row["tier"] else "",
         f"T{row['tier_now']}" if row["tier_now"] else "", "provisional" if row["provisional"] else "", ", ".join(row["depends_on"]))
        for row in found["accounts"]
    ]  # fmt: skip
    print_table(
        ("Rank", "Account", "Score", "Proposed", "Tier", "", "Tier hangs on"), rows, "No account could be scored."
    )
    tell(found["notes"])


@click.command("by-size", epilog=examples("trackline portfolio by-size", "trackline portfolio by-size --json"))
@json_option
def by_size_(as_json: bool) -> None:
    """Rank the accounts by size: the higher of two percentile ranks, ARR and what could still be sold, and the tier that suggests.

    What can be said while too little is known for a score.
    """
    found = by_size_json(operator())
    if as_json:
        print_json(found)
        return

    def worth(amount: Decimal | None) -> str:
        return "not known" if amount is None else formats.money(amount, found["currency"])

    rows = [
        (one["rank"] or "", one["name"], worth(one["arr"]), worth(one["growth"]), f"T{one['tier']}" if one["tier"] else "",
         f"T{one['tier_now']}" if one["tier_now"] else "")
        for one in found["accounts"]
    ]  # fmt: skip
    print_table(("Rank", "Account", "ARR", "Could still be sold", "Suggests", "Tier"), rows, "There is no account yet.")


@click.command(
    "backtest",
    epilog=examples("trackline portfolio backtest", "trackline portfolio backtest --as-of 2025-06-30 --model 2 --json"),
)
@click.option(
    "--until", type=Day(), metavar="DATE", help="The last day of what became of them. [default: a year after]"
)
@click.option("--model", metavar="ID", help="A scoring model. [default: the one in force]")
@click.option("--as-of", type=Day(), metavar="DATE", help="The day looked back to. [default: a year ago]")
@click.option("--kept", is_flag=True, help="List what is kept instead, one a year.")
@json_option
def backtest_(until: date | None, model: str | None, as_of: date | None, kept: bool, as_json: bool) -> None:
    """Whether scores foretold what became of the accounts: who stayed, renewed, expanded, what was won, how margins moved.

    Accounts that were customers on the day are scored on figures of that day; what records tell since is the outcome.
    """
    if kept:
        _tell_kept([kept_json(one) for one in kept_backtests()], as_json)
        return
    found = backtest_json(operator(), as_of, until, model)
    if as_json:
        print_json(found)
        return
    click.echo(
        f"{found['of']:,} accounts scored as of {found['as_of']}, and what became of them until {found['until']}"
    )
    words = {"foretold": "foretold", "not_foretold": "not foretold", "insufficient": "too few to judge"}
    rows = [
        (one["label"], one["accounts"], "" if one["rho"] is None else formats.number(one["rho"], 2),
         chance_words(one["chance_pct"]), words[one["verdict"]])
        for one in found["outcomes"]
    ]  # fmt: skip
    print_table(("Outcome", "Accounts", "ρ", "By chance", ""), rows, "")
    tell([*found["notes"], *(f"{one['label']}: {text}" for one in found["outcomes"] for text in one["notes"])])


@click.command(
    "scenario",
    epilog=examples(
        "trackline portfolio scenario --weight values=2 --weight concentration=2",
        "trackline portfolio scenario --figure influence=0.5 --capacity 1=4 --json",
        "trackline portfolio scenario 3",
    ),
)
@click.argument("scenario", required=False)
@click.option("--weight", "weights", type=Pair(), multiple=True, metavar="KEY=FACTOR", help="Factor on a weight.")
@click.option("--figure", "figures", type=Pair(), multiple=True, metavar="KEY=FACTOR", help="Factor on a figure, to 1.")
@click.option("--cutoffs", type=click.Choice(ScoringModel.Cutoffs.values), help="Another method of cut-offs.")
@click.option("--cut", "cuts", type=Pair(), multiple=True, metavar="TIER=SCORE", help="Score at which a tier begins.")
@click.option("--capacity", "capacities", type=Pair(), multiple=True, metavar="TIER=N", help="Most accounts of a tier.")
@json_option
def scenario_(scenario: str | None, cutoffs: str | None, as_json: bool, **pairs: tuple[tuple[str, str], ...]) -> None:
    """The ranking as it would be: SCENARIO is the id of a saved one; without it the options say what is supposed.

    Nothing is stored, and the live ranking never changes.
    """
    ctx = operator()
    asked: dict[str, Any] = {name: dict(given) for name, given in pairs.items()}
    if scenario and (cutoffs or any(asked.values())):
        raise click.UsageError("Name a saved scenario, or say what is supposed; not both.")
    if scenario:
        what = supposed_by(get(ctx, registry.get("scoring_scenario"), scenario))
    else:
        what = supposing(asked | {"cutoffs": cutoffs or ""})
    found = effect_of(ctx, what).to_json()
    if as_json:
        print_json(found)
        return
    rows = [
        (one["name"], *(f"{side['rank']}. {formats.number(side['score'], 1)} {_tier(side['tier'])}" if side else "not ranked"
                        for side in (one["before"], one["after"])))
        for one in found["effects"]
    ]  # fmt: skip
    click.echo(f"{found['tiers']} of {found['accounts']:,} accounts would score for another tier")
    print_table(("Account", "Rank, score, tier now", "Then"), rows, "No score changes.")
    tell(found["notes"])


def _tier(number: int | None) -> str:
    return f"T{number}" if number else "no tier"


def _tell_kept(items: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json({"items": items})
        return
    rows = [
        (item["until"], f"{item['model']['name']} {item['version'][:6]}", item["scored"], each["label"],
         "" if each["rho"] is None else formats.number(each["rho"], 2), each["verdict"].replace("_", " "))
        for item in items
        for each in item["outcomes"]
    ]  # fmt: skip
    print_table(
        ("Until", "Model", "Accounts", "Outcome", "ρ", ""), rows, "No back-test is kept yet: one is once a year."
    )
