"""`trackline init`."""

from __future__ import annotations

from typing import Any

import click
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from trackline import VERSION
from trackline.delivery.upkeep import schema

from .output import examples, json_option, print_json


@click.command(epilog=examples("trackline init", "trackline init --json"))
@json_option
def command(as_json: bool) -> None:
    """Make the database, or bring it up to this version.

    Asks nothing and changes nothing that is already in place: run it after every install and upgrade.
    """
    report = prepare()
    if as_json:
        print_json(report)
        return
    click.echo(f"Trackline {VERSION}")
    click.echo(f"Data folder  {report['home']}")
    click.echo(f"Database     {report['database']}, {_database_news(report)}")
    if not report["users"]:
        click.echo("\nNobody can sign in yet. Next: trackline user create NAME --role admin")


def prepare() -> dict[str, Any]:
    """Make what is missing and return what was done, as plain values."""
    settings.HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    created = schema.create_missing_database()
    applied: list[str] = []

    def report(name: str) -> None:
        applied.append(name)

    before = schema.upgrade(report)
    return {
        "version": VERSION,
        "home": str(settings.HOME),
        "database": describe_database(),
        "created": created or before.empty,
        "applied": applied,
        "users": get_user_model().objects.count(),
    }


def describe_database() -> str:
    """The database in words, without its password."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite, {values['NAME']}"
    host = values["HOST"] or "local socket"
    return f"PostgreSQL, {values['NAME']} at {host}{':' + values['PORT'] if values['PORT'] else ''}"


def _database_news(report: dict[str, Any]) -> str:
    if report["created"]:
        return f"created ({len(report['applied'])} migrations)"
    if report["applied"]:
        return f"upgraded ({len(report['applied'])} migrations)"
    return "already up to date"
