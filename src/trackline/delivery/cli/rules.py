"""`trackline rules`: the rulebook, JSON in and out. Only what administrators adjust needs a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import click
import msgspec
from django.db import DatabaseError, connection
from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Rule, RuleUnknown, rulebook
from trackline.core.playbook.describe import described, listed
from trackline.delivery.rulebook import run_request

from .failures import Refused
from .output import examples, json_option, print_json, print_table


@click.group(
    epilog=examples(
        "trackline rules list health",
        "trackline rules show track.health.usage",
        "trackline rules run track.survey.nps --input answers.json",
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
    rule = _known(rule_id)
    about = described(rule, timezone.localdate())
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
        (name, _shown(item["default"]), item["unit"], item["origin"], item["source"])
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
    rule = _known(rule_id)
    body = _read(file)
    print_json(run_request(rule, body, timezone.localdate(), _overrides))


def _overrides(on: date) -> Overrides:
    """Return what administrators laid over the rulebook; nothing where there is no database yet."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and "memory" not in name and not Path(name).exists():
        return Overrides({})  # to look would make the file
    try:
        return Overrides.load(on)
    except DatabaseError:
        return Overrides({})


def _read(file: IO[bytes]) -> dict[str, Any]:
    try:
        body = msgspec.json.Decoder(float_hook=Decimal).decode(file.read())
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError) as fault:
        raise Refused(f"The input is not JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise Refused('The input is not a JSON object; send {"inputs": {…}}.')
    return body


def _known(rule_id: str) -> Rule:
    try:
        return rulebook().get(rule_id)
    except RuleUnknown as unknown:
        raise Refused(f"{unknown} `trackline rules list` shows all.") from None


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(word) for word in schema["enum"] if word is not None)
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next(word for word in kinds if word != "null")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind}, {low} to {high}"
    return f"{kind}, {low} or more" if low is not None else str(kind)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(item)}" for key, item in value.items())
    return str(value)
