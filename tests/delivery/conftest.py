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
from django.conf import settings
from django.db import connections

from trackline.delivery.database import parse_url
from trackline.delivery.upkeep import schema

SERVER = os.environ.get("TRACKLINE_TEST_POSTGRES_URL") or os.environ.get("TRACKLINE_TEST_DATABASE_URL", "")
TEMPLATE = "template"


@contextlib.contextmanager
def database(url: str) -> Iterator[None]:
    """Within, the default connection is a new, empty database at `url`; a PostgreSQL one is dropped afterwards."""
    with _connected(url):
        schema.create_missing_database()
        try:
            yield
        finally:
            if SERVER and connections["default"].vendor == "postgresql":
                _drop()


@contextlib.contextmanager
def upgraded(url: str) -> Iterator[None]:
    """Within, the default connection is a new database of this version: a copy of one that was migrated once."""
    entry = parse_url(url)
    if entry["ENGINE"].endswith("sqlite3"):
        shutil.copy(template_file(), entry["NAME"])
    else:
        with _connected(_template_on_server()), connections["default"]._nodb_cursor() as cursor:
            cursor.execute(
                f'CREATE DATABASE "{entry["NAME"]}" TEMPLATE "{connections["default"].settings_dict["NAME"]}"'
            )
    with database(url):
        yield


def own_url(home: Path, name: str) -> str:
    """Where a test may have a database called `name`, of the engine under test."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return server_url(name)
    return f"sqlite:///{home / name}.sqlite3"


def server_url(name: str) -> str:
    """The same on the PostgreSQL server."""
    base, _, query = SERVER.partition("?")
    return f"{base.rpartition('/')[0]}/trackline_{os.getpid()}_{name}{'?' + query if query else ''}"


@contextlib.contextmanager
def _connected(url: str) -> Iterator[None]:
    old = connections["default"]
    entry = {**old.settings_dict, **parse_url(url)}
    fresh = type(connections)({"default": entry})["default"]
    connections["default"] = fresh
    try:
        yield
    finally:
        fresh.close()
        connections["default"] = old


def _drop() -> None:
    connection = connections["default"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{connection.settings_dict["NAME"]}" WITH (FORCE)')


@cache
def template_file() -> Path:
    """An SQLite file of this version, migrated once."""
    path = Path(tempfile.mkdtemp()) / "template.sqlite3"
    with _connected(f"sqlite:///{path}"):
        schema.upgrade(lambda name: None)
    return path


@cache
def _template_on_server() -> str:
    url = server_url(TEMPLATE)
    with _connected(url):
        schema.create_missing_database()
        schema.upgrade(lambda name: None)
    return url


@pytest.fixture(scope="session")
def _no_templates_left(django_db_blocker: Any) -> Iterator[None]:
    yield
    if _template_on_server.cache_info().currsize:
        with django_db_blocker.unblock(), _connected(server_url(TEMPLATE)):
            _drop()


@pytest.fixture
def unblocked(_no_templates_left: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test reach databases that pytest-django does not know."""
    with django_db_blocker.unblock():
        yield
