"""`trackline rules`: the rulebook, JSON in and out. Only what administrators adjust needs a database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import IO, Any

import click
from django.db import DatabaseError, connection
from django.utils import timezone

from trackline.accounts.rulebook import pending
from trackline.accounts.rulebook.adjusting import draft, effect_of, save
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.versions import versions_of
from trackline.core.playbook import rulebook
from trackline.core.playbook.describe import described, listed
from trackline.delivery.rulebook import adjustment, run_request

from .caller import operator
from .output import examples, json_option, print_json, print_table, progress
from .rule_feeds import feeds
from .rule_past import past
from .rule_words import known, read_object, show_effect, show_moves, shown


@click.group(
    epilog=examples(
        "trackline rules list health",
        "trackline rules show track.health.usage",
        "trackline rules run track.survey.nps --input answers.json",
        "trackline rules versions track.health.usage",
        "trackline rules feeds watch.signal.usage_decline",
        "trackline rules past watch.signal.nps_drop",
        'echo \'{"inputs": {"ratings": [9, 10, 3]}}\' | trackline rules run track.survey.nps --input -',
    )
)
def command() -> None:
    """The rulebook: what is computed, how, from which figures."""


@command.command("list", epilog=examples("trackline rules list", "trackline rules list health --json"))
@click.argument("words", nargs=-1)
@click.option("--room", default="", help="Only the rules of a room: the first word of their ids.")
@json_option
def list_(words: tuple[str, ...], room: str, as_json: bool) -> None:
    """List rules, all or those with these WORDS in id, title, summary or catalogue entries."""
    found = rulebook().search(" ".join(words), room)
    if as_json:
        print_json({"items": [listed(rule) for rule in found]})
    else:
        rows = [(rule.id, rule.title, ", ".join(rule.spec)) for rule in found]
        print_table(("Id", "Title", "Entries"), rows, "No rule has these words.")


@command.command(epilog=examples("trackline rules show track.health.usage"))
@click.argument("rule_id", metavar="ID")
@json_option
def show(rule_id: str, as_json: bool) -> None:
    """Show what a rule says, its inputs, and its parameters with their sources."""
    rule = known(rule_id)
    today = timezone.localdate()
    found = _overrides(today).in_force(rule, today)
    about = described(rule, today) | {"version": found.version, "in_force": dict(found.echo)}
    if as_json:
        print_json(about)
        return
    click.echo(f"{rule.id}: {rule.title}\n\n{rule.description}\n")
    needed = set(about["inputs"].get("required", ()))
    inputs = [
        (name, "yes" if name in needed else "", _kind(schema), schema.get("description", ""))
        for name, schema in about["inputs"].get("properties", {}).items()
    ]
    print_table(("Input", "Needed", "Kind", "Meaning"), inputs, "It takes no inputs.")
    click.echo()
    parameters = [
        (name, shown(about["in_force"][name]), item["unit"], _origin(item, about["in_force"][name]), item["source"])
        for name, item in about["parameters"]["properties"].items()
    ]
    print_table(("Parameter", "In force", "Unit", "Origin", "Source"), parameters, "It has no parameters.")
    click.echo(f"\nSources: {'; '.join(rule.data.sources)}")


@command.command(epilog=examples("trackline rules run track.survey.nps --input answers.json"))
@click.argument("rule_id", metavar="ID")
@click.option("--input", "file", type=click.File("rb"), required=True, help="File to read; - is standard input.")
def run(rule_id: str, file: IO[bytes]) -> None:
    """Run a rule and print the result as JSON. Stores nothing.

    The input is JSON: {"inputs": {…}, "parameters": {…}, "as_of": "YYYY-MM-DD"}; the last two may be left out.
    """
    rule = known(rule_id)
    body = read_object(file)
    print_json(run_request(rule, body, timezone.localdate(), _overrides))


@command.command(
    epilog=examples(
        'trackline rules override track.health.usage --input changes.json --reason "Seats foretold churn better."',
        "trackline rules override track.health.usage --input changes.json --preview",
    )
)
@click.argument("rule_id", metavar="ID")
@click.option("--input", "file", type=click.File("rb"), required=True, help="File to read; - is standard input.")
@click.option("--reason", default="", help="Why; everybody reads it. Needed to save.")
@click.option("--preview", "only_preview", is_flag=True, help="Show what it would do to the book, and save nothing.")
@json_option
def override(rule_id: str, file: IO[bytes], reason: str, only_preview: bool, as_json: bool) -> None:
    """Lay figures of your own over a rule's, as a new dated version.

    The input is JSON: {"changes": {"weights": {"product_usage": 35, …}}, "scope": "all"|"tier"|"account", "tier": 1,
    "account": "key", "preset": "…", "from_on": "YYYY-MM-DD"}; all but the changes may be left out. Empty changes take back
    what was adjusted before. Scores are computed anew.
    """
    rule = known(rule_id)
    body = read_object(file)
    ctx = operator()
    asked = adjustment(ctx, body)
    if only_preview:
        found = draft(rule, asked.target, asked.changes, from_on=asked.from_on or ctx.today, today=ctx.today)
        told = effect_of(found, ctx)
        show_effect(told.to_json() | {"moves": found.moves}, as_json)
        return
    row = save(ctx, rule, asked.target, asked.changes, reason=reason, from_on=asked.from_on)
    with progress("Bringing it into the book", pending.count()) as advance:
        pending.settle_all(ctx.now, ctx.today, advance)
    saved = next(version for version in versions_of(ctx, rule.id) if version.row.pk == row.pk)
    if as_json:
        print_json(saved.to_json())
    else:
        click.echo(f"Saved version {row.number} of {rule.title} for {saved.scope_label.lower()}, from {row.from_on}.")
        show_moves(row.moves)


@command.command(epilog=examples("trackline rules versions track.health.usage"))
@click.argument("rule_id", metavar="ID")
@json_option
def versions(rule_id: str, as_json: bool) -> None:
    """List what administrators laid over a rule: each version, its reason, who saved it."""
    rule = known(rule_id)
    found = versions_of(operator(), rule.id)
    if as_json:
        print_json({"items": [version.to_json() for version in found]})
        return
    rows = [
        (
            str(version.row.number),
            version.state.replace("_", " "),
            version.scope_label + (f", {version.row.preset}" if version.row.preset else ""),
            str(version.row.from_on),
            ", ".join(f"{move['path']} {shown(move['before'])} → {shown(move['after'])}" for move in version.row.moves),
            version.row.created_by.name if version.row.created_by else "Trackline",
            version.row.reason,
        )
        for version in found
    ]
    headers = ("Version", "State", "For", "From", "Changed", "By", "Why")
    print_table(headers, rows, "Nobody adjusted this rule; its own figures are in force.")


def _overrides(on: date) -> Overrides:
    """Return what administrators laid over the rulebook; nothing where there is no database yet."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and "memory" not in name and not Path(name).exists():
        return Overrides({})  # to look would make the file
    try:
        return Overrides.load(on)
    except DatabaseError:
        return Overrides({})


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(word) for word in schema["enum"] if word is not None)
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next(word for word in kinds if word != "null")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind}, {low} to {high}"
    return f"{kind}, {low} or more" if low is not None else str(kind)


def _origin(item: dict[str, Any], held: Any) -> str:
    return str(item["origin"]) if held == item["default"] else f"{item['origin']}, adjusted"


command.add_command(feeds)
command.add_command(past)
