"""Readings of many accounts: one query, and a value is made of what the database gave only where a rule looks at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, overload

from trackline.accounts.models import Metric, Observation
from trackline.core.playbook.collected import Reading
from trackline.kit.statements import Bare, Row, as_stored

ACCOUNT, METRIC, ON, ID, VALUE = range(5)
_day_of, _value_of, _line_of = itemgetter(ON), itemgetter(VALUE), itemgetter(ACCOUNT, METRIC)
Convert = Callable[[Any], Any]


class Series(Sequence[Reading]):
    """The readings of one metric on one account, oldest first."""

    __slots__ = ("_day", "_rows", "_value")

    def __init__(self, rows: list[Row], day: Convert, value: Convert) -> None:
        self._rows, self._day, self._value = rows, day, value

    def __len__(self) -> int:
        return len(self._rows)

    def until(self, day: date) -> int:
        """Return how many are not later than a day; days are compared as the database gave them."""
        given = day.isoformat() if self._rows and isinstance(self._rows[0][ON], str) else day
        return bisect_right(self._rows, given, key=_day_of)

    @overload
    def __getitem__(self, at: int) -> Reading: ...
    @overload
    def __getitem__(self, at: slice) -> Series: ...
    def __getitem__(self, at: int | slice) -> Reading | Series:
        if isinstance(at, slice):
            return Series(self._rows[at], self._day, self._value)
        row = self._rows[at]
        return Reading(self._day(row[ON]), row[ID], self._value(row[VALUE]))

    def last_of_months(self, most: int) -> Series:
        """Return the last reading of each of the newest months that have one, at most so many."""
        kept: list[Row] = []
        month: Any = None
        for row in reversed(self._rows):
            on = self._day(row[ON])
            if (on.year, on.month) != month:
                if len(kept) == most:
                    break
                kept.append(row)
                month = (on.year, on.month)
        return Series(kept[::-1], self._day, self._value)

    @property
    def floats(self) -> list[float]:
        """The values as the nearest floats."""
        return [float(value) for value in map(_value_of, self._rows)]


def metrics(keys: Iterable[str]) -> dict[int, tuple[str, str]]:
    """Return key and rhythm of the metrics of all accounts that have these keys, by id; one query."""
    rows = Metric.objects.filter(deleted_at__isnull=True, key__in=list(keys), account__isnull=True)
    return {pk: (key, rhythm) for pk, key, rhythm in rows.values_list("pk", "key", "refresh")}


def readings(
    accounts: Sequence[int], of: Mapping[int, tuple[str, str]], since: date, until: date
) -> dict[int, dict[str, Series]]:
    """Return the readings of accounts between two days by metric key, oldest first; one query."""
    query = Observation.objects.filter(
        deleted_at__isnull=True, account__in=accounts, metric__in=list(of), on__range=(since, until)
    )
    query = query.order_by("account", "metric", "on").annotate(day=Bare("on"))  # as the index has them
    rows, converters = as_stored(query.values_list("account_id", "metric_id", "day", "pk", "value"))
    day, value = converters.get(ON, _same), converters.get(VALUE, _same)
    found: dict[int, dict[str, Series]] = {}
    for (account, metric), listed in groupby(rows, _line_of):
        found.setdefault(account, {})[of[metric][0]] = Series(list(listed), day, value)
    return found


def _same(value: Any) -> Any:
    return value
