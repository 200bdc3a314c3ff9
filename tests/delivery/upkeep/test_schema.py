"""Migrating step by step ends in the tables of the models: new databases and most tests are made straight from those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.sqlite3 import base as sqlite
from django.db.migrations.executor import MigrationExecutor

from tests.delivery.conftest import database, own_url, upgraded

NUMBERED = ("fk_", "__")
"""How the names begin that SQLite's constraints get by their order."""


def tables() -> list[str]:
    """Return our tables; how Django's own are migrated is Django's."""
    ours = [app for app in apps.get_app_configs() if app.name.startswith("trackline.")]
    return [model._meta.db_table for app in ours for model in app.get_models(include_auto_created=True)]


def shape(alias: str = "default") -> dict[str, Any]:
    """Return the tables of a connection: what is told of columns, of constraints and of indexes."""
    look = connections[alias].introspection
    found = {}
    with connections[alias].cursor() as cursor:
        for table in tables():
            columns = {told.name: told[1:] for told in look.get_table_description(cursor, table)}
            constraints = sorted(
                ("" if name.startswith(NUMBERED) else name, str(sorted(told.items())))
                for name, told in look.get_constraints(cursor, table).items()
            )
            found[table] = columns, constraints
    return found


@contextmanager
def aside() -> Iterator[str]:
    """Within, the default connection has another alias, and under its own stands a database without any table."""
    default = connections["default"]
    moved, bare = (
        default.copy("aside"),
        sqlite.DatabaseWrapper({**default.settings_dict, "NAME": ":memory:", "OPTIONS": {}}),
    )
    connections["aside"], connections["default"] = moved, bare
    try:
        yield moved.alias
    finally:
        moved.close()
        bare.close()
        del connections["aside"]
        connections["default"] = default


def test_a_new_database_is_what_migrating_makes(unblocked: None, tmp_path: Path) -> None:
    with upgraded(own_url(tmp_path, "new")):
        new = shape()
    # A restore migrates beside the database in force: a migration that looks there fails here.
    with database(own_url(tmp_path, "migrated")), aside() as alias:
        executor = MigrationExecutor(connections[alias])
        executor.migrate(executor.loader.graph.leaf_nodes())
        migrated = shape(alias)
        filled = [table for table in migrated if rows(alias, table)]
    assert len(new) > 50
    assert {table: migrated[table] for table in migrated if migrated[table] != new[table]} == {}
    assert filled == [], "what a new database holds comes after migrating: see `defaults.py`"


def rows(alias: str, table: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return int(cursor.fetchone()[0])
