#!/usr/bin/env python3
"""Runs the checks of `make test`, all or those named, and says at the end what passed, failed and was skipped.

What this machine lacks (a PostgreSQL server, Chromium) is skipped and reported loudly; CI has both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Each worker starts with its own half, so that what a module prepares is mostly prepared once; who is done first helps the other.
# Each worker goes through its tests in order: those that empty the database come last and must stay last.
PYTEST = [str(BIN / "pytest"), "-q", "-n", "2"]
# A browser on a busy machine is late now and then: a journey that fails is gone once more from its start, and named.
AGAIN = ("--reruns", "1", "-rR")
POSTGRES = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres?host=/var/run/postgresql",
)
CHROMIUM = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# What one worker or check compiles serves the next.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
# For tools that load the settings: no file in anybody's data folder, no database.
TOOLS = {"TRACKLINE_SECRET_KEY": "only-for-tools-0123456789-abcdefghijklmnop", "TRACKLINE_DATABASE_URL": ""}


class Skipped(Exception):
    """The check cannot run here; the text says what it lacks."""


@dataclass(frozen=True)
class Check:
    """One check: `group` is the make target it belongs to."""

    name: str
    group: str
    run: Callable[[], bool]


def command(*words: str, **env: str) -> Callable[[], bool]:
    """A check that passes when a tool of the environment exits with 0."""

    def run() -> bool:
        return call([str(BIN / words[0]), *words[1:]], {**TOOLS, **env})

    return run


def call(words: list[str], env: dict[str, str]) -> bool:
    """Run a command in the checkout; returns whether it succeeded (pytest's "nothing to run" counts)."""
    nothing_collected = 5
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **COMPILED, **env}, check=False)
    return done.returncode == 0 or (words[0].endswith("pytest") and done.returncode == nothing_collected)


def postgres() -> bool:
    """The unit tests that reach a database again, on the first PostgreSQL server that answers."""
    url = server()
    if url is None:
        raise Skipped("no PostgreSQL server answers; start one or set TRACKLINE_TEST_POSTGRES_URL")
    base, _, query = url.partition("?")
    # A name of its own lets several checkouts test on one server.
    named = f"{base.rpartition('/')[0]}/trackline_{os.getpid()}{'?' + query if query else ''}"
    return call([*PYTEST, "-m", "database and not browser"], {"TRACKLINE_TEST_DATABASE_URL": named})


def unit() -> bool:
    """The unit tests on SQLite; those that compare the engines also use the server, if there is one."""
    url = server()
    return call([*PYTEST, "-m", "not browser"], {"TRACKLINE_TEST_POSTGRES_URL": url} if url else {})


@cache
def server() -> str | None:
    """The first PostgreSQL server that answers."""
    return next((url for url in _candidates() if _answers(url)), None)


def _candidates() -> list[str]:
    given = os.environ.get("TRACKLINE_TEST_POSTGRES_URL")
    return [given] if given else list(POSTGRES)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def browser() -> bool:
    """The journeys, in Chromium."""
    found = os.environ.get("TRACKLINE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise Skipped("Chromium is not installed; install it or set TRACKLINE_TEST_CHROMIUM")
    # Playwright's own event loop would make Django refuse the database in the test's thread.
    return call(
        [*PYTEST, "--dist", "worksteal", *AGAIN, "-m", "browser"],
        {"TRACKLINE_TEST_CHROMIUM": found, "DJANGO_ALLOW_ASYNC_UNSAFE": "true"},
    )


CHECKS = (
    Check("format", "lint", command("ruff", "format", "--check", "--quiet", ".")),
    Check("templates", "lint", command("djangofmt", "--quiet", "--check", "src")),
    Check("ruff", "lint", command("ruff", "check", "--quiet", ".")),
    Check("imports", "lint", command("lint-imports")),
    Check(
        "migrations",
        "lint",
        command(
            *("django-admin", "makemigrations", "--check", "--dry-run"),
            DJANGO_SETTINGS_MODULE="trackline.delivery.settings",
        ),
    ),
    Check("documents", "lint", command("python", "scripts/docs.py", "--check")),
    Check("types", "types", command("mypy")),
    Check("unit tests, SQLite", "unit", unit),
    Check("unit tests, PostgreSQL", "postgres", postgres),
    Check("browser tests", "browser", browser),
)


def main(groups: list[str]) -> int:
    """Run the checks of `groups` (default: all); returns the exit code."""
    results: list[tuple[str, str]] = []
    failed = False
    for check in CHECKS:
        if groups and check.group not in groups:
            continue
        print(f"\n━━ {check.name}", flush=True)
        started = time.monotonic()
        try:
            passed = check.run()
            verdict = "passed" if passed else "FAILED"
            failed = failed or not passed
        except Skipped as reason:
            verdict = f"SKIPPED: {reason}"
        print(verdict, flush=True)
        results.append((check.name, f"{verdict} ({time.monotonic() - started:.0f} s)"))
    print("\n━━ summary")
    for name, verdict in results:
        print(f"{name:<24}{verdict}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
