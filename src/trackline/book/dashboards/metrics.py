"""Tiles of any metric: where it stands over the accounts, over time, and by part of the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Avg, F, Window
from django.db.models.functions import RowNumber, TruncMonth

from trackline.accounts.models import Metric, Observation
from trackline.accounts.models.choices import Direction
from trackline.accounts.rules.kpi_library import library
from trackline.book.dashboards.revenue import in_order
from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows
from trackline.book.dashboards.sources import Options, Sources, reader
from trackline.core.decimals import mean
from trackline.core.scales import CUT, Bands, Cut
from trackline.kit import formats
from trackline.track.rules.health_inputs import wiring

SUMMARIES = {"mean": "mean", "median": "median", "sum": "sum", "lowest": "lowest", "highest": "highest"}
MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Reading:
    """The newest reading of an account; `value` is in the book's currency where the metric is money."""

    pk: int
    account: int
    on: date
    value: Decimal


@dataclass(frozen=True)
class Read:
    """Readings of a metric that are young enough, how many accounts have an older one alone, and how many no rate."""

    metric: Metric
    readings: Sequence[Reading]
    old: int
    without_rate: int
    reach: int

    @property
    def notes(self) -> list[str]:
        """What was left out, in words."""
        found = [f"Readings not older than {self.reach} days."]
        if self.old:
            found.append(f"{self.old} accounts have only an older reading and are left out.")
        if self.without_rate:
            found.append(f"{self.without_rate} are in a currency without a rate and are left out.")
        return found


def metric_of(options: Options) -> Metric | None:
    """Return the metric that a tile names by its key; one query."""
    key = options.get("metric", "")
    found: Metric | None = Metric.objects.alive().filter(key=key, account__isnull=True).first() if key else None
    return found


def read(s: Sources, metric: Metric) -> Read:
    """Read the newest reading of each account in one query."""
    rows = Observation.objects.filter(metric=metric, deleted_at__isnull=True, on__lte=s.on, account__in=s.among)
    place = Window(RowNumber(), partition_by=[F("account")], order_by=[F("on").desc(), F("pk").desc()])
    reach = wiring().max_age_days[metric.refresh]
    found, old, lost = [], 0, 0
    for row in (
        rows.annotate(place=place).filter(place=1).values_list("pk", "account", "on", "value", "account__currency")
    ):
        pk, account, on, value, currency = row
        worth = s.rates.convert(value, currency) if metric.unit == "currency" else value
        if (s.on - on).days > reach:
            old += 1
        elif worth is None:
            lost += 1
        else:
            found.append(Reading(pk, account, on, worth))
    return Read(metric, found, old, lost, reach)


def summed(values: Sequence[Decimal], summary: str) -> Decimal | None:
    """Return mean, median, sum, lowest or highest of values; None of none."""
    if not values:
        return None
    match summary:
        case "median":
            return Decimal(median(values))
        case "sum":
            return sum(values, Decimal(0))
        case "lowest":
            return min(values)
        case "highest":
            return max(values)
    return mean(list(values))


def band_of(metric: Metric, value: Decimal | None) -> str:
    """Return the colour of a value by the limits of the KPI that the metric measures; "" where it has none."""
    kpi = library().kpis.get(metric.source)
    if kpi is None or not kpi.cuts or value is None or metric.unit != kpi.unit:
        return ""
    cuts = []
    for band, text in kpi.cuts.items():
        test = CUT.fullmatch(text)
        assert test is not None
        cuts.append(Cut(band, test[1], Decimal(test[2])))
    return Bands(tuple(cuts)).of(value)


def _behind(s: Sources, found: Read, by: str = "") -> Rows:
    metric = found.metric
    columns = (
        Column("Account"),
        Column(metric.name, "measure", metric.unit),
        Column("Read", "date"),
        Column("Manager"),
    )
    sign = -1 if metric.direction == Direction.DECREASE else 1
    facts = {row["id"]: row for row in s.accounts}
    rows = []
    for one in sorted(found.readings, key=lambda one: sign * one.value):
        account = s.narrowed.accounts[one.account]
        part = s.fact(facts[one.account], by)[0] if by and one.account in facts else ""
        rows.append(
            Row((account["name"], one.value, one.on, account["owner__name"] or ""), ("account", account["key"]), part)
        )
    return Rows(columns, rows, s.rates.book)


