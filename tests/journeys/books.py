"""The databases of the journeys: SQLite files, made once a session, of which every test gets a copy.

A file, because the server answers several requests at once and an in-memory database would have them share one
connection. A copy, because emptying sixty tables takes longer than copying a megabyte.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from trackline.accounts.models import User
from trackline.connectors.sample.load import load
from trackline.kit.policy import system_context


class Books:
    """Where the databases are: `shared` is one folder for all workers of the session, `own` is this worker's."""

    def __init__(self, shared: Path, own: Path) -> None:
        self.shared, self.own = shared, own
        self.opened = 0

    @contextmanager
    def open(self, make: Callable[[], None]) -> Iterator[None]:
        """Work on a copy of the book that `make` writes, into an empty one unless it makes that."""
        made = self._made(make)
        self.opened += 1
        # A new name each time: a request that still reads the last copy has it mapped into memory.
        copy = self.own / f"{self.opened}.sqlite3"
        shutil.copyfile(made, copy)
        with at(copy):
            yield
        copy.unlink()

    def _made(self, make: Callable[[], None]) -> Path:
        found = self.shared / f"{make.__name__}.sqlite3"
        # Workers that want the same book at once: the first one makes it, the others wait.
        with found.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not found.exists():
                part = found.with_suffix(".part")
                part.unlink(missing_ok=True)
                if make is not empty:
                    shutil.copyfile(self._made(empty), part)
                with at(part):
                    make()
                    # Everything into the one file that is copied.
                    connections["default"].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                os.replace(part, found)
        return found


@contextmanager
def at(file: Path) -> Iterator[None]:
    """Let this process, and every thread it starts, use a database file instead of the test database."""
    before, name = connections["default"], connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = str(file)
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before
        connections.settings["default"]["NAME"] = name


def empty() -> None:
    """A book as `trackline init` makes it."""
    call_command("migrate", verbosity=0)


def sample() -> None:
    """Fill an empty book with the sample, as of today; its people sign in by session only."""
    now = timezone.now()
    with transaction.atomic():
        load(system_context(now), timezone.localdate(now))


def sample_person(role: str) -> Any:
    """Return the first person of the sample who has a role."""
    return User.objects.alive().filter(roles__code=role).order_by("pk").first()
