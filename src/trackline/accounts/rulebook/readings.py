"""Readings of many accounts: one query, and a value is made of what the database gave only where a rule looks at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, overload

from trackline.accounts.models import Metric, Observation
from trackline.core.playbook.collected import Reading
from trackline.kit.statements import Row, as_stored

ACCOUNT, METRIC, ON, ID, VALUE = range(5)
_day_of = itemgetter(ON)
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
    def __getitem__(self, at: slice) -> Sequence[Reading]: ...
    def __getitem__(self, at: int | slice) -> Reading | Sequence[Reading]:
        if isinstance(at, slice):
            return Series(self._rows[at], self._day, self._value)
        row = self._rows[at]
        return Reading(self._day(row[ON]), row[ID], self._value(row[VALUE]))


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
    columns = query.order_by("on").values_list("account_id", "metric_id", "on", "pk", "value")
    rows, converters = as_stored(columns)
    grouped: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row[ACCOUNT], row[METRIC]), []).append(row)
    day, value = converters.get(ON, _same), converters.get(VALUE, _same)
    found: dict[int, dict[str, Series]] = {}
    for (account, metric), listed in grouped.items():
        found.setdefault(account, {})[of[metric][0]] = Series(listed, day, value)
    return found


def _same(value: Any) -> Any:
    return value
