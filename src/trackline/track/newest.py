"""The newest reading of a metric, and whether it is fresh enough to count as an input."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trackline.accounts.rulebook.live import Batch, live_rule


class Newest(NamedTuple):
    """The newest reading of a metric; `fresh` while its rhythm lets it count."""

    id: int
    value: Decimal
    on: date
    fresh: bool


def newest_reading(batch: Batch, rule_id: str, name: str, account: int, on: date) -> tuple[str, Newest | None]:
    """Return the metric that feeds an input of a rule on a day, and its newest reading of an account not later than it."""
    live = live_rule(rule_id)
    assert live is not None, rule_id
    feeds = batch.feeds(live, on)
    source = feeds.inputs[name].sources[0]
    (metric,) = source.metrics
    readings = batch.readings.get(account, {}).get(metric, ())
    found = next((one for one in reversed(readings) if one.on <= on), None)
    if found is None:
        return metric, None
    limit = source.max_age_days or feeds.max_age_days(batch.rhythms.get(metric, "monthly"))
    return metric, Newest(found.id, found.value, found.on, (on - found.on).days <= limit)
