"""What migrating leaves is what the models say: most tests stand on tables made from the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from tests.delivery.conftest import own_url, upgraded

NUMBERED = ("fk_", "__")
"""How the names begin that SQLite's constraints get by their order."""


def tables() -> list[str]:
    """Return our tables; how Django's own are migrated is Django's."""
    ours = [app for app in apps.get_app_configs() if app.name.startswith("trackline.")]
    return [model._meta.db_table for app in ours for model in app.get_models(include_auto_created=True)]


def shape() -> dict[str, Any]:
    """Return the tables of the default connection: what is told of columns, of constraints and of indexes."""
    look = connections["default"].introspection
    found = {}
    with connections["default"].cursor() as cursor:
        for table in tables():
            columns = {told.name: told[1:] for told in look.get_table_description(cursor, table)}
            constraints = sorted(
                ("" if name.startswith(NUMBERED) else name, str(sorted(told.items())))
                for name, told in look.get_constraints(cursor, table).items()
            )
            found[table] = columns, constraints
    return found


@pytest.mark.django_db
def test_migrating_makes_the_tables_of_the_models(unblocked: None, tmp_path: Path) -> None:
    from_models = shape()
    assert len(from_models) > 50
    with upgraded(own_url(tmp_path, "migrated")):
        migrated = shape()
    assert {table: migrated[table] for table in migrated if migrated[table] != from_models[table]} == {}
