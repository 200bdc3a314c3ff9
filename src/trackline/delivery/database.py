"""Turns a database URL into Django's `DATABASES` entry, tuned for each engine.

SQLite runs in WAL mode with IMMEDIATE transactions: WAL alone makes a read that turns into a write fail at once with
"database is locked", IMMEDIATE queues writers behind the busy timeout instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-32768;"  # KiB: 32 MiB a connection
    "PRAGMA mmap_size=268435456;"
    "PRAGMA journal_size_limit=67108864;"
)
BUSY_SECONDS = 20
SQLITE_CONNECTION_SECONDS = 60  # not for ever, so that a file put in its place is noticed
FORMS = "sqlite:////absolute/path.sqlite3 or postgresql://user:password@host:5432/name"


class DatabaseUrlInvalid(ValueError):
    """The URL names no database Trackline can use; the text says what would."""


def parse_url(url: str) -> dict[str, Any]:
    """The `DATABASES["default"]` entry for `url`. Raises `DatabaseUrlInvalid`."""
    scheme = url.partition(":")[0].lower()
    if scheme in ("sqlite", "sqlite3"):
        return _sqlite(url)
    if scheme in ("postgresql", "postgres"):
        return _postgresql(url)
    raise DatabaseUrlInvalid(f"“{scheme}” is no database Trackline knows; use {FORMS}")


def keep_connections(entry: dict[str, Any], most: int) -> None:
    """Let a server process keep connections open between requests, of PostgreSQL up to `most`; 0 keeps none.

    Opening one costs more than most requests. Commands do without: they need one connection, and a pool would retry for
    long before it tells that the server is away.
    """
    if most and entry["ENGINE"].endswith("sqlite3"):
        entry["CONN_MAX_AGE"] = SQLITE_CONNECTION_SECONDS
    if most and entry["ENGINE"].endswith("postgresql"):
        entry["OPTIONS"]["pool"] = {"min_size": 0, "max_size": most, "timeout": BUSY_SECONDS, "max_idle": 300}


def _sqlite(url: str) -> dict[str, Any]:
    address = url.partition(":")[2]
    if not address.startswith("///") or len(address) == 3:
        raise DatabaseUrlInvalid("a SQLite URL has three slashes and a path: sqlite:////absolute/path.sqlite3")
    name = unquote(address[3:].partition("?")[0])
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name if name == ":memory:" else str(Path(name).expanduser().absolute()),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_SECONDS,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise DatabaseUrlInvalid("the URL names no database; end it with /name")
    try:
        port = parts.port
    except ValueError:
        raise DatabaseUrlInvalid("the port is not a number") from None
    options.setdefault("connect_timeout", 10)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": options,
    }
