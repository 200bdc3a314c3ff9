"""`trackline demo`."""

from __future__ import annotations

import click
from django.db import transaction

from trackline.accounts import services
from trackline.accounts.models import Account, User
from trackline.connectors.sample.load import SIGN_IN, load
from trackline.kit.policy import Context

from . import init, serve
from .caller import operator
from .output import examples, note, progress

PASSWORD = "grow-the-account"  # noqa: S105  # of invented people, told to whoever runs the demo
OTHERS = {"admin": "runs settings and people", "facilitator": "reads only"}
PORTS_TRIED = 20


@click.command(epilog=examples("trackline demo", "trackline demo --port 9000"))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default: the first free from 8000.")
def command(host: str, port: int | None) -> None:
    """Make the database, load a sample book if it is empty, and serve it.

    The sample is one invented selling company with its key accounts. It goes only into an empty book: in a book with
    accounts of its own nothing is added.
    """
    init.prepare()
    if not Account.objects.alive().exists():
        note("Loading the sample book …")
        load_sample(operator())
    serve.run(host, port or first_free_port(host), welcome())


def load_sample(ctx: Context) -> dict[str, int]:
    """Write the sample book and give its people of each role a password; returns how many records of each type."""
    with progress("Sample book", 100) as advance:
        shown = 0

        def report(done: int, total: int) -> None:
            nonlocal shown
            now = 100 * done // max(total, 1)
            advance(now - shown)
            shown = now

        with transaction.atomic():
            made = load(ctx, ctx.today, report)
            for user in _people():
                services.set_password(ctx, user, PASSWORD)
    return made


def welcome() -> str:
    """How to sign in to the sample book; empty for a book that is not the sample, or whose password was changed."""
    people = _people()
    if not people or not people[0].check_password(PASSWORD):
        return ""
    lines = [f"Sign in as {people[0].username} with the password {PASSWORD}"]
    for user, (role, does) in zip(people[1:], OTHERS.items(), strict=True):
        lines.append(f"       or {user.username} ({role}, {does}), same password")
    return "\n".join(lines) + "\n"


def first_free_port(host: str) -> int:
    """The first port from 8000 that nobody listens on."""
    for port in range(serve.PORT, serve.PORT + PORTS_TRIED):
        if serve.is_free(host, port):
            return port
    return serve.PORT


def _people() -> list[User]:
    """The person a visitor signs in as, then one of each further role; none where this is not the sample book."""
    first = User.objects.alive().filter(username=SIGN_IN).first()
    others = [User.objects.alive().filter(roles__code=role).order_by("pk").first() for role in OTHERS]
    found = [first, *others]
    return [user for user in found if user] if all(found) else []
