"""Requests per kind: ours, the floor, the ratio. One client, one worker, one thread, alternating."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import book

OURS, FLOOR = 8791, 8792


@dataclass(frozen=True)
class Case:
    """One request and what it stands for; a body with an account is sent for another account each time."""

    name: str
    path: str
    method: str = "GET"
    body: dict[str, Any] | None = None
    kind: str = "json"
    aim: float = 5.0


CASES = (
    Case("API list of 50", "/api/v1/accounts?limit=50"),
    Case("API list, sorted by ARR", "/api/v1/accounts?limit=50&order=-arr"),
    Case("API list, filtered", "/api/v1/accounts?limit=50&tier=1&region=EMEA"),
    Case("API list, searched", "/api/v1/accounts?limit=50&q=river+foods"),
    Case("API routes of 50", "/api/v1/routes?limit=50&order=-value"),
    Case("API detail", "/api/v1/accounts/77"),
    Case("API contacts of an account", "/api/v1/contacts?account=77"),
    Case("API routes of an account", "/api/v1/routes?account=77"),
    Case("API create", "/api/v1/contacts", "POST", {"account": "77", "name": "New Person"}),
    Case("Accounts page", "/accounts", kind="page", aim=8.0),
)


def record(cases: tuple[Case, ...], bearer: str, home: Path) -> str:
    """Run each case once inside Django and keep its SQL as the floor's recipe; return a session cookie for pages."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from trackline.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(username="bench"))
    recipes = {}
    for number, case in enumerate(cases):
        statements: list[tuple[str, list[list[Any]]]] = []

        def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            rows = [list(row) for row in params] if many else [list(params or ())]
            statements.append((sql, rows))  # noqa: B023
            return execute(sql, params, many, context)

        for attempt in range(2):  # the first one fills caches and lazy imports
            with connection.execute_wrapper(keep):
                statements.clear()
                answer = send(client, case, bearer)
            assert answer.status_code < 300, (case, answer.status_code, answer.content[:500])
            del attempt
        recipes[str(number)] = {
            "kind": case.kind,
            "statements": [
                (sql.replace("%s", "?").replace("%%", "%"), [[plain(value) for value in row] for row in rows])
                for sql, rows in statements
            ],
        }
    (home / "recipes.json").write_text(json.dumps(recipes), encoding="utf-8")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def send(client: Any, case: Case, bearer: str) -> Any:
    """Send a case through Django's test client."""
    if case.kind == "page":
        return client.get(case.path)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer}"}
    if case.method == "GET":
        return client.get(case.path, **headers)
    return client.post(case.path, json.dumps(case.body), content_type="application/json", **headers)


def plain(value: Any) -> Any:
    """Return a parameter as SQLite's driver takes it."""
    return value if isinstance(value, int | float | str | bytes | None) else str(value)


def serve(target: str, port: int, home: Path) -> subprocess.Popen[bytes]:
    """Start a server with one worker and one thread."""
    granian = str(Path(sys.executable).with_name("granian"))
    command = [granian, "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--port", str(port)]
    environ = os.environ | {"TRACKLINE_HOME": str(home), "PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen([*command, "--no-access-log", "--log-level", "error", target], env=environ)


def measure(
    connection: http.client.HTTPConnection, case: Case, path: str, headers: dict[str, str], turn: int
) -> tuple[float, int]:
    """Return milliseconds and status of one request."""
    body = json.dumps(case.body | {"account": str(1 + turn)}) if case.body else None
    begin = time.perf_counter()
    connection.request(case.method, path, body, headers | ({"Content-Type": "application/json"} if body else {}))
    response = connection.getresponse()
    response.read()
    return (time.perf_counter() - begin) * 1000, response.status


def connect(port: int) -> http.client.HTTPConnection:
    """Wait for a server and return a connection to it."""
    for _ in range(150):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.connect()
        except OSError:
            time.sleep(0.2)
        else:
            return connection
    raise SystemExit(f"the server on port {port} did not start")


def main() -> None:
    """Print a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench"))
    parser.add_argument("--requests", type=int, default=200)
    arguments = parser.parse_args()
    home: Path = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    bearer = book.make(home)
    cookie = record(CASES, bearer, home)
    servers = [serve("trackline.delivery.wsgi:application", OURS, home), serve("bench.floor:application", FLOOR, home)]
    try:
        ours, floor = connect(OURS), connect(FLOOR)
        print(f"{'':28}{'ours ms':>9}{'floor ms':>10}{'ratio':>8}{'aim':>6}   statements")
        recipes = json.loads((home / "recipes.json").read_text())
        for number, case in enumerate(CASES):
            headers = {"Cookie": cookie} if case.kind == "page" else {"Authorization": f"Bearer {bearer}"}
            mine, bare = [], []
            for turn in range(arguments.requests):
                elapsed, status = measure(ours, case, case.path, headers, turn)
                assert status < 300, (case, status)
                mine.append(elapsed)
                bare.append(measure(floor, case, f"/{number}", {}, turn)[0])
            left, right = statistics.median(mine), statistics.median(bare)
            count = len(recipes[str(number)]["statements"])
            print(f"{case.name:28}{left:9.2f}{right:10.2f}{left / right:8.1f}{case.aim:6.0f}   {count}")
    finally:
        for server in servers:
            server.terminate()


if __name__ == "__main__":
    main()
