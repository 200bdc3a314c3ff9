"""The database schema: is it there, does it fit this version, bring it up to date."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from .problems import UnableToContinue

if TYPE_CHECKING:
    import psycopg

DEFAULT = "default"
UPGRADE_LOCK = 0x7472_6163  # any number that no other program locks in this database


@dataclass(frozen=True)
class Schema:
    """How a database's schema relates to this version of the program."""

    empty: bool
    pending: tuple[str, ...]
    """Migrations of this version which the database has not had."""
    unknown: tuple[str, ...]
    """Migrations the database has had which this version does not know: a newer version made them."""

    @property
    def current(self) -> bool:
        """Whether this version can work with the database as it is."""
        return not self.pending and not self.unknown


def inspect(connection: BaseDatabaseWrapper | None = None) -> Schema:
    """Compare the database with this version. Raises Django's `OperationalError` if it cannot be reached."""
    connection = connection or connections[DEFAULT]
    executor = MigrationExecutor(connection)
    applied = MigrationRecorder(connection).applied_migrations()
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Schema(
        empty=not applied,
        pending=tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan),
        unknown=tuple(sorted(f"{app}.{name}" for app, name in set(applied) - set(executor.loader.disk_migrations))),
    )


def require_current() -> None:
    """Raise `UnableToContinue` with the remedy unless the database fits this version."""
    schema = inspect()
    if schema.empty:
        raise UnableToContinue("The database is empty. Run `trackline init` first.")
    if schema.unknown:
        raise UnableToContinue(newer(schema.unknown))
    if schema.pending:
        raise UnableToContinue(
            f"The database is {len(schema.pending)} migration(s) behind this version of Trackline. "
            "Take a backup with `trackline backup FILE`, then run `trackline init`."
        )


def upgrade(progress: Callable[[str], None]) -> Schema:
    """Apply every missing migration and return the schema found before. `progress` receives each migration's name.

    Safe to run from several processes at once: one works, the others wait and find nothing to do.
    """
    connection = connections[DEFAULT]
    with _alone(connection):
        before = inspect(connection)
        if before.unknown:
            raise UnableToContinue(newer(before.unknown))
        _migrate(connection, progress)
    return before


def _migrate(connection: BaseDatabaseWrapper, progress: Callable[[str], None]) -> None:
    def report(action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start":
            progress(f"{migration.app_label}.{migration.name}")

    emit_pre_migrate_signal(0, False, connection.alias)
    if not MigrationRecorder(connection).applied_migrations():
        create_tables(connection, progress)
    executor = MigrationExecutor(connection, report)  # type: ignore[arg-type]  # the stubs forget the default arguments
    executor.migrate(executor.loader.graph.leaf_nodes())
    emit_post_migrate_signal(0, False, connection.alias)


def create_tables(connection: BaseDatabaseWrapper, progress: Callable[[str], None] = lambda name: None) -> None:
    """Make this version's tables in an empty database; `progress` receives the name of each of our migrations.

    They come from the models: our migrations end in the same tables and put nothing into them, but take ten times as long.
    """
    ours = [app for app in apps.get_app_configs() if app.name.startswith("trackline.")]
    labels = {app.label for app in ours}
    executor = MigrationExecutor(connection)
    executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in labels])
    # All or nothing: whoever is interrupted here starts with an empty database again, or migrates step by step.
    with connection.schema_editor(atomic=True) as editor:
        for app in ours:
            for model in app.get_models():
                editor.create_model(model)
        for label, name in sorted(key for key in executor.loader.disk_migrations if key[0] in labels):
            executor.recorder.record_applied(label, name)
            progress(f"{label}.{name}")


def newer(unknown: tuple[str, ...], what: str = "The database") -> str:
    """The message for a database, or backup, from a newer version."""
    return (
        f"{what} was made by a newer version of Trackline (it holds {unknown[-1]}, which this version does not know). "
        "Install that version, or a later one."
    )


@contextlib.contextmanager
def _alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold the upgrade lock: of the database server where there is one, else of the data folder."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [UPGRADE_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [UPGRADE_LOCK])
        return
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "upgrade.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def create_missing_database() -> bool:
    """Make the place the database lives in: SQLite's folder, or the database on a PostgreSQL server.

    Returns whether something was made. Raises `UnableToContinue` if the server refuses.
    """
    connection = connections[DEFAULT]
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        if name == ":memory:" or Path(name).exists():
            return False
        try:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UnableToContinue(f"{Path(name).parent} cannot be created: {problem.strerror}.") from problem
        return True
    return _create_postgresql_database(connection, name)


def _create_postgresql_database(connection: BaseDatabaseWrapper, name: str) -> bool:
    import psycopg
    from psycopg import sql

    parameters = connection.get_connection_params()
    connect: dict[str, Any] = {
        key: parameters[key] for key in ("user", "password", "host", "port", "sslmode") if key in parameters
    }
    try:
        psycopg.connect(dbname=name, **connect).close()
        return False
    except psycopg.OperationalError as problem:
        if not _database_is_missing(problem):
            raise UnableToContinue(f"PostgreSQL does not answer: {problem}") from problem
    try:
        with psycopg.connect(dbname="postgres", autocommit=True, **connect) as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
            )
    except psycopg.errors.DuplicateDatabase:
        return False
    except psycopg.Error as problem:
        raise UnableToContinue(
            f"The database “{name}” does not exist and cannot be created ({problem}). Create it as an administrator: "
            f"createdb {name}"
        ) from problem
    return True


def _database_is_missing(problem: psycopg.OperationalError) -> bool:
    # The server refuses during start-up, before psycopg can attach an SQLSTATE; only the text tells.
    return problem.sqlstate == "3D000" or "does not exist" in str(problem)
