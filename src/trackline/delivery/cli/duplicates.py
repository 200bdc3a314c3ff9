"""`trackline duplicates`: records that may stand in the book twice, merging them, taking a merge back."""

from __future__ import annotations

from uuid import UUID

import click

from trackline.accounts.duplicates import KINDS, find_duplicates, found_json, kind_of, merged_json, tell_apart
from trackline.kit.records.merging import merge, merge_in, take_back
from trackline.kit.records.queries import resolve

from .caller import operator
from .output import examples, json_option, print_json, print_table

kind_option = click.option(
    "--type", "kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="Of what."
)


@click.group(
    epilog=examples(
        "trackline duplicates list",
        "trackline duplicates list --type contact --json",
        "trackline duplicates merge okada-brandt okada-brandt-ag --take name --take domain",
        "trackline duplicates apart okada-brandt okada-brandt-korea",
        "trackline duplicates undo 0b8f6c1e-54a1-4f0e-9a3d-2c7f5d1f6a10",
    )
)
def command() -> None:
    """Records that may stand in the book twice: list, merge, take a merge back, tell apart."""


@command.command("list", epilog=examples("trackline duplicates list --type contact"))
@kind_option
@json_option
def list_(kind: str, as_json: bool) -> None:
    """List the pairs that may be one, the likeliest first, with what speaks for each and against it."""
    ctx = operator()
    rtype = kind_of(kind)
    found = find_duplicates(ctx, rtype)
    if as_json:
        print_json({"items": [found_json(rtype, one) for one in found], "count": len(found)})
        return
    rows = [
        (
            one.pair.score, f"{one.one['name']} ({one.pair.one})", f"{one.other['name']} ({one.pair.other})",
            "; ".join(signal.words for signal in one.pair.signals),
        )
        for one in found
    ]  # fmt: skip
    print_table(("Score", "One", "Other", "Why"), rows, "Nothing seems to stand in the book twice.")


@command.command("merge", epilog=examples("trackline duplicates merge okada-brandt okada-brandt-ag --take name"))
@click.argument("survivor", metavar="SURVIVOR")
@click.argument("merged", metavar="MERGED")
@kind_option
@click.option(
    "--take", multiple=True, metavar="FIELD", help="Keep the value of MERGED in this field; may be given often."
)
@json_option
def merge_(survivor: str, merged: str, kind: str, take: tuple[str, ...], as_json: bool) -> None:
    """Make one record of two: SURVIVOR, by key or id, gets all that MERGED has, whose id leads to it from then on."""
    ctx = operator()
    rtype = kind_of(kind)
    done = merge(ctx, rtype, resolve(ctx, rtype, survivor), resolve(ctx, rtype, merged), take)
    if as_json:
        print_json(merged_json(ctx, rtype, done))
        return
    count = sum(done.moved.values())
    click.echo(f"{count} {'record' if count == 1 else 'records'} moved to {done.survivor}")
    for one in done.left_out:
        click.echo(f"  stood there twice: {one['type'].replace('_', ' ')} {one['title']}")
    click.echo(f"trackline duplicates undo {done.batch} takes it back.")


@command.command("apart", epilog=examples("trackline duplicates apart okada-brandt okada-brandt-korea"))
@click.argument("one", metavar="ONE")
@click.argument("other", metavar="OTHER")
@kind_option
@click.option("--forget", is_flag=True, help="Show them as a pair again.")
def apart(one: str, other: str, kind: str, forget: bool) -> None:
    """Remember that two records are not the same."""
    tell_apart(operator(), kind_of(kind), one, other, apart=not forget)
    click.echo("Shown as a pair again." if forget else "Told apart.")


@command.command("undo", epilog=examples("trackline duplicates undo 0b8f6c1e-54a1-4f0e-9a3d-2c7f5d1f6a10"))
@click.argument("batch", type=click.UUID)
def undo(batch: UUID) -> None:
    """Take a merge back: every row goes where it was."""
    ctx = operator()
    found = merge_in(ctx, batch)
    take_back(ctx, batch)
    click.echo(f"{found.title} is there again.")
