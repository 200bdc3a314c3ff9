"""Fixtures for every test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.signals import setting_changed
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.client import ClientHandler
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from trackline.accounts.settings import DEFAULTS

# How long one example takes says nothing on a busy machine; slowness is measured in `bench`.
hypothesis_settings.register_profile("trackline", deadline=None)
hypothesis_settings.load_profile("trackline")

# Tests read the day where pages do: around midnight it is not the server's day.
timezone.activate(str(DEFAULTS["book.time_zone"]))

stacks: dict[str, dict[str, Any]] = {}
"""The middleware that all clients of the tests share, empty until the first of them asks."""
load_middleware = ClientHandler.load_middleware


def share_middleware(handler: ClientHandler, is_async: bool = False) -> None:
    """Give a client the middleware of those before it: looking for every static file again takes longer than most pages."""
    if not stacks:
        load_middleware(handler, is_async)
        stacks["loaded"] = {name: value for name, value in vars(handler).items() if "middleware" in name}
    vars(handler).update(stacks["loaded"])


ClientHandler.load_middleware = share_middleware
# Middleware reads settings as it loads: who changes one gets a stack of its own.
setting_changed.connect(lambda **_: stacks.clear(), weak=False)

REACHES = {"django_db_setup", "unblocked"}
"""Every fixture with a database stands on one of these: the suite's own, or those that tests/delivery makes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reaches a database: nothing else can differ between the engines."""
    for item in items:
        if item.get_closest_marker("django_db") or REACHES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database, of this version as far as the program can tell: its tables were made without migrating."""
    with django_db_blocker.unblock():
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        names = MigrationLoader(None).disk_migrations
        recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in names)


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """An empty data folder, in force for this test."""
    folder = tmp_path / "home"
    folder.mkdir()
    settings.HOME = folder
    settings.MEDIA_ROOT = folder / "uploads"
    return folder
