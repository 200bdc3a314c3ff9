"""`trackline token`."""

from __future__ import annotations

from typing import Any

import click

from trackline.accounts import services
from trackline.accounts.models import Token
from trackline.kit.policy import PERMISSIONS

from .caller import operator, user_named
from .output import examples, json_option, print_json, print_table


@click.group(epilog=examples("trackline token create ada --scope track:read --json", "trackline token list"))
def command() -> None:
    """Tokens for the API. A token never may more than its user."""


@command.command(
    epilog=examples(
        "trackline token create ada --scope track:read --scope track:write",
        "trackline token create ada --scope track:read --name dashboard --expires-days 90 --json",
    )
)
@click.argument("user")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(PERMISSIONS),
    help="What it may do; repeat for several.",
)
@click.option("--name", default="", help="What it is for.")
@click.option("--expires-days", type=click.IntRange(1, 3650), help="Days until it ends; default: it does not.")
@json_option
def create(user: str, scopes: tuple[str, ...], name: str, expires_days: int | None, as_json: bool) -> None:
    """Make a token for USER. It is shown this once."""
    ctx = operator()
    token, bearer = services.create_token(ctx, user_named(user), scopes, name=name, days=expires_days)
    if as_json:
        print_json({"token": bearer, **_row(token)})
    else:
        click.echo(bearer)


@command.command("list", epilog=examples("trackline token list", "trackline token list ada --json"))
@click.argument("user", required=False)
@json_option
def list_tokens(user: str | None, as_json: bool) -> None:
    """Show tokens, of everybody or of USER; never their text."""
    operator()
    found = Token.objects.select_related("user").filter(**({"user": user_named(user)} if user else {}))
    rows = [_row(token) for token in found]
    if as_json:
        print_json({"items": rows})
        return
    columns = ("Id", "User", "Name", "Token", "Scopes", "Expires", "Last used", "Revoked")
    cells = [
        (
            *(row["id"], row["user"], row["name"], row["hint"], " ".join(row["scopes"])),
            *(_day(row[key]) for key in ("expires_at", "last_used_at", "revoked_at")),
        )
        for row in rows
    ]
    print_table(columns, cells, "No tokens. Make one with `trackline token create`.")


@command.command(epilog=examples("trackline token revoke 3"))
@click.argument("token_id", metavar="ID", type=int)
def revoke(token_id: int) -> None:
    """End the token with this ID at once."""
    token = services.revoke_token(operator(), token_id)
    click.echo(f"Token {token.hint} of {token.user.username} is revoked.")


def _row(token: Any) -> dict[str, Any]:
    return {
        "id": str(token.pk),
        "user": token.user.username,
        "name": token.name,
        "hint": token.hint,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }


def _day(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
