"""Every page of a large account: CPU of ours, of the floor, the ratio. One process, alternating.

The account of the sample book holds 200 contacts, 100 routes, 50 plays and 20,000 observations. The floor is a bare WSGI
function that runs the same SQL on the same file and writes the same rows into a plain string. CPU and not time of the
clock is measured, so that a busy machine changes little.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import book, large
from bench.http import Case, record

ACCOUNT = "ardent-rail"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def cases() -> tuple[Case, ...]:
    """Return the pages of the account, alone and with all below it."""
    from trackline.workspace.queries.account.tabs import TABS
    from trackline.workspace.views.account_together import TOGETHER

    base = f"/accounts/{ACCOUNT}"
    alone = [f"/{section}/{tab.key}" for section, tabs in TABS.items() for tab in tabs]
    views = ["/align/routes?view=table", "/align/routes?view=timeline", "/choose/board?by=steps"]
    group = ["/group", *(f"/{section}/{tab}?group=1" for section, tab in TOGETHER)]
    paths = ["", "/timeline", "/history", "/plan", *alone, *views, *group]
    return tuple(Case(path or "/", base + path, kind="page") for path in paths)


def ask(application: Application, path: str, cookie: str) -> tuple[float, int]:
    """Return the CPU milliseconds of one request, and the bytes of its answer."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "HTTP_HOST": "localhost", "HTTP_COOKIE": cookie, "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": False,
        "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    status: list[str] = []
    begin = time.process_time()
    body = b"".join(application(environ, lambda line, _headers: status.append(line)))
    spent = (time.process_time() - begin) * 1000
    assert status[0].startswith("200"), (path, status)
    return spent, len(body)


def make(home: Path) -> None:
    """Make the sample book with its large account, once."""
    book.start(home)
    from django.core.management import call_command
    from django.utils import timezone

    from trackline.accounts.models import Account, User
    from trackline.accounts.rulebook import pending
    from trackline.accounts.services import create_user
    from trackline.delivery.cli.demo import load_sample
    from trackline.kit.policy import system_context

    call_command("migrate", verbosity=0)
    ctx = system_context(timezone.now(), via="cli")
    if not Account.objects.exists():
        load_sample(ctx)
    if not User.objects.filter(username="bench").exists():
        create_user(ctx, "bench", role="admin", password="only for benchmarks")
    account = Account.objects.get(key=ACCOUNT)
    large.grow(account)
    pending.bring_up(ctx, [account.pk])


def main() -> None:
    """Print a line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench-account"))
    parser.add_argument("--requests", type=int, default=15)
    parser.add_argument("--only", default="", help="pages whose address holds this")
    arguments = parser.parse_args()
    home: Path = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    make(home)
    pages = tuple(case for case in cases() if arguments.only in case.path)
    cookie = record(pages, "", home)
    from django.core.wsgi import get_wsgi_application

    from bench.floor import RECIPES
    from bench.floor import application as floor

    ours = get_wsgi_application()
    print(f"{'':34}{'ours ms':>9}{'floor ms':>10}{'ratio':>8}{'queries':>9}{'kB':>7}")
    for number, case in enumerate(pages):
        mine, bare, size = [], [], 0
        for _ in range(arguments.requests):
            spent, size = ask(ours, case.path, cookie)
            mine.append(spent)
            bare.append(ask(floor, f"/{number}", "")[0])
        left, right = statistics.median(mine), statistics.median(bare)
        asked = len(RECIPES[str(number)]["statements"])
        print(f"{case.name:34}{left:9.1f}{right:10.1f}{left / right:8.1f}{asked:9}{size / 1000:7.0f}", flush=True)


if __name__ == "__main__":
    main()
