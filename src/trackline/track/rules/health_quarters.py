"""Quarter by quarter: for how long a metric has been falling, and whether engagement holds (HLT-08). Pure.

The newest reading of a quarter stands for it; a quarter without one ends the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from trackline.core.decimals import q6
from trackline.core.periods import quarter_of
from trackline.core.playbook.collected import Reading, until
from trackline.core.series import change_pct

MOST_QUARTERS = 4
"""So many completed quarters are looked at, so that a row of three falls is seen."""
REACH_DAYS = 92 * (MOST_QUARTERS + 1)

Norm = Callable[[Decimal], Decimal]


class Falls(NamedTuple):
    """How many quarters in a row a metric fell, and the readings that say so, newest first."""

    length: int
    metric: str
    readings: Sequence[Reading]


def longest_fall(
    series: Mapping[str, Sequence[Reading]], norms: Mapping[str, Norm], on: date, fall: Decimal, first_month: int = 1
) -> Falls | None:
    """Return the longest row of quarters, up to the last completed one, in which the points of one metric fell by `fall` or
    more. None where no metric has readings of the last two completed quarters; of equals the first metric counts.
    """
    found: Falls | None = None
    for metric, norm in norms.items():
        readings = series.get(metric, ())
        row = list(_falling(readings, norm, on, fall, first_month)) if readings else []
        if len(row) > 1 or (row and found is None):
            one = Falls(len(row) - 1, metric, row)
            if found is None or one.length > found.length:
                found = one
    return found


def _falling(readings: Sequence[Reading], norm: Norm, on: date, fall: Decimal, first_month: int) -> Iterator[Reading]:
    """Yield the newest reading of each quarter of the row, newest first; of one that fell in none the newest alone. Nothing
    where the last two completed quarters are not known.
    """
    end = quarter_of(on, first_month).start
    later = _newest(readings, end, first_month)
    for number in range(MOST_QUARTERS - 1):
        end = quarter_of(end - timedelta(days=1), first_month).start
        before = _newest(readings, end, first_month)
        if later is None or before is None:
            return
        if not number:
            yield later
        if q6(norm(later.value) - norm(before.value)) > -fall:
            return
        yield before
        later = before


def _newest(readings: Sequence[Reading], end: date, first_month: int) -> Reading | None:
    """The newest reading of the quarter that ends before a day."""
    at = until(readings, end - timedelta(days=1))
    found = readings[at - 1] if at else None
    return found if found and found.on >= quarter_of(end - timedelta(days=1), first_month).start else None


def quarter_before(readings: Sequence[Reading], newest: Reading, first_month: int = 1) -> Reading | None:
    """Return the newest reading of the quarter before that of a reading."""
    return _newest(readings, quarter_of(newest.on, first_month).start, first_month)


def is_steady(now: Decimal, before: Decimal, within_pct: Decimal) -> bool:
    """Tell whether a value lies within some percent of the one before; from nothing only nothing does."""
    change = change_pct(before, now)
    return now == 0 if change is None else q6(abs(change)) <= q6(within_pct)
