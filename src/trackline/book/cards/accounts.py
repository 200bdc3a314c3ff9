"""What the metrics of scorecards read on accounts: any number of accounts and metrics in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from trackline.accounts.models import Account, Metric, Observation, Score
from trackline.accounts.rates import rates_in_force
from trackline.book.dashboards.shapes import Column, Found, Row, Rows
from trackline.book.dashboards.sources import YEAR
from trackline.book.queries.arr import arr_on
from trackline.book.queries.retention import moves_of
from trackline.book.rules.card_measures import Measure, measure_of
from trackline.core.playbook import rulebook
from trackline.kickoff.measuring import counts, period_of
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.track.rules.health_inputs import wiring

TREND = timedelta(days=731)
"""How far back the line of a metric reaches."""
Point = tuple[date, Decimal]


@dataclass(frozen=True)
class Measured:
    """What a metric reads on a day, and what it read before, oldest first; without history `trend` is empty."""

    found: Found
    trend: Sequence[Point] = field(default=())


@dataclass(frozen=True)
class _Read:
    on: date
    value: Decimal
    source: str


class AccountMeasures:
    """The metrics of some accounts as of a day; `history` reads what they were before too."""

    def __init__(
        self, ctx: Context, accounts: Collection[int], metrics: Iterable[Metric], on: date, *, history: bool = False
    ) -> None:
        self.ctx, self.on, self.history = ctx, on, history
        self.ids = sorted(accounts)
        self.metrics = {metric.key: metric for metric in metrics}
        self.how = {key: measure_of(key) for key in self.metrics}
        self.currencies: dict[int, str] = dict(
            Account.objects.filter(pk__in=self.ids).values_list("pk", "currency") if self.ids else ()
        )
        self.names: dict[int, str] = {}
        self._read_series()
        self._read_retention()
        self._read_execution()
        self._read_scores()

    def of(self, account: int, metric: Metric) -> Measured:
        """Return what a metric reads on an account: its own readings, else what is computed for it."""
        how = self.how[metric.key]
        rows = self._series.get((account, metric.key), [])
        if rows:
            return self._read(account, metric, rows)
        if how.inputs:
            return self._ruled(account, metric, how)
        if how.retention:
            return self._retained(account, metric, how)
        if how.execution:
            return self._executed(account, metric, how)
        if how.score:
            return self._scored(account, metric, how)
        return Measured(self._nothing(account, metric, "no reading"))

    # -- readings --------------------------------------------------------------------------------------------------

    def _read_series(self) -> None:
        self._series: dict[tuple[int, str], list[_Read]] = defaultdict(list)
        keys = {*self.metrics, *(key for one in self.how.values() for key in one.inputs.values())}
        if not keys or not self.ids:
            self._rhythms: dict[str, str] = {}
            return
        named = {pk: (key, refresh) for pk, key, refresh in _metrics(keys)}
        self._rhythms = dict(named.values())
        rows = Observation.objects.filter(
            metric__in=list(named), account__in=self.ids, deleted_at__isnull=True, on__lte=self.on
        )
        if self.history:
            rows = rows.filter(on__gte=self.on - TREND).order_by("on", "pk")
        else:
            place = Window(
                RowNumber(), partition_by=[F("account"), F("metric")], order_by=[F("on").desc(), F("pk").desc()]
            )
            rows = rows.annotate(place=place).filter(place=1)
        for account, metric, on, value, source in rows.values_list("account", "metric", "on", "value", "source"):
            self._series[account, named[metric][0]].append(_Read(on, value, source))

    def _fresh(self, key: str, read: _Read) -> bool:
        return (self.on - read.on).days <= wiring().max_age_days[self._rhythms[key]]

    def _read(self, account: int, metric: Metric, rows: Sequence[_Read]) -> Measured:
        newest = rows[-1]
        trend = [(row.on, row.value) for row in rows]
        if not self._fresh(metric.key, newest):
            reach = wiring().max_age_days[self._rhythms[metric.key]]
            note = (
                f"The last reading is of {formats.day(newest.on, self.on)}; one older than {reach} days tells nothing."
            )
            return Measured(replace(self._nothing(account, metric, "too old"), notes=[note], oldest=newest.on), trend)
        found = self._found(account, metric, newest.value, newest.source or "reading", newest.on)
        return Measured(replace(found, behind=lambda: self._behind(metric, rows)), trend)

    def _behind(self, metric: Metric, rows: Sequence[_Read]) -> Rows:
        columns = (Column("Read", "date"), Column(metric.name, "measure", metric.unit), Column("Source"))
        return Rows(columns, [Row((row.on, row.value, row.source)) for row in reversed(rows)])

    # -- what is computed ------------------------------------------------------------------------------------------

    def _ruled(self, account: int, metric: Metric, how: Measure) -> Measured:
        series = {name: self._series.get((account, key), []) for name, key in how.inputs.items()}
        newest = {name: rows[-1] for name, rows in series.items() if rows and self._fresh(how.inputs[name], rows[-1])}
        lacking = [how.inputs[name].replace("_", " ") for name in how.inputs if name not in newest]
        trend = [
            (on, value)
            for on in sorted({row.on for rows in series.values() for row in rows})
            if (value := _run(how.rule, {name: _until(rows, on) for name, rows in series.items()}, on)) is not None
        ]
        if lacking:
            note = f"No fresh reading of {' and of '.join(lacking)}."
            return Measured(replace(self._nothing(account, metric, "no reading"), notes=[note]), trend)
        value = _run(how.rule, {name: read.value for name, read in newest.items()}, self.on)
        oldest = min(read.on for read in newest.values())
        currency = self.currencies[account]
        units = [f"{how.inputs[name].replace('_', ' ')} {formats.number(read.value)}" for name, read in newest.items()]
        found = self._found(account, metric, value, f"from {' and '.join(units)} {currency}".strip(), oldest)
        return Measured(found, trend)

    def _read_retention(self) -> None:
        self._moves: dict[int, dict[str, Any]] = {}
        if not any(one.retention for one in self.how.values()):
            return
        rates = rates_in_force(self.on)
        for one in arr_on(self.ctx, (self.on - YEAR, self.on), rates, only=self.ids):
            self._moves[one.pk] = moves_of([one], self.on - YEAR, self.on, rates)

    def _retained(self, account: int, metric: Metric, how: Measure) -> Measured:
        moves = self._moves.get(account)
        if moves is None or moves[how.retention] is None:
            found = self._nothing(account, metric, "no ARR a year ago")
            why = [f"{one['why']}" for one in moves["missing"]] if moves else []
            return Measured(replace(found, notes=why))
        start, end = (formats.money(moves[name], moves["currency"]) for name in ("starting_arr", "ending_arr"))
        found = self._found(account, metric, moves[how.retention], f"{start} a year ago, {end} now", self.on)
        return Measured(replace(found, notes=moves["notes"]))

    def _read_execution(self) -> None:
        self._counts: Mapping[str, Mapping[int, Any]] = {}
        if not any(one.execution for one in self.how.values()) or not self.ids:
            return
        period = period_of("quarter", self.on, self.on)
        self._period = period
        self._counts = counts(self.ids, period)

    def _executed(self, account: int, metric: Metric, how: Measure) -> Measured:
        count = self._counts.get(how.execution, {}).get(account)
        since = formats.day(self._period.start, self.on)
        if count is None:
            return Measured(self._nothing(account, metric, f"nothing due since {since}"))
        detail = f"{formats.number(count.done)} of {formats.number(count.due)} since {since}"
        return Measured(self._found(account, metric, count.value, detail, self.on))

    def _read_scores(self) -> None:
        self._scores: dict[tuple[int, str], list[Point]] = defaultdict(list)
        rules = {one.score for one in self.how.values() if one.score}
        if not rules or not self.ids:
            return
        rows = Score.objects.filter(
            rule__in=rules, preset="", account__in=self.ids, on__lte=self.on, value__isnull=False
        )
        for account, rule, on, value in rows.order_by("on").values_list("account", "rule", "on", "value"):
            if value is not None:
                self._scores[account, rule].append((on, value))

    def _scored(self, account: int, metric: Metric, how: Measure) -> Measured:
        rows = self._scores.get((account, how.score))
        if not rows:
            return Measured(self._nothing(account, metric, "no score"))
        on, value = rows[-1]
        return Measured(self._found(account, metric, value, "computed", on), rows)

    # -- shapes ----------------------------------------------------------------------------------------------------

    def _found(self, account: int, metric: Metric, value: Decimal | None, detail: str, oldest: date) -> Found:
        return Found(
            self.on, metric.unit, self.currencies.get(account, ""), value, detail=detail, oldest=oldest, title=metric.name,
            missing="not known",
        )  # fmt: skip

    def _nothing(self, account: int, metric: Metric, why: str) -> Found:
        return Found(self.on, metric.unit, self.currencies.get(account, ""), None, title=metric.name, missing=why)


def _metrics(keys: Collection[str]) -> Iterable[tuple[int, str, str]]:
    found: Iterable[tuple[int, str, str]] = (
        Metric.objects.alive().filter(key__in=list(keys)).values_list("pk", "key", "refresh")
    )
    return found


def _until(rows: Sequence[_Read], on: date) -> Decimal | None:
    return next((row.value for row in reversed(rows) if row.on <= on), None)


def _run(rule: str, given: Mapping[str, Decimal | None], on: date) -> Decimal | None:
    if None in given.values():
        return None
    found = rulebook().get(rule)(given, as_of=on)
    return found.value if isinstance(found.value, Decimal) else None
