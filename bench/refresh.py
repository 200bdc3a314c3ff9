"""Refresh of the scores of 10,000 accounts with 1,000,000 observations, beside bare SQL that reads and writes the same."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench import book

ACCOUNTS, OBSERVATIONS = 10_000, 1_000_000
METRICS = {
    "active_seat_pct": 100, "core_features_used": 6, "nps_rating": 10, "tickets_new": 60, "targets_met_pct": 100,
    "engagement_pct": 120, "share_of_voice_pct": 100, "response_latency_hours": 90, "escalation_index": 10,
    "benefit_realization": 110,
}  # fmt: skip
"""Metrics that feed the scores, with their largest value; read every 13 days, ten times."""
COUNTED = ("core_features_used", "tickets_new")


def make_book(home: Path, accounts: int) -> None:
    """Make a book of accounts, each with a unit, a champion and a hundred observations."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from trackline.accounts.models import Account, BusinessUnit, Contact, Metric, Observation

    call_command("migrate", verbosity=0)
    now, today = timezone.now(), timezone.localdate()
    stamp = {"created_at": now, "updated_at": now}
    random = np.random.default_rng(3)
    rows = [
        Account(pk=pk, key=f"a{pk}", name=f"Account {pk}", path=f"/{pk}/", tier=pk % 3 + 1, **stamp)
        for pk in range(1, accounts + 1)
    ]
    Account.objects.bulk_create(rows)
    BusinessUnit.objects.bulk_create(
        [BusinessUnit(pk=row.pk, account_id=row.pk, name="Unit", **stamp) for row in rows], batch_size=500
    )
    Contact.objects.bulk_create(
        [
            Contact(account_id=row.pk, name="C", buying_role="champion", business_unit_id=row.pk, **stamp)
            for row in rows
        ],
        batch_size=500,
    )
    ids = dict(Metric.objects.filter(key__in=METRICS).values_list("key", "pk"))
    each = OBSERVATIONS // ACCOUNTS // len(METRICS)
    columns = 'account_id, metric_id, "on", value, source, quality, note, custom, search_text, version, created_at, updated_at'
    sql = f"INSERT INTO {Observation._meta.db_table} ({columns}) VALUES (?,?,?,?,'','ok','','{{}}','',1,?,?)"
    stamps = (now.isoformat(" ")[:26], now.isoformat(" ")[:26])
    with connection.cursor() as cursor:
        raw = cursor.connection
        for key, most in METRICS.items():
            values = np.round(random.random((accounts, each)) * most, 0 if key in COUNTED else 1)
            raw.executemany(
                sql,
                (
                    (pk + 1, ids[key], (today - timedelta(days=13 * back + pk % 13)).isoformat(), float(value), *stamps)
                    for pk, series in enumerate(values)
                    for back, value in enumerate(series)
                ),
            )
        raw.commit()


def refresh(today: date, only: range | None = None) -> tuple[float, int]:
    """Seconds and queries of one refresh, of the whole book or of some accounts."""
    from django.db import connection
    from django.utils import timezone

    from trackline.accounts.rulebook import book as whole
    from trackline.accounts.rulebook.refresh import refresh_scores

    count = 0

    def counted(execute: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    begin = time.perf_counter()
    with connection.execute_wrapper(counted):
        if only is not None:
            refresh_scores(only, today)
        else:
            found = whole.begin(today, timezone.now())
            found.go(lambda ids: refresh_scores(ids, today))
            found.finish(timezone.now())
    return time.perf_counter() - begin, count


def floor(path: Path) -> float:
    """Seconds of reading the observations and writing the rows of the scores anew, in bare SQL."""
    connection = sqlite3.connect(path)
    begin = time.perf_counter()
    read = connection.execute(
        'SELECT account_id, metric_id, "on", id, value FROM accounts_observation WHERE deleted_at IS NULL ORDER BY "on"'
    ).fetchall()
    assert read
    seconds = time.perf_counter() - begin
    rows = connection.execute("SELECT * FROM accounts_score").fetchall()
    lines = connection.execute("SELECT * FROM accounts_scorechange").fetchall()
    begin = time.perf_counter()
    for name, kept in (("score", rows), ("scorechange", lines)):
        connection.execute(f"CREATE TABLE floor_{name} AS SELECT * FROM accounts_{name} WHERE 0")
        marks = ",".join("?" * len(kept[0]))
        connection.executemany(f"INSERT INTO floor_{name} VALUES ({marks})", kept)
    connection.commit()
    seconds += time.perf_counter() - begin
    for name in ("score", "scorechange"):
        connection.execute(f"DROP TABLE floor_{name}")
    connection.commit()
    return seconds


def main(accounts: int = ACCOUNTS) -> None:
    """Print seconds, floor, ratio and queries; the first run writes every score, the second finds them unchanged.

    Queries are those of runs that do the same: a tenth of the book and all of it, with nothing new to write.
    """
    with tempfile.TemporaryDirectory() as folder:
        book.start(Path(folder))
        from django.utils import timezone

        from trackline.accounts.rulebook import book as whole

        make_book(Path(folder), accounts)
        today = timezone.localdate()
        first, writing = refresh(today)
        bare = floor(Path(folder) / "trackline.sqlite3")
        again, queries = refresh(today)
        later, _ = refresh(today + timedelta(days=1))
        tenth = refresh(today, range(1, accounts // 10 + 1))[1]
    each = OBSERVATIONS // ACCOUNTS
    print(f"refresh of {accounts:,} accounts with {accounts * each:,} observations: {first:.1f} s, floor {bare:.1f} s, "
          f"ratio {first / bare:.1f} (aim under 60 s); again {again:.1f} s, next day {later:.1f} s; "
          f"queries in chunks of {whole.AT_ONCE:,}: {tenth} for {accounts // 10:,} accounts, {queries} for {accounts:,}, "
          f"{writing} where every score and alert is new")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS)
