"""Contracts against the calendar and their use: last day for notice, capacity of their items as readings tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Metric, Observation
from trackline.align.models import ContractItem
from trackline.align.rules.terms import notice_on, runs_out, terms, used_pct
from trackline.kit.policy import Context

SINCE_DAYS = 100
"""Readings older than this say nothing about today's use."""


@dataclass(frozen=True)
class Use:
    """How far an item's capacity is used: by which metric, on which day; `shared` where the metric is of the whole account.

    `pct` is None without a reading.
    """

    item: ContractItem
    metric: Metric | None
    pct: Decimal | None
    on: date | None
    shared: bool
    near_limit: bool


def add_notice(_ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add the last day for notice to contracts as JSON."""
    for row in rows:
        row["notice_on"] = notice_on(row["end_on"], row["notice_days"])


def uses_of(contracts: Iterable[int], on: date) -> Mapping[int, Sequence[Use]]:
    """Return the use of each contract's items, in three queries. Source: EXP-03, EXP-09."""
    rows = ContractItem.objects.filter(contract__in=list(contracts), deleted_at__isnull=True)
    items = list(
        rows.select_related("product", "contract__account", "business_unit", "usage_metric").order_by(
            "created_at", "pk"
        )
    )
    wanted = {key for item in items if item.usage_metric is None and (key := terms().metrics.get(item.capacity_type))}
    general = {
        metric.key: metric
        for metric in Metric.objects.filter(key__in=wanted, account__isnull=True, deleted_at__isnull=True)
    }
    metrics = {item.pk: item.usage_metric or general.get(terms().metrics.get(item.capacity_type, "")) for item in items}
    readings = _readings({item.contract.account_id for item in items}, metrics.values(), on)
    found: dict[int, list[Use]] = {}
    for item in items:
        metric = metrics[item.pk]
        told = readings.get((item.contract.account_id, metric.pk), []) if metric else []
        percent = metric is not None and metric.unit == "percent"
        used = [
            (day, share)
            for day, value in told
            if (share := used_pct(value, percent=percent, contracted=item.contracted_qty)) is not None
        ]
        day, pct = used[-1] if used else (None, None)
        found.setdefault(item.contract_id, []).append(
            Use(item, metric, pct, day, item.usage_metric is None, runs_out(used))
        )
    return found


def _readings(
    accounts: set[int], metrics: Iterable[Metric | None], on: date
) -> Mapping[tuple[int, int], list[tuple[date, Decimal]]]:
    rows = Observation.objects.filter(
        account__in=accounts, metric__in={metric.pk for metric in metrics if metric}, deleted_at__isnull=True,
        on__range=(on - timedelta(days=SINCE_DAYS), on),
    )  # fmt: skip
    found: dict[tuple[int, int], list[tuple[date, Decimal]]] = {}
    for account, metric, day, value in rows.order_by("on").values_list("account", "metric", "on", "value"):
        found.setdefault((account, metric), []).append((day, value))
    return found
