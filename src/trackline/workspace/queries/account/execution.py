"""How the rhythm is kept: each execution metric of an account with its newest reading, judged by its rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from django.db.models import Q

from trackline.kickoff.measuring import counts, period_of
from trackline.kickoff.models import ExecutionMetric, ExecutionReading
from trackline.kickoff.rules.execution import FormulaKey, execution_metric
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
JUDGED = frozenset(get_args(FormulaKey))
"""Metrics that the rule judges; the others are plain readings."""


@dataclass(frozen=True)
class ExecutionRow:
    """A metric with what was done of what was due; `value` is a share in %, or a plain reading in the metric's unit."""

    metric: ExecutionMetric
    period: date | None
    done: Decimal | None
    due: Decimal | None
    value: Decimal | None
    target: Decimal | None
    band: str
    why: str

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"execution_metric/{self.metric.pk}"


def execution_rows(head: Head) -> Sequence[ExecutionRow]:
    """Return the metrics of the accounts that a page shows: of the period that is open what records say now, of others the newest reading.

    A target of its own counts before that of the rule. The number of queries does not depend on the metrics.
    """
    listed = ExecutionMetric.objects.filter(ALIVE, account__in=head.ids)
    metrics = list(listed.select_related("account").order_by("name", "pk"))
    newest: dict[int, ExecutionReading] = {}
    readings = ExecutionReading.objects.filter(ALIVE, metric__in=metrics, period_start__lte=head.today)
    for reading in readings.order_by("period_start", "pk"):
        newest[reading.metric_id] = reading
    for kind in {metric.period for metric in metrics if metric.formula_key != "manual"}:
        period = period_of(kind, head.today, head.today)
        counted = counts(head.ids, period)
        for metric in metrics:
            count = counted.get(metric.formula_key, {}).get(metric.account_id) if metric.period == kind else None
            if count is not None:
                newest[metric.pk] = ExecutionReading(
                    metric=metric,
                    period_start=period.start,
                    numerator=count.done,
                    denominator=count.due,
                    value=count.value,
                )
    return [_row(metric, newest.get(metric.pk), head.today) for metric in metrics]


def _row(metric: ExecutionMetric, reading: ExecutionReading | None, today: date) -> ExecutionRow:
    if metric.formula_key not in JUDGED:
        value = reading.value if reading else None
        period = reading.period_start if reading else None
        return ExecutionRow(metric, period, None, None, value, metric.target, "unknown", "read, not judged")
    own: dict[str, Any] = {"targets": {metric.formula_key: metric.target}} if metric.target is not None else {}
    done, due = (reading.numerator, reading.denominator) if reading else (None, None)
    given = {"formula_key": metric.formula_key, "numerator": done, "denominator": due}
    found = execution_metric(given, as_of=today, parameters=own or None)
    value = found.value if isinstance(found.value, Decimal) else None
    why = "" if value is not None else " ".join(found.notes) or ("no reading" if reading is None else "parts not read")
    period = reading.period_start if reading else None
    return ExecutionRow(metric, period, done, due, value, found.details["target"], found.band or "unknown", why)
