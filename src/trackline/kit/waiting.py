"""How long a write waits for another that is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def briefly(milliseconds: int) -> Iterator[None]:
    """Within, a write that another holds up gives way after so long with `OperationalError`."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" if sqlite else "SHOW lock_timeout")
        (before,) = cursor.fetchone()
    _wait(milliseconds, sqlite)
    try:
        yield
    finally:
        _wait(before, sqlite)


def _wait(most: int | str, sqlite: bool) -> None:
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute(f"PRAGMA busy_timeout = {int(most)}")
        else:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [str(most)])
