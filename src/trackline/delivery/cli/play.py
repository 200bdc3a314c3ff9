"""`trackline play`: playbooks, starting them, moving their anchor date."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from trackline.choose import moving, starting
from trackline.choose.models import Playbook
from trackline.kit.records import services
from trackline.kit.records.queries import get, resolve, stored_json
from trackline.kit.records.types import registry

from .caller import operator, user_named
from .options import Day
from .output import examples, json_option, print_json, print_table


@click.group(
    epilog=examples(
        "trackline play books",
        "trackline play start kam_180 nordwind --plan",
        "trackline play start multi-thread nordwind --owner sponsor=ada",
        "trackline play move 17 2027-04-14 --plan",
    )
)
def command() -> None:
    """Playbooks: list them, start one on an account, move the anchor date of a play."""


@command.command("books", epilog=examples("trackline play books --json"))
@json_option
def books(as_json: bool) -> None:
    """List the playbooks that can be started."""
    operator()
    rows = Playbook.objects.alive().filter(active=True).order_by("title")
    found = [
        {"key": book.key, "title": book.title, "counts_from": book.counts_from, "steps": len(book.steps)}
        for book in rows
    ]
    if as_json:
        print_json({"items": found})
    else:
        print_table(
            ("Key", "Playbook", "Counts from", "Steps"), [tuple(row.values()) for row in found], "There is no playbook."
        )


@command.command(
    "start",
    epilog=examples(
        "trackline play start am_120 nordwind --plan", "trackline play start save nordwind --anchor 2027-01-12 --json"
    ),
)
@click.argument("playbook", metavar="PLAYBOOK")
@click.argument("account", metavar="ACCOUNT")
@click.option(
    "--anchor", type=Day(), metavar="DATE", help="Anchor date, YYYY-MM-DD. [default: the likeliest of the account]"
)
@click.option(
    "--owner", "owners", multiple=True, metavar="ROLE=USER", help="Who takes a role, by sign-in name; may be repeated."
)
@click.option("--without", multiple=True, metavar="KEY", help="Leave a step out; may be repeated.")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be made.")
@json_option
def start(
    playbook: str, account: str, anchor: date | None, owners: tuple[str, ...], without: tuple[str, ...],
    only_plan: bool, as_json: bool,
) -> None:  # fmt: skip
    """Start the playbook with this key on the account with this key or id.

    Steps get their days from the anchor date, and their owners from the account's owner, sponsor and team.
    """
    ctx = operator()
    book = get(ctx, registry.get("playbook"), resolve(ctx, registry.get("playbook"), playbook))
    found = get(ctx, registry.get("account"), resolve(ctx, registry.get("account"), account))
    chosen = dict(_role(one) for one in owners)
    dates = starting.anchors(book, found, ctx.today)
    on = anchor or (dates[0].on if dates else ctx.today)
    plan = starting.plan(
        book, found, ctx.today, anchor_on=on, owner=found.owner_id, owners=chosen, left_out=without
    )  # fmt: skip
    made: dict[str, Any] = {}
    if not only_plan:
        data = {
            "account": found.pk, "playbook": book.pk, "anchor_on": on, "owner": found.owner_id,
            "owners": {role: str(pk) for role, pk in chosen.items()}, "left_out": list(without),
        }  # fmt: skip
        play = services.create(ctx, registry.get("play"), data)
        made = stored_json(ctx, registry.get("play"), play.pk)
    if as_json:
        steps = [
            {"key": one.key, "title": one.title, "due_on": one.due_on, "conflicts": list(one.conflicts), "met": one.met}
            for one in plan.steps
        ]
        print_json({"play": made or None, "anchor_on": on, "steps": steps})
        return
    rows = [(one.key, one.due_on, one.title, ", ".join(one.conflicts), _says(one)) for one in plan.steps]
    print_table(("Step", "Due", "Title", "Conflicts", "Checked by the records"), rows, "The playbook has no steps.")
    click.echo(f"\nPlay {made['id']} started: {made['title']}." if made else "\nNothing was written.")


@command.command("move", epilog=examples("trackline play move 17 2027-04-14"))
@click.argument("play", metavar="PLAY")
@click.argument("to", type=Day(), metavar="DATE")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would move.")
@json_option
def move(play: str, to: date, only_plan: bool, as_json: bool) -> None:
    """Move the anchor date of the play with this id; its open steps go along, what is done stays."""
    ctx = operator()
    pk = resolve(ctx, registry.get("play"), play)
    found = moving.preview(ctx, pk, to)
    if not only_plan:
        moving.move(ctx, pk, to)
    if as_json:
        steps = [{"step": str(one.step.pk), "from": one.before, "to": one.after} for one in found.steps]
        print_json({"moved": not only_plan, "days": found.days, "steps": steps, "stay": found.stay})
        return
    rows = [(one.step.title, one.before, one.after, ", ".join(one.conflicts)) for one in found.steps]
    print_table(("Step", "Now", "Then", "Conflicts"), rows, "No step is open.")
    click.echo("\nNothing was written." if only_plan else f"\nMoved by {found.days} days.")


def _role(text: str) -> tuple[str, int]:
    role, equals, name = text.partition("=")
    if not equals or not role or not name:
        raise click.BadParameter(f"{text!r} names no role and user: ROLE=USER is expected, such as sponsor=ada.")
    return role, user_named(name).pk


def _says(step: starting.PlannedStep) -> str:
    return step.answer.says if step.answer else ""
