"""Rows straight into tables: ids reserved ahead, values adapted once per column, many rows per statement.

An import writes a hundred thousand rows with their history. Through model instances that takes minutes; this takes
seconds and stays within what the models declare.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models

from trackline.kit.many import Adapter, adapter_of, as_it_is

_BLOCK = 500


@contextmanager
def unmapped() -> Iterator[None]:
    """Read an embedded database through its page cache alone: a file mapped into memory counts as the program's, and an
    import that makes it grow would seem to take as much memory as it writes.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        mapped = cursor.execute("PRAGMA mmap_size").fetchone()
        cursor.execute("PRAGMA mmap_size = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA mmap_size = {int(mapped[0]) if mapped else 0}")


class Ids:
    """Hands out primary keys of a table before the rows are written. Use within the transaction that writes them."""

    def __init__(self, model: type[models.Model]) -> None:
        self._table = model._meta.db_table
        self._source = self._sqlite() if connection.vendor == "sqlite" else self._postgres()

    def take(self) -> int:
        """The next free key."""
        return next(self._source)

    def _sqlite(self) -> Iterator[int]:
        # Transactions are immediate, so nobody else takes a key before this one ends.
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [self._table])
            row = cursor.fetchone()
            cursor.execute(f'SELECT MAX(id) FROM "{self._table}"')  # noqa: S608  (a model's own table)
            newest = cursor.fetchone()[0]
        number = max(row[0] if row else 0, newest or 0)
        while True:
            number += 1
            yield number

    def _postgres(self) -> Iterator[int]:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [self._table, _BLOCK],
                )
                block = [row[0] for row in cursor.fetchall()]
            yield from block


class Inserter:
    """Writes rows of one table. Columns that a row does not give take the model's defaults or `constants`."""

    def __init__(self, model: type[models.Model], columns: Sequence[str], constants: dict[str, Any]) -> None:
        self._fields = {field.attname: field for field in model._meta.concrete_fields}
        adapters = [adapter_of(self._fields[name]) for name in columns]
        #: Positions of the columns whose values the driver does not take as they are.
        self._adapted = [(place, adapt) for place, adapt in enumerate(adapters) if adapt is not as_it_is]
        rest = [name for name in self._fields if name not in set(columns)]
        self._constants = [self._constant(name, constants) for name in rest if not self._skip(name, constants)]
        self._rest = [name for name in rest if not self._skip(name, constants)]
        names = [self._fields[name].column for name in (*columns, *self._rest)]
        places = ", ".join(["%s"] * len(names))
        listed = ", ".join(f'"{name}"' for name in names)
        self._sql = f'INSERT INTO "{model._meta.db_table}" ({listed}) VALUES ({places})'  # noqa: S608
        self._tail = tuple(self._constants)
        self._rows: list[Sequence[Any]] = []

    def _skip(self, name: str, constants: dict[str, Any]) -> bool:
        return self._fields[name].primary_key and name not in constants

    def _constant(self, name: str, constants: dict[str, Any]) -> Any:
        field = self._fields[name]
        value = constants[name] if name in constants else field.get_default()
        return field.get_db_prep_save(value, connection)

    def add(self, values: Sequence[Any]) -> None:
        """Take one row, in the order of the columns."""
        self._rows.append(values)

    def flush(self) -> None:
        """Write what was taken."""
        if self._rows:
            self.write(list(zip(*self._rows, strict=True)))
            self._rows = []

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Write rows, given as the values of each column."""
        given = list(columns)
        for place, adapt in self._adapted:
            given[place] = list(map(adapt, given[place]))
        rows = list(zip(*given, *(itertools.repeat(value, len(given[0])) for value in self._tail), strict=True))
        with connection.cursor() as cursor:
            cursor.executemany(self._sql, rows)


class Updater:
    """Changes rows of one table, grouped by the columns that change."""

    def __init__(self, model: type[models.Model]) -> None:
        self._table = model._meta.db_table
        self._fields = {field.attname: field for field in model._meta.concrete_fields}
        self._adapters: dict[str, Adapter] = {}
        self._groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}

    def add(self, pk: int, values: dict[str, Any]) -> None:
        """Take the new values of one row, by attribute name."""
        columns = tuple(sorted(values))
        row = (*(self._adapt(name)(values[name]) for name in columns), pk)
        self._groups.setdefault(columns, []).append(row)

    def _adapt(self, name: str) -> Adapter:
        if name not in self._adapters:
            self._adapters[name] = adapter_of(self._fields[name])
        return self._adapters[name]

    def flush(self) -> None:
        """Write what was taken."""
        for columns, rows in self._groups.items():
            listed = ", ".join(f'"{self._fields[name].column}" = %s' for name in columns)
            with connection.cursor() as cursor:
                cursor.executemany(f'UPDATE "{self._table}" SET {listed} WHERE id = %s', rows)  # noqa: S608
        self._groups = {}


def attname(model: type[models.Model], name: str) -> str:
    """The attribute that holds a field's stored value (`owner` → `owner_id`)."""
    return str(getattr(model._meta.get_field(name), "attname", name))


def in_chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size` items."""
    chunk: list[Any] = []
    for item in items:
        chunk.append(item)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def to_ledger(value: Any) -> Any:
    """A stored value in the exact form that the ledger of changes keeps."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
