"""Writes everything an installation knows into one file."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from trackline import VERSION

from . import archive, schema
from .problems import UnableToContinue

# Signed with this installation's key and worthless elsewhere: people sign in again after a restore.
LEFT_OUT = {"django_session"}
# What the data folder holds beside the database: uploads, and the files of each import with its rejected rows.
FOLDERS = ("uploads", "imports")
SNAPSHOT = "snapshot"
ROWS_AT_ONCE = 2000


def write(path: Path, now: dt.datetime, advance: Callable[[int], None], overwrite: bool = False) -> archive.Manifest:
    """Write a backup of the database, as it is at one moment, and of the uploaded files.

    The site may go on working meanwhile. `advance` receives numbers of rows written. The file appears only when it is
    complete, readable by its owner alone. Raises `UnableToContinue` if the file exists and may not be overwritten.
    """
    schema.require_current()
    path = path.absolute()
    if path.exists() and not overwrite:
        raise UnableToContinue(f"{path} exists already. Choose another name, or add --force to replace it.")
    if not path.parent.is_dir():
        raise UnableToContinue(f"The folder {path.parent} does not exist. Create it first.")
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with (
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped,
            snapshot() as connection,
        ):
            manifest = _fill(archive.Writer(zipped), connection, now, advance)
        part.replace(path)
    except OSError as problem:
        raise UnableToContinue(f"{path} cannot be written: {problem.strerror}.") from problem
    finally:
        part.unlink(missing_ok=True)
    return manifest


def count_rows() -> int:
    """About how many rows a backup will write, for a progress bar."""
    return sum(model._base_manager.count() for model in tables())


def tables() -> list[type[models.Model]]:
    """The models whose rows are backed up, link tables included, in the order of their table names."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    }
    return [found[name] for name in sorted(found)]


@contextlib.contextmanager
def snapshot() -> Iterator[BaseDatabaseWrapper]:
    """A second connection, inside a read-only view of the database as it is now; writers are not held up."""
    connection = connections["default"].copy(alias=SNAPSHOT)
    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"] = {**connection.settings_dict["OPTIONS"], "transaction_mode": "DEFERRED"}
    connections[SNAPSHOT] = connection
    try:
        with transaction.atomic(using=SNAPSHOT):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection
    finally:
        connection.close()
        del connections[SNAPSHOT]


def _fill(
    out: archive.Writer, connection: BaseDatabaseWrapper, now: dt.datetime, advance: Callable[[int], None]
) -> archive.Manifest:
    written = []
    for model in tables():
        stored = [field for field in model._meta.concrete_fields if not field.generated]
        columns = [str(field.column) for field in stored]
        names = [field.attname for field in stored]
        rows = model._base_manager.using(connection.alias).order_by("pk").values_list(*names)
        member, count = out.rows(
            f"tables/{model._meta.db_table}.jsonl", _counted(rows.iterator(chunk_size=ROWS_AT_ONCE), advance)
        )
        written.append(archive.Table(model._meta.db_table, columns, count, member))
    home = Path(settings.HOME)
    files = [
        out.file(archive.FILES + path.relative_to(home).as_posix(), path)
        for folder in FOLDERS
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    manifest = archive.Manifest(
        version=VERSION,
        made_at=now.isoformat(timespec="seconds"),
        engine=connection.vendor,
        migrations=_applied(connection),
        tables=written,
        files=files,
    )
    out.manifest(manifest)
    return manifest


def _applied(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return applied


def _counted(rows: Iterator[tuple[Any, ...]], advance: Callable[[int], None]) -> Iterator[tuple[Any, ...]]:
    pending = 0
    for row in rows:
        yield row
        pending += 1
        if pending == ROWS_AT_ONCE:
            advance(pending)
            pending = 0
    advance(pending)
