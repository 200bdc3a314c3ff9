"""`trackline serve`."""

from __future__ import annotations

import os
import socket

import click
from django.conf import settings
from django.db import connection, connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from trackline import VERSION
from trackline.delivery import env
from trackline.delivery.upkeep import schema

from .failures import Failed
from .init import describe_database
from .output import examples, note

MOST_WORKERS = 4
PORT = 8000


@click.command(epilog=examples("trackline serve", "trackline serve --host 0.0.0.0 --port 80"))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every network.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def command(host: str, port: int) -> None:
    """Serve the site until Ctrl+C.

    TRACKLINE_WORKERS and TRACKLINE_THREADS set how many processes, and threads in each, answer requests.
    """
    run(host, port)


def run(host: str, port: int, welcome: str = "") -> None:
    """Check the database and the port, then serve; `welcome`, whole lines, is printed under the address."""
    schema.require_current()
    _require_free(host, port)
    environment = env.load()
    workers, threads = sizes(environment, connection.vendor)
    for name, hint in env.unknown_variables().items():
        note(f"Warning: {name} is no setting of Trackline{f'; did you mean {hint}?' if hint else ''}")
    if settings.DEBUG:
        note("Warning: TRACKLINE_DEBUG shows internals to everyone who sees an error page; never on a network.")
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104  # compared, not bound
    click.echo(f"Trackline {VERSION} at http://{shown}:{port}  ({workers} × {threads}, {describe_database()})")
    click.echo(f"{welcome}Stop with Ctrl+C.")
    # Workers must open their own connections: one opened here would be shared by every forked process.
    connections.close_all()
    Granian(
        "trackline.delivery.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.warning,
    ).serve()


def sizes(environment: env.Environment, vendor: str) -> tuple[int, int]:
    """Worker processes and threads in each: as set, else by the machine and the database.

    SQLite answers from memory, so a second thread only waits for the first; PostgreSQL is a wait on another process.
    """
    workers = environment.workers or min(os.cpu_count() or 1, MOST_WORKERS)
    threads = environment.threads or (4 if vendor == "postgresql" else 2)
    return workers, threads


def is_free(host: str, port: int) -> bool:
    """Whether this process may listen there."""
    try:
        _try_to_listen(host, port)
    except OSError:
        return False
    return True


def _require_free(host: str, port: int) -> None:
    try:
        _try_to_listen(host, port)
    except PermissionError as problem:
        raise Failed(f"Port {port} needs administrator rights; take one above 1023 with --port.") from problem
    except OSError as problem:
        raise Failed(
            f"Cannot listen on {host}:{port} ({problem.strerror}). Stop what uses it, or take another with --port."
        ) from problem


def _try_to_listen(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
