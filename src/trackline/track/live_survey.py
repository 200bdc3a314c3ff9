"""The relationship health index on live data: the newest results of surveys, as far as they are recent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, register
from trackline.accounts.rulebook.sources import origin
from trackline.core.playbook.feeds import file_feeds
from trackline.track.newest import newest_reading
from trackline.track.rules.health_inputs import wiring
from trackline.track.rules.survey import rhi

METRICS = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
"""Metrics that hold survey results, each the input of its name. Single answers are not kept."""


def collect_surveys(ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, Collected]:
    """Return the survey results of each account on a day; one that its rhythm calls too old is missing."""
    found = {}
    for pk in ids:
        one = found[pk] = Collected()
        for name, label in METRICS.items():
            fed_by_metric, newest = newest_reading(batch, rhi.id, name, pk, on)
            if newest and newest.fresh:
                told = origin("observation", newest.id, label, newest.on, on)
                one.values[name], one.sources[name] = newest.value, told | {"metric": fed_by_metric}
            else:
                last = newest.on.isoformat() if newest else None
                one.missing.append({"input": name, "last_on": last, "metric": fed_by_metric})
    return found


def register_all() -> None:
    """Have the index computed on live data, for days before too."""
    feeds = file_feeds(Path(__file__).parent / "rules" / "feeds.yaml", wiring().ages)
    register(LiveRule(rhi, collect_surveys, feeds[rhi.id], past=True))
