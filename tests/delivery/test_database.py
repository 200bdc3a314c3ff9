"""Database URLs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, transaction

from trackline.delivery.database import keep_connections, parse_url


def test_sqlite_queues_writers_and_keeps_references() -> None:
    entry = parse_url("sqlite:////data/my%20book.sqlite3")
    assert entry["NAME"] == "/data/my book.sqlite3"
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert entry["OPTIONS"]["timeout"] == 20


def test_a_relative_sqlite_path_counts_from_the_current_folder() -> None:
    assert parse_url("sqlite:///book.sqlite3")["NAME"] == str(Path.cwd() / "book.sqlite3")


def test_postgresql_parts_are_decoded_and_options_passed_on() -> None:
    entry = parse_url("postgresql://me%40corp:p%2Fw@db.example.com:6543/book?sslmode=require")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        *("me@corp", "p/w", "db.example.com", "6543", "book"),
    )
    assert entry["OPTIONS"]["sslmode"] == "require"


def test_postgresql_over_a_socket() -> None:
    assert parse_url("postgresql:///book?host=/run/postgresql")["HOST"] == "/run/postgresql"


def test_servers_keep_connections() -> None:
    sqlite, postgresql = parse_url("sqlite:////x"), parse_url("postgresql:///x")
    keep_connections(sqlite, 5)
    keep_connections(postgresql, 5)
    assert "pool" not in sqlite["OPTIONS"]
    assert sqlite["CONN_MAX_AGE"] == 60
    assert postgresql["OPTIONS"]["pool"]["max_size"] == 5


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="pragmas of SQLite")
def test_pragmas_are_in_force() -> None:
    with connection.cursor() as cursor:
        values = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("foreign_keys", "synchronous", "temp_store", "busy_timeout")
        }
    assert values == {"foreign_keys": 1, "synchronous": 1, "temp_store": 2, "busy_timeout": 20000}
    assert transaction.get_connection().transaction_mode == "IMMEDIATE"  # type: ignore[attr-defined]
