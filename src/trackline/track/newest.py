"""The newest reading of a metric, and whether it is fresh enough to count as an input."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trackline.accounts.rulebook.live import Batch, live_rule
from trackline.core.playbook.feeds import Feed, Feeds, Source
from trackline.track.rules.health_inputs import USAGE, wiring


class Newest(NamedTuple):
    """The newest reading of a metric; `fresh` while its rhythm lets it count."""

    id: int
    value: Decimal
    on: date
    fresh: bool


def fed_by(*feeds: tuple[str, str, str, str]) -> Feeds:
    """Return feeds of inputs that each take the newest reading of a metric: name, label, metric, how to fill it.

    Readings count as long as those of the health models do.
    """
    inputs = {
        name: Feed(name, label, "{value}", (Source("metric", (metric,)),), get, shares=False)
        for name, label, metric, get in feeds
    }
    return Feeds(inputs, wiring().models[USAGE].ages)


def newest_reading(batch: Batch, rule_id: str, name: str, account: int, on: date) -> tuple[str, Newest | None]:
    """Return the metric that feeds an input of a rule on a day, and its newest reading of an account not later than it."""
    live = live_rule(rule_id)
    feeds = batch.feeds(live, on) if live else None
    assert feeds is not None, rule_id
    source = feeds.inputs[name].sources[0]
    (metric,) = source.metrics
    readings = batch.readings.get(account, {}).get(metric, ())
    found = next((one for one in reversed(readings) if one.on <= on), None)
    if found is None:
        return metric, None
    limit = source.max_age_days or feeds.max_age_days(batch.rhythms.get(metric, "monthly"))
    return metric, Newest(found.id, found.value, found.on, (on - found.on).days <= limit)
