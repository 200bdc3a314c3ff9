"""What every card says of the score it shows: where its reasons stand, of which day it is, what was left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Metric, Score
from trackline.accounts.rulebook.queries import newest
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.acts import Act

STALE_DAYS = 8
"""A score older than this is stale: unchanged ones are kept anew each week. Source: HLT-04."""


@dataclass(frozen=True)
class Shown:
    """A score on a page: where its reasons stand, as a page and in the panel; its day, and its age where too old."""

    why: str
    panel: str
    on: date
    stale_days: int | None


@dataclass(frozen=True)
class Lack:
    """Something a score could not use, why, and the act that fills it (None for who may not write)."""

    label: str
    why: str
    act: Act | None


def newest_scores(account_id: int, rules: Iterable[str]) -> Mapping[str, Score]:
    """Return the newest score of each rule that has no presets, in one query."""
    return {row.rule: row for row in newest(Score.objects.filter(account=account_id, rule__in=list(rules), preset=""))}


def shown(score: Score, head: Head) -> Shown:
    """Return what a card says of a score."""
    age = (head.today - score.on).days
    panel = f"score/{head.account.pk}/{score.rule}"
    return Shown(f"{head.url}/scores/{score.rule}", panel, score.on, age if age > STALE_DAYS else None)


def sources(score: Score, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the records that an input came from."""
    given = score.inputs.get(name) or {}
    listed: Sequence[Mapping[str, Any]] = given.get("sources", [given] if "record_type" in given else [])
    return listed


def value_of(score: Score, name: str) -> Any:
    """Return the value of an input, or None."""
    return (score.inputs.get(name) or {}).get("value")


def lacks_of_records(score: Score, name: str, head: Head) -> list[Lack]:
    """Return the records that leave an input incomplete, each with what it lacks."""
    found = []
    for one in score.missing:
        if one["input"] == name and "record_type" in one:
            act = acts.open_record(one["record_type"], one["record_id"], "Add it") if head.can_write else None
            found.append(Lack(one["label"], f"no {' and no '.join(one['lacks'])}", act))
    return found


def metric_of(score: Score, name: str) -> str:
    """Return the key of the metric that feeds an input, whether or not it has a reading; "" where records do."""
    told = [*sources(score, name), *(one for one in score.missing if one["input"] == name)]
    return next((str(one["metric"]) for one in told if one.get("metric")), "")


def metric_ids(scores: Iterable[Score]) -> Mapping[str, int]:
    """Return the ids of the metrics of the book that feed scores, by key; one query."""
    keys = {
        metric_of(score, name) for score in scores for name in (*score.inputs, *(one["input"] for one in score.missing))
    }
    rows = Metric.objects.filter(key__in=keys - {""}, account__isnull=True, deleted_at__isnull=True)
    return dict(rows.values_list("key", "pk"))


def reading_act(metric: str, head: Head, label: str, metrics: Mapping[str, int]) -> Act | None:
    """Return the form of a new reading, or None for who may not write and where the metric's id was not read."""
    if not head.can_write or metric not in metrics:
        return None
    return acts.create("observation", label, account=head.account.pk, metric=metrics[metric])
