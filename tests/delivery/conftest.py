"""Databases of their own, for tests that replace or upgrade a whole database."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections

from trackline.delivery.database import parse_url
from trackline.delivery.upkeep import schema

SERVER = os.environ.get("TRACKLINE_TEST_POSTGRES_URL") or os.environ.get("TRACKLINE_TEST_DATABASE_URL", "")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgresql: compares the engines; needs a PostgreSQL server")


@contextlib.contextmanager
def database(url: str) -> Iterator[None]:
    """Within, the default connection is a new, empty database at `url`; a PostgreSQL one is dropped afterwards."""
    old = connections["default"]
    fresh = old.copy() if parse_url(url)["ENGINE"] == old.settings_dict["ENGINE"] else _other_engine(url)
    fresh.settings_dict.update({**old.settings_dict, **parse_url(url)})
    connections["default"] = fresh
    try:
        schema.create_missing_database()
        yield
    finally:
        fresh.close()
        if fresh.vendor == "postgresql":
            with fresh._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{fresh.settings_dict["NAME"]}" WITH (FORCE)')
        connections["default"] = old


def _other_engine(url: str) -> Any:
    entry = {**connections["default"].settings_dict, **parse_url(url)}
    handler = type(connections)({"default": entry})
    return handler["default"]


@contextlib.contextmanager
def upgraded(url: str) -> Iterator[None]:
    """Within, the default connection is a new database of this version: a copy of one that was migrated once."""
    entry = parse_url(url)
    if entry["ENGINE"].endswith("sqlite3"):
        shutil.copy(_template_file(), entry["NAME"])
    else:
        _copy_on_server(entry["NAME"])
    with database(url):
        yield


@cache
def _template_file() -> Path:
    path = Path(tempfile.mkdtemp()) / "template.sqlite3"
    with database(f"sqlite:///{path}"):
        schema.upgrade(lambda name: None)
    return path


def _copy_on_server(name: str) -> None:
    """Copy the test database itself: it is of this version, and empty between tests."""
    source = connections["default"]
    source.close()
    with source._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source.settings_dict["NAME"]}"')


def own_url(home: Path, name: str) -> str:
    """Where a test of the engine under test may have a database called `name`."""
    if "postgresql" in django_settings.DATABASES["default"]["ENGINE"]:
        return server_url(name)
    return f"sqlite:///{home / name}.sqlite3"


def server_url(name: str) -> str:
    """The same on the PostgreSQL server."""
    base, _, query = SERVER.partition("?")
    return f"{base.rpartition('/')[0]}/trackline_{os.getpid()}_{name}{'?' + query if query else ''}"


@pytest.fixture
def unblocked(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test reach databases that pytest-django does not know."""
    with django_db_blocker.unblock():
        yield
