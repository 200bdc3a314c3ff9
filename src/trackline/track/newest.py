"""The newest reading of a metric, and whether it is fresh enough to count as an input."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trackline.accounts.rulebook.live import Batch
from trackline.track.rules.health_inputs import wiring


class Newest(NamedTuple):
    """The newest reading of a metric; `fresh` while its rhythm lets it count."""

    id: int
    value: Decimal
    on: date
    fresh: bool


def newest_reading(batch: Batch, account: int, metric: str, on: date) -> Newest | None:
    """Return the newest reading of a metric of an account not later than a day."""
    readings = batch.readings.get(account, {}).get(metric, ())
    found = next((one for one in reversed(readings) if one.on <= on), None)
    if found is None:
        return None
    limit = wiring().max_age_days[batch.rhythms.get(metric, "monthly")]
    return Newest(found.id, found.value, found.on, (on - found.on).days <= limit)
