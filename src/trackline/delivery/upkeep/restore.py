"""Puts the content of a backup in place of what the database holds.

The new content is built aside first and swapped in as one step at the end: a restore that fails, or is killed, leaves the
old data untouched. A backup of an older version is loaded into that version's schema and then upgraded.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from . import archive, schema
from .backup import FOLDERS
from .problems import UnableToContinue

ASIDE = "restore"
ROWS_AT_ONCE = 5000
# Kinds whose JSON form is what SQLite stores.
AS_THEY_ARE = {
    *("AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField"),
    *("PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField", "BooleanField", "FloatField"),
    *("CharField", "TextField", "SlugField", "EmailField", "URLField", "FilePathField", "DateField"),
}
Advance = Callable[[int], None]


def read(path: Path) -> archive.Reader:
    """Open a backup and make sure that it is whole and that this version can take it."""
    reader = archive.Reader(path)
    reader.verify()
    unknown = _unknown(reader.manifest)
    if unknown:
        raise UnableToContinue(schema.newer(unknown, "The backup"))
    return reader


def holds_data() -> bool:
    """Whether the database in force has anybody in it, so that a restore would replace something."""
    if schema.inspect().empty:
        return False
    return get_user_model()._base_manager.exists() or apps.get_model("accounts", "Account")._base_manager.exists()


def apply(reader: archive.Reader, advance: Advance) -> None:
    """Replace the database and the data folder's files by the backup's. `advance` receives numbers of rows loaded."""
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as name:
        aside = Path(name)
        reader.files(aside / "files")
        connection = connections[DEFAULT_DB_ALIAS]
        replace = _replace_postgresql if connection.vendor == "postgresql" else _replace_sqlite
        try:
            replace(connection, reader, aside, advance)
        except IntegrityError as problem:
            reason = str(problem).splitlines()[0]
            raise UnableToContinue(f"The backup is not consistent: {reason}. Nothing was changed.") from problem
        for folder in FOLDERS:
            _swap(aside / "files" / folder, home / folder, aside / f"replaced-{folder}")
    emit_post_migrate_signal(0, False, DEFAULT_DB_ALIAS)


def _replace_sqlite(connection: BaseDatabaseWrapper, reader: archive.Reader, aside: Path, advance: Advance) -> None:
    """Build a database file aside, then copy its pages over the live one in one SQLite transaction."""
    fresh = aside / "fresh.sqlite3"
    with _sqlite_aside(connection, fresh) as building:
        _build(building, reader, advance)
        with building.cursor() as cursor:
            broken = cursor.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise UnableToContinue(
                f"The backup is not consistent: a row of {broken[0]} points at a missing {broken[2]}. "
                "Nothing was changed."
            )
    connection.close()
    with (
        contextlib.closing(sqlite3.connect(fresh)) as source,
        contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as target,
    ):
        # The journal mode is part of the pages that are copied.
        source.execute("PRAGMA journal_mode=WAL")
        try:
            source.backup(target)
        except sqlite3.OperationalError as problem:
            raise UnableToContinue(
                f"The database is in use ({problem}). Stop `trackline serve` and try again."
            ) from problem


@contextlib.contextmanager
def _sqlite_aside(connection: BaseDatabaseWrapper, path: Path) -> Iterator[BaseDatabaseWrapper]:
    building = connection.copy(alias=ASIDE)
    building.settings_dict["NAME"] = str(path)
    # Nobody else sees this file and a failure throws it away, so it needs neither a journal nor checks row by row.
    building.settings_dict["OPTIONS"] = {"init_command": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"}
    connections[ASIDE] = building
    try:
        yield building
    finally:
        building.close()
        del connections[ASIDE]


def _replace_postgresql(connection: BaseDatabaseWrapper, reader: archive.Reader, _: Path, advance: Advance) -> None:
    """Drop, rebuild and fill the tables in one transaction: others see the old content until it commits."""
    with transaction.atomic():
        ours = tuple(f"{label}_" for label in ("django", *(app.label for app in apps.get_app_configs())))
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                if table.startswith(ours):
                    cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
        _build(connection, reader, advance)


def _build(connection: BaseDatabaseWrapper, reader: archive.Reader, advance: Advance) -> None:
    """In an empty database: the backup's schema, its rows, then this version's schema."""
    found = {model._meta.db_table: model for model in _schema_of(connection, reader)}
    strange = [table.table for table in reader.manifest.tables if table.table not in found]
    if strange:
        raise UnableToContinue(f"The backup holds a table this version does not know: {strange[0]}.")
    # Rows arrive in no order that references could follow; all of them are checked once they are in.
    with connection.constraint_checks_disabled():
        _empty(connection, found.values())
        with transaction.atomic(using=connection.alias):
            for table in reader.manifest.tables:
                _load(connection, found[table.table], table, reader.rows(table), advance)
    _settle(connection, found.values())
    # Applications fill in their own rows (post-migrate) once the new content is in place: they write to the live database.
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def _schema_of(connection: BaseDatabaseWrapper, reader: archive.Reader) -> Iterable[type[models.Model]]:
    """Make the tables that the backup was taken from; returns their models, as they were then."""
    had = {(app, name) for app, names in reader.manifest.migrations.items() for name in names}
    executor = MigrationExecutor(connection)
    if had == set(executor.loader.disk_migrations):
        schema.create_tables(connection)
        return apps.get_models(include_auto_created=True)
    whole = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    plan = [step for step in whole if (step[0].app_label, step[0].name) in had]
    state = executor.migrate(executor.loader.graph.leaf_nodes(), plan=plan)
    return state.apps.get_models(include_auto_created=True)


def _empty(connection: BaseDatabaseWrapper, tables: Iterable[type[models.Model]]) -> None:
    """Take out what migrations put in: the backup holds those rows as people left them."""
    _check_constraints_now(connection)
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {names} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return
        for name in names.split(", "):
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  # names come from our models


def _load(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    table: archive.Table,
    rows: Iterator[list[Any]],
    advance: Advance,
) -> None:
    fields = {field.column: field for field in model._meta.concrete_fields}
    missing = [column for column in table.columns if column not in fields]
    if missing:
        raise UnableToContinue(f"The backup holds a column this version does not know: {table.table}.{missing[0]}.")
    convert = [converter(fields[column], connection) for column in table.columns]
    adapted = ([step(value) for step, value in zip(convert, row, strict=True)] for row in rows)
    name = connection.ops.quote_name(table.table)
    columns = ", ".join(connection.ops.quote_name(column) for column in table.columns)
    with connection.cursor() as cursor:
        while batch := list(islice(adapted, ROWS_AT_ONCE)):
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                    for row in batch:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(table.columns))
                cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", batch)  # noqa: S608
            advance(len(batch))


def converter(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    """What turns a JSON value of the backup into what this engine's driver takes for `field`."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    kind = target.get_internal_type()
    if kind == "JSONField":
        return lambda value: None if value is None and field.null else json.dumps(value, ensure_ascii=False)
    if kind == "BinaryField":
        return lambda value: None if value is None else base64.b64decode(value)
    if connection.vendor == "postgresql" or kind in AS_THEY_ARE:
        return lambda value: value
    return lambda value: field.get_db_prep_save(field.to_python(value), connection)


def _settle(connection: BaseDatabaseWrapper, tables: Iterable[type[models.Model]]) -> None:
    """Check every reference, and let new rows count on from the ids that were loaded."""
    _check_constraints_now(connection)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


def _check_constraints_now(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        # Also lets the schema change later in the same transaction, which waiting checks would forbid.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _unknown(manifest: archive.Manifest) -> tuple[str, ...]:
    known = MigrationLoader(None).disk_migrations
    return tuple(
        f"{app}.{name}" for app, names in manifest.migrations.items() for name in names if (app, name) not in known
    )


def _swap(fresh: Path, live: Path, replaced: Path) -> None:
    if live.exists():
        live.rename(replaced)
    if fresh.exists():
        fresh.rename(live)
