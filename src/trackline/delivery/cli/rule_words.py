"""What the commands of the rulebook share: finding a rule, and telling what a change does to the book."""

from __future__ import annotations

from decimal import Decimal
from typing import IO, Any

import click
import msgspec

from trackline.core.playbook import Rule, RuleUnknown, rulebook

from .failures import Refused
from .output import print_json, print_table


def known(rule_id: str) -> Rule:
    """Return a rule by its id. Fails, naming the nearest."""
    try:
        return rulebook().get(rule_id)
    except RuleUnknown as unknown:
        raise Refused(f"{unknown} `trackline rules list` shows all.") from None


def read_object(file: IO[bytes]) -> dict[str, Any]:
    """Return the JSON object of a file. Fails, saying what is wrong with it."""
    try:
        body = msgspec.json.Decoder(float_hook=Decimal).decode(file.read())
    except ArithmeticError:
        raise Refused("The input holds a number beyond what can be read.") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise Refused(f"The input is not JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise Refused('The input is not a JSON object, such as {"inputs": {…}} or {"changes": {…}}.')
    return body


def show_effect(told: dict[str, Any], as_json: bool) -> None:
    """Print the effect of a preview."""
    if as_json:
        print_json(told)
        return
    show_moves(told.get("moves", []))
    if not told["live"]:
        click.echo("The rule runs on no account; nothing in the book changes.")
        return
    if "signal" in told:
        signal = told["signal"]
        click.echo(
            f"On {told['accounts']} accounts it would fire {signal['fires']} times more, and fall silent {signal['silent']} times."
        )
    kind = told.get("record_type")
    among = f"{told['records']} records of type {kind}" if kind else f"{told['accounts']} accounts"
    if "signal" not in told:
        click.echo(f"{told['changed']} of {among} change.")
    for move in told["bands"]:
        click.echo(f"  {move['count']} from {move['from'] or 'no colour'} to {move['to'] or 'no colour'}")
    rows = [
        (
            one["name"],
            *([one["record"]["title"]] if one["record"] else [one["says"]] if one["says"] else []),
            *(f"{shown(one[side]['value'])} {one[side]['band'] or ''}" for side in ("before", "after")),
        )
        for one in told["effects"][:20]
    ]
    what = [kind.capitalize()] if kind else ["What it sees"] if "signal" in told else []
    print_table(("Account", *what, "Now", "Then"), rows, "Nothing changes.")
    for move in told["tiers"]:
        click.echo(f"{move['name']} moves from tier {move['before'] or 'none'} to {move['after'] or 'none'}.")


def show_moves(moves: list[dict[str, Any]]) -> None:
    """Print which figures change, from what to what."""
    for move in moves:
        click.echo(f"  {move['path']}: {shown(move['before'])} → {shown(move['after'])}")


def shown(value: Any) -> str:
    """Return a figure as a line shows it."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    return str(value)
