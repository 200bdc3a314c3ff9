"""`trackline user`."""

from __future__ import annotations

import sys
from typing import Any

import click

from trackline.accounts import services
from trackline.accounts.defaults import ROLES
from trackline.accounts.models import User

from .caller import operator, user_named
from .output import examples, json_option, note, print_json, print_table

password_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group(epilog=examples("trackline user create ada --role admin", "trackline user list"))
def command() -> None:
    """People who can sign in, or own records.

    Roles: manager reads and writes, facilitator reads, admin also runs settings and people.
    """


@command.command(
    epilog=examples(
        "trackline user create ada --role admin --email ada@example.com",
        'trackline user create ben --title "Workstream lead"',
        "pass show crm/ada | trackline user create ada --role manager --password-stdin",
    )
)
@click.argument("name")
@click.option(
    "--role",
    default="",
    help=f"One of {', '.join(code for code, *_ in ROLES)}, or a role of your own; default: the one set for the title.",
)
@click.option("--title", default="", help="Their job, for example “Workstream lead”.")
@click.option("--email", default="", help="Address; imports match owners by it.")
@click.option("--full-name", default="", help="Name as shown; default: NAME.")
@password_option
@json_option
def create(name: str, role: str, title: str, email: str, full_name: str, password_stdin: bool, as_json: bool) -> None:
    """Add a person who signs in as NAME.

    On a terminal the password is asked for; leave it empty for somebody who only owns records.
    """
    ctx = operator()
    password = _password(password_stdin, optional=True)
    if not role and not title:
        raise click.UsageError("Give a --role, or a --title whose role is set.")
    user = services.create_user(ctx, name, role=role, name=full_name, email=email, password=password, title=title)
    if as_json:
        print_json(_row(user))
    else:
        click.echo(f"Added {user.username} with the role {', '.join(user.roles.values_list('code', flat=True))}.")
        if not password:
            note("No password was set, so they can own records but not sign in.")


@command.command("list", epilog=examples("trackline user list --json"))
@json_option
def list_users(as_json: bool) -> None:
    """Show everybody."""
    operator()
    rows = [_row(user) for user in User.objects.alive().prefetch_related("roles").order_by("username")]
    if as_json:
        print_json({"items": rows})
        return
    columns = ("Name", "Full name", "Roles", "E-mail", "Signs in")
    cells = [
        (row["username"], row["name"], ", ".join(row["roles"]), row["email"], "yes" if row["can_sign_in"] else "no")
        for row in rows
    ]
    print_table(columns, cells, "Nobody yet. Add somebody with `trackline user create`.")


@command.command(epilog=examples("trackline user password ada"))
@click.argument("name")
@password_option
def password(name: str, password_stdin: bool) -> None:
    """Set a new password for NAME."""
    ctx = operator()
    user = user_named(name)
    services.set_password(ctx, user, _password(password_stdin, optional=False))
    click.echo(f"{user.username} has a new password.")


@command.command(epilog=examples("trackline user deactivate ada"))
@click.argument("name")
def deactivate(name: str) -> None:
    """Take away sign-in and tokens of NAME. What they own stays."""
    ctx = operator()
    user = user_named(name)
    services.deactivate_user(ctx, user)
    click.echo(f"{user.username} can no longer sign in; their tokens are revoked.")


def _password(from_stdin: bool, *, optional: bool) -> str:
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise click.UsageError("--password-stdin: standard input holds no password.")
        return given
    if not sys.stdin.isatty():
        if optional:
            return ""
        raise click.UsageError("Give the password on standard input with --password-stdin.")
    asked: str = click.prompt(
        "Password", default="" if optional else None, hide_input=True, show_default=False, confirmation_prompt=True
    )
    return asked


def _row(user: Any) -> dict[str, Any]:
    return {
        "id": str(user.pk),
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "roles": [role.code for role in user.roles.all()],
        "active": user.active,
        "can_sign_in": user.is_active and user.has_usable_password(),
    }
