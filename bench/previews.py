"""Effect of adjusted figures on 10,000 accounts with 1,000,000 observations, beside bare SQL and NumPy on the same readings.

Seconds are of user CPU, so that what else the machine does counts little.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench import book
from bench.refresh import ACCOUNTS, OBSERVATIONS, make_book

CHARTED = ("response_latency_hours", "escalation_index", "tickets_new")
"""Metrics that every account agreed on, so that a control chart watches them."""
USAGE = ("active_seat_pct", "core_features_used", "nps_rating", "tickets_new", "targets_met_pct")
RELATIONSHIP = (
    "engagement_pct", "share_of_voice_pct", "response_latency_hours", "escalation_index", "benefit_realization", "nps_rating"
)  # fmt: skip
TRIED: dict[str, tuple[dict[str, Any], Sequence[str], int]] = {
    "track.health.usage": ({"weights": {"product_usage": 20, "feature_adoption": 30}}, USAGE, 460),
    "track.health.relationship": ({"weights": {"engagement": 10, "benefit_realization": 30}}, RELATIONSHIP, 460),
    "watch.signal.control_chart": ({"k": 2}, CHARTED, 760),
}
"""What is tried of each rule, the metrics it looks at, and how many days back."""


def seconds(work: Callable[[], Any]) -> float:
    """Seconds of user CPU that some work takes."""
    begin = os.times().user
    work()
    return os.times().user - begin


def floor(path: Path, metrics: Sequence[str], since: date) -> None:
    """Read the readings of some metrics, and weigh the newest of each and chart the rest in bare NumPy."""
    marks = ",".join("?" * len(metrics))
    rows = sqlite3.connect(path).execute(
        "SELECT o.account_id, o.metric_id, o.value FROM accounts_observation o JOIN accounts_metric m ON m.id = o.metric_id "
        f'WHERE o.deleted_at IS NULL AND m.key IN ({marks}) AND o."on" >= ? ORDER BY o.account_id, o.metric_id, o."on"',
        (*metrics, since.isoformat()),
    )  # fmt: skip
    found = np.array(rows.fetchall(), float)
    ends = np.flatnonzero(np.diff(found[:, 1], append=-1))
    for _side in range(2):
        np.bincount(found[ends, 0].astype(int), found[ends, 2] * 20.0)
        before = np.delete(found[:, 2], ends)
        line = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=-1) - 1)
        count = np.maximum(np.bincount(line, minlength=len(ends)), 2)
        mean = np.bincount(line, before, len(ends)) / count
        spread = np.sqrt(np.bincount(line, (before - mean[line]) ** 2, len(ends)) / (count - 1))
        np.abs(found[ends, 2] - mean) > 3 * spread  # noqa: B015


def agree_on_metrics(accounts: int) -> None:
    """Give every account KPIs, as control charts watch them."""
    from django.utils import timezone

    from trackline.accounts.models import Kpi, Metric

    now = timezone.now()
    metrics = list(Metric.objects.filter(key__in=CHARTED))
    Kpi.objects.bulk_create(
        [
            Kpi(account_id=pk, metric=metric, name=metric.name, created_at=now, updated_at=now)
            for pk in range(1, accounts + 1)
            for metric in metrics
        ],
        batch_size=2000,
    )


def one_by_one() -> None:
    """Take the twins away, so that rules judge one account, or one series, after the other."""
    from dataclasses import replace

    from trackline.accounts.rulebook import live
    from trackline.watch import engine

    engine.TWINS = {}  # type: ignore[misc]
    for rule in live.live_rules():
        live.register(replace(rule, twin=None))


def main(accounts: int = ACCOUNTS) -> None:
    """Print the seconds of each preview, those without twins, the floor and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        book.start(Path(folder))
        from django.utils import timezone

        from trackline.accounts.rulebook.book import EVERY_ACCOUNT
        from trackline.accounts.rulebook.preview import preview
        from trackline.core.playbook import rulebook

        make_book(Path(folder), accounts)
        agree_on_metrics(accounts)
        today = timezone.localdate()

        def tried(rule_id: str) -> float:
            changes = TRIED[rule_id][0]
            return seconds(lambda: preview(rulebook().get(rule_id), EVERY_ACCOUNT, changes, today))

        for rule_id in TRIED:  # once for what is read and compiled at first use
            tried(rule_id)
        ours = {rule_id: tried(rule_id) for rule_id in TRIED}
        path = Path(folder) / "trackline.sqlite3"
        bare = {
            rule_id: seconds(lambda: floor(path, metrics, today - timedelta(days=days)))  # noqa: B023
            for rule_id, (_, metrics, days) in TRIED.items()
        }
        one_by_one()
        slow = {rule_id: tried(rule_id) for rule_id in TRIED}
    print(
        f"effect on {accounts:,} accounts with {accounts * (OBSERVATIONS // ACCOUNTS):,} observations, seconds of CPU:"
    )
    for rule_id, took in ours.items():
        print(f"  {rule_id}: {took:.2f}, one by one {slow[rule_id]:.2f}, floor {bare[rule_id]:.2f}, "
              f"ratio {took / bare[rule_id]:.1f}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS)