def _none(s: Sources) -> Found:
    return Found(s.on, missing="choose a metric", notes=["The tile names no metric of the book."])


@reader("metric")
def metric(s: Sources, options: Options) -> Found:
    """A metric over the accounts that were read lately."""
    chosen = metric_of(options)
    if chosen is None:
        return _none(s)
    found = read(s, chosen)
    value = summed([one.value for one in found.readings], options["summary"])
    days = [one.on for one in found.readings]
    return Found(
        max(days, default=s.on), chosen.unit, s.rates.book, value, band_of(chosen, value),
        f"{SUMMARIES[options['summary']]} of {formats.counted(len(days), 'account')}", notes=found.notes,
        title=chosen.name, missing="no reading", oldest=min(days, default=None), behind=lambda: _behind(s, found),
    )  # fmt: skip


@reader("metric_by")
def metric_by(s: Sources, options: Options) -> Found:
    """The same by one fact of the accounts."""
    chosen, by = metric_of(options), options["by"]
    if chosen is None:
        return _none(s)
    found = read(s, chosen)
    facts = {row["id"]: s.fact(row, by) for row in s.accounts}
    values: dict[tuple[str, str], list[Decimal]] = {}
    for one in found.readings:
        if one.account in facts:
            values.setdefault(facts[one.account], []).append(one.value)
    points = []
    for (key, words), held in values.items():
        value = summed(held, options["summary"])
        points.append(Point(key, words, value, len(held), band_of(chosen, value)))
    days = [one.on for one in found.readings]
    return Found(
        max(days, default=s.on), chosen.unit, s.rates.book, points=in_order(points, by), notes=found.notes,
        title=f"{chosen.name}, {SUMMARIES[options['summary']]}", missing="no reading", oldest=min(days, default=None),
        behind=lambda: _behind(s, found, by),
    )  # fmt: skip


@reader("metric_trend")
def metric_trend(s: Sources, options: Options) -> Found:
    """Months of a metric: the mean of each account's month, summed up over the accounts. One query."""
    chosen = metric_of(options)
    if chosen is None:
        return _none(s)
    months = _months(s.on, int(options["months"]))
    rows = Observation.objects.filter(
        metric=chosen, deleted_at__isnull=True, on__range=(months[0], s.on), account__in=s.among
    )
    held: dict[date, list[tuple[int, Decimal]]] = {month: [] for month in months}
    grouped = rows.order_by().annotate(month=TruncMonth("on")).values("month", "account", "account__currency")
    for row in grouped.annotate(value=Avg("value")):
        value = (
            s.rates.convert(Decimal(row["value"]), row["account__currency"])
            if chosen.unit == "currency"
            else row["value"]
        )
        if value is not None:
            held[row["month"]].append((row["account"], Decimal(value)))
    points = []
    for month, values in held.items():
        value = summed([value for _, value in values], options["summary"])
        points.append(Point(f"{month:%Y-%m}", f"{month:%b %Y}", value, len(values)))
    known = [point.value for point in points if point.value is not None]

    def behind() -> Rows:
        columns = (Column("Account"), Column("Month"), Column(chosen.name, "measure", chosen.unit))
        listed: list[Row] = []
        for month, values in sorted(held.items(), reverse=True):
            for account, value in sorted(values, key=lambda pair: -pair[1]):
                told: Any = s.narrowed.accounts[account]
                listed.append(Row((told["name"], f"{month:%b %Y}", value), ("account", told["key"]), f"{month:%Y-%m}"))
        return Rows(columns, listed, s.rates.book)

    return Found(
        s.on, chosen.unit, s.rates.book, known[-1] if known else None, points=points if known else (),
        change=known[-1] - known[0] if len(known) > 1 else None, change_unit="pt" if chosen.unit == "percent" else "",
        since=f"in {options['months']} months", title=chosen.name, missing="no reading", behind=behind,
        notes=["Months without a reading are left open."] if len(known) < len(points) else (),
    )  # fmt: skip


def _months(on: date, count: int) -> list[date]:
    """First days of so many months, the last that of a day."""
    found = [on.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]
