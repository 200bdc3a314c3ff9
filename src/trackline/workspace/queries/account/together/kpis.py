"""What is measured in a group: each metric account by account, added up where its values make a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Q

from trackline.accounts.models import Metric, Observation
from trackline.core.decimals import ZERO
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.track import KpiRow, kpi_rows

ALIVE = Q(deleted_at__isnull=True)
MONEY = "currency"


@dataclass(frozen=True)
class Cell:
    """The newest reading of an account: its value in the account's own currency where it is money; None where none is."""

    url: str
    value: Decimal | None
    on: date | None
    currency: str


@dataclass(frozen=True)
class MetricRow:
    """A metric with a cell for each account, in the order of `GroupKpis.columns`.

    `total` is the sum in the group's currency, None where values do not add up or none can be converted; `summed` of the
    accounts stand in it.
    """

    metric: Metric
    cells: Sequence[Cell]
    total: Decimal | None
    summed: int
    oldest: date | None

    @property
    def read(self) -> int:
        """In how many accounts it is read."""
        return sum(cell.value is not None for cell in self.cells)

    @property
    def missing(self) -> int:
        """How many accounts have no reading of it."""
        return len(self.cells) - self.read


@dataclass(frozen=True)
class GroupKpis:
    """The KPIs of all accounts, and the metrics that several of them read. `columns` are names and addresses."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[MetricRow]
    kpis: Mapping[int, KpiRow]
    currency: str

    @property
    def finding(self) -> str:
        """The KPIs in a sentence."""
        if not self.kpis:
            return "no account has a KPI yet"
        told = [row.reached for row in self.kpis.values()]
        unknown = sum(reached is None for reached in told)
        said = f"{sum(bool(one) for one in told)} of {len(told)} KPIs on target"
        return f"{said}, {unknown} without target or reading" if unknown else said


def group_kpis(head: Head) -> GroupKpis:
    """Return what is measured in the accounts that a page shows, in four queries whatever they hold."""
    readings = _newest(head)
    shared = sorted(
        (metric for metric, read in readings.items() if len(read) > 1),
        key=lambda metric: (not metric.adds_up, metric.name.casefold(), metric.pk),
    )
    columns = [(row.name, row.url) for row in head.members.values()]
    kpis = {row.kpi.pk: row for row in kpi_rows(head.ids, head.today)}
    return GroupKpis(columns, [_row(head, metric, readings[metric]) for metric in shared], kpis, head.currency)


def _newest(head: Head) -> Mapping[Metric, Mapping[int, tuple[date, Decimal]]]:
    rows = Observation.objects.filter(ALIVE, account__in=head.ids, on__lte=head.today)
    newest = {
        (account, metric): on
        for account, metric, on in rows.order_by().values_list("account_id", "metric_id").annotate(Max("on"))
    }
    days, metrics = set(newest.values()), {metric for _, metric in newest}
    found: dict[int, dict[int, tuple[date, Decimal]]] = {}
    for account, metric, on, value in rows.filter(on__in=days).values_list("account_id", "metric_id", "on", "value"):
        if newest.get((account, metric)) == on:
            found.setdefault(metric, {})[account] = (on, value)
    return {metric: found[metric.pk] for metric in Metric.objects.filter(ALIVE, pk__in=metrics) if metric.pk in found}


def _row(head: Head, metric: Metric, read: Mapping[int, tuple[date, Decimal]]) -> MetricRow:
    cells, worths = [], []
    for member in head.members.values():
        on, value = read.get(member.id, (None, None))
        cells.append(Cell(f"{member.url}/metrics/{metric.pk}", value, on, member.currency or head.rates.book))
        worth = head.rates.between(value, member.currency, head.currency) if metric.unit == MONEY else value
        if worth is not None:
            worths.append(worth)
    total = sum(worths, ZERO) if metric.adds_up and worths else None
    days = [on for on, _ in read.values()]
    return MetricRow(metric, cells, total, len(worths) if metric.adds_up else 0, min(days, default=None))
