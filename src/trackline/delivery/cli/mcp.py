"""`trackline mcp`: tools for agents over standard input and output."""

from __future__ import annotations

import click

from trackline.delivery.agents.server import server_for
from trackline.delivery.agents.session import Session
from trackline.kit.policy import READ, WRITE

from .caller import operator, user_named
from .failures import Failed
from .output import examples


@click.command(epilog=examples("trackline mcp --as ada", "trackline mcp --as ada --write"))
@click.option("--as", "username", metavar="USER", required=True, help="Whom the agent acts for, by sign-in name.")
@click.option("--write", is_flag=True, help="Let it make, change and delete records, as far as this person may.")
def command(username: str, write: bool) -> None:
    """Serve the book to an agent over the Model Context Protocol, on standard input and output.

    The agent sees what this person sees and may do what they may, without --write only read. Its changes stand in the
    history under their name, marked as an agent's. An agent's program starts this command itself; tell it this line.
    """
    operator()
    session = Session(user_named(username), write)
    actor = session.context().actor
    needed = WRITE if write else READ
    if not actor.may(needed):
        raise Failed(f"{username} has not the permission {needed}: give them a role under Settings, People.")
    server_for(session).run("stdio")
