"""The floor: a bare WSGI function that runs recorded SQL on the same file and writes plain JSON or a plain string.

`recipes.json` in the home folder says, per path, which statements to run (in order, with their parameters), which of
them holds the rows, and what to make of them.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django.db.backends.sqlite3._functions import register

HOME = os.environ["TRACKLINE_HOME"]
with open(f"{HOME}/recipes.json", encoding="utf-8") as source:
    RECIPES: dict[str, Any] = json.load(source)

connection = sqlite3.connect(f"{HOME}/trackline.sqlite3", isolation_level=None, check_same_thread=False)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=NORMAL")
connection.execute("PRAGMA foreign_keys=ON")
register(connection)  # the statements call functions that Django adds to SQLite, such as those for parts of dates


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a recipe by its name."""
    recipe = RECIPES[environ["PATH_INFO"].lstrip("/")]
    if environ["REQUEST_METHOD"] == "POST":
        json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    rows: list[list[tuple[Any, ...]]] = []
    names: list[list[str]] = []
    for sql, given in recipe["statements"]:
        cursor = connection.execute(sql, given[0]) if len(given) == 1 else connection.executemany(sql, given)
        rows.append(cursor.fetchall() if cursor.description else [])
        names.append([column[0] for column in cursor.description or ()])
    if connection.in_transaction:
        connection.commit()
    if recipe["kind"] == "page":
        main = max(range(len(rows)), key=lambda index: len(rows[index]) * len(names[index]))
        cells = (f"<tr>{''.join(f'<td>{escape(str(value))}</td>' for value in row)}</tr>" for row in rows[main])
        body = f"<!doctype html><table>{''.join(cells)}</table>".encode()
        kind = "text/html"
    else:
        listed = [
            [dict(zip(columns, row, strict=True)) for row in found] for columns, found in zip(names, rows, strict=True)
        ]
        body, kind = json.dumps(listed).encode(), "application/json"
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]
