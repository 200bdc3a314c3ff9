"""`trackline quality`: how good the data are, what fails, which feeds are late, who owns what, handing it over."""

from __future__ import annotations

from uuid import UUID

import click

from trackline.accounts.models import User
from trackline.book.quality.feeds import feeds_json
from trackline.book.quality.handover import done_json, hand_over, plan_json, planned
from trackline.book.quality.measuring import failing_json, quality_json
from trackline.book.quality.owning import kinds, owning_json
from trackline.book.rules.quality import DIMENSIONS
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.bulk import MOST, undo_batch
from trackline.kit.records.queries import resolve, scoped
from trackline.kit.records.types import registry

from .caller import operator
from .options import narrowed
from .output import examples, json_option, note, print_json, print_table


@click.group(
    epilog=examples(
        "trackline quality scores",
        "trackline quality rows account-has-region",
        "trackline quality feeds --owner katrin-vogel",
        "trackline quality owners --json",
        "trackline quality hand-over katrin-vogel tim-lorca --of route --of account --dry-run",
        "trackline quality undo 0b8f6c1e-54a1-4f0e-9a3d-2c7f5d1f6a10",
    )
)
def command() -> None:
    """Quality of the data: scores by domain, records that fail, late feeds, owners, handing over."""


@command.command(epilog=examples("trackline quality scores --tier 1 --json"))
@narrowed
@json_option
def scores(filters: dict[str, str], as_json: bool) -> None:
    """Tell five dimensions of each domain in percent of the checks that pass, and what fails, the most first."""
    found = quality_json(operator(), filters)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["label"], *(_pct(one["dimensions"][key]["pct"]) for key in DIMENSIONS), _pct(one["score"]), one["band"],
            one["steward"],
        )
        for one in found["domains"]
    ]  # fmt: skip
    print_table(("Domain", *DIMENSIONS.values(), "Mean", "Band", "Steward"), rows, "Nothing to check.")
    failing = [
        (one["key"], one["fails"], one["failed"], one["checked"], _pct(one["pct"]))
        for one in found["checks"]
        if one["failed"]
    ]
    click.echo()
    print_table(("Check", "What fails", "Failed", "Of", "Passed"), failing, "Everything passes.")
    for words in found["notes"]:
        note(words)


@command.command("rows", epilog=examples("trackline quality rows contact-email --json"))
@click.argument("check", metavar="CHECK")
@click.option("--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="How many records.")
@narrowed
@json_option
def rows_(check: str, limit: int, filters: dict[str, str], as_json: bool) -> None:
    """List the records that fail CHECK, a key that `trackline quality scores` names."""
    found = failing_json(operator(), check, filters, limit)
    if as_json:
        print_json(found)
        return
    lines = [(one["id"], one["title"], one["account"]) for one in found["items"]]
    print_table(("Id", registry.get(found["record"]).label, "Account"), lines, "No record fails it.")
    if found["count"] > len(lines):
        note(f"{found['count'] - len(lines)} more: --limit shows them.")


@command.command(epilog=examples("trackline quality feeds --region EMEA"))
@narrowed
@json_option
def feeds(filters: dict[str, str], as_json: bool) -> None:
    """List metrics without a fresh reading: on how many accounts, how old the newest is, whose they are."""
    found = feeds_json(operator(), filters)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["name"], f"{one['stale'] + one['never']} of {one['accounts']}", one["newest_on"], one["age_days"],
            one["limit_days"], ", ".join(one["sources"]), one["owner"],
        )
        for one in found["feeds"]
        if one["stale"] or one["never"]
    ]  # fmt: skip
    print_table(("Metric", "Late on", "Newest", "Days", "Up to", "Source", "Owner"), rows, "Every metric is fresh.")
    if found["nightly_missed"]:
        note("The nightly refresh has not run.")


@command.command(epilog=examples("trackline quality owners"))
@json_option
def owners(as_json: bool) -> None:
    """Tell who answers for how many open records: those first who are no longer active."""
    found = owning_json(operator())
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["name"] or "nobody", "no longer active" if one["active"] is False else "", one["total"],
            ", ".join(f"{count} {registry.get(name).labels.lower()}" for name, count in one["counts"].items()),
        )
        for one in found["people"]
    ]  # fmt: skip
    print_table(("Who", "", "All", "What"), rows, "Nobody answers for anything yet.")


@command.command("hand-over", epilog=examples("trackline quality hand-over nobody ruth-okafor --of metric"))
@click.argument("giver", metavar="FROM")
@click.argument("taker", metavar="TO")
@click.option("--of", "types", multiple=True, metavar="TYPE", help="Only records of this type; may be given often.")
@click.option(
    "--account", "accounts", multiple=True, metavar="KEY", help="Only those of this account; may be given often."
)
@click.option("--dry-run", is_flag=True, help="List what would change hands, and change nothing.")
@json_option
def hand_over_(
    giver: str, taker: str, types: tuple[str, ...], accounts: tuple[str, ...], dry_run: bool, as_json: bool
) -> None:
    """Give what FROM answers for to TO, both by user name; FROM may be `nobody`."""
    ctx = operator()
    ids = [resolve(ctx, registry.get("account"), key) for key in accounts]
    known = [found.name if (found := registry.find(word)) else word for word in types]
    plan = planned(ctx, None if giver == "nobody" else _person(ctx, giver), _person(ctx, taker), known, ids)
    if dry_run:
        told = plan_json(plan)
        if as_json:
            print_json(told)
            return
        lines = [(registry.get(one["type"]).label, one["title"], one["account"]) for one in told["records"]]
        print_table(("What", "Title", "Account"), lines, "Nothing would change hands.")
        return
    done = hand_over(ctx, plan)
    if as_json:
        print_json(done_json(done))
        return
    for name, count in done.counts.items():
        click.echo(f"{count:>5} {kinds()[name].rtype.labels.lower()}")
    for kind, one in done.refused:
        note(f"{kind.rtype.label} {one.title} stays: {one.reason}")
    click.echo(f"{done.count} records are {plan.taker.name}'s now." if done.count else "Nothing changed hands.")
    if done.count:
        click.echo(f"trackline quality undo {done.batch} takes it back.")


@command.command(epilog=examples("trackline quality undo 0b8f6c1e-54a1-4f0e-9a3d-2c7f5d1f6a10"))
@click.argument("batch", type=click.UUID)
def undo(batch: UUID) -> None:
    """Take a handover back: each record goes to who had it."""
    done = undo_batch(operator(), batch)
    for one in done.refused:
        note(f"{one.title} stays: {one.reason}")
    click.echo(f"{len(done.changed)} records went back.")


def _person(ctx: Context, name: str) -> User:
    rtype = registry.get("user")
    found: User = scoped(ctx, rtype).get(pk=resolve(ctx, rtype, name))
    return found


def _pct(value: object) -> str:
    return "" if value is None else formats.percent(value, 1)
