"""A metric of an account as a chart: readings, control limits, baseline and target, check-ins of the goals it measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from trackline.accounts.models import Kpi, Metric, Observation
from trackline.core.series import thinned
from trackline.kit import formats
from trackline.kit.formats import measure
from trackline.reveal.models import CheckIn, Goal
from trackline.watch.control import Control, Reading, control_of
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
SPANS: Mapping[str, tuple[int | None, str]] = {
    "90": (90, "90 days"), "366": (366, "1 year"), "1098": (1098, "3 years"), "all": (None, "All"),
}  # fmt: skip
"""Spans to look back over, by what the address says."""
DEFAULT_SPAN = "366"
DRAWN = 240
"""So many points a picture shows at most; peaks stay."""
TABLED = 200
"""So many newest readings the table beside it holds; the list of observations has the rest."""


@dataclass(frozen=True)
class MetricChart:
    """A metric on an account over a span, in `unit`. `points` are drawn, `rows` are the table, newest first."""

    metric: Metric
    kpi: Kpi | None
    name: str
    unit: str
    currency: str
    span: str
    start: date
    today: date
    control: Control
    points: Sequence[Reading]
    rows: Sequence[Reading]
    check_ins: Sequence[CheckIn]
    goals: Sequence[Goal]

    @property
    def baseline(self) -> Decimal | None:
        """Where it stood when it was agreed on, None for a metric that is no KPI."""
        return self.kpi.baseline if self.kpi else None

    @property
    def target(self) -> Decimal | None:
        """What was agreed on, None for a metric that is no KPI."""
        return self.kpi.target if self.kpi else None

    @property
    def thinned(self) -> bool:
        """Whether the picture leaves out points between peaks."""
        return len(self.points) < len(self.control.readings)

    def say(self, value: Decimal | None) -> str:
        """Return a value with its unit."""
        return measure(value, self.unit, self.currency)

    @property
    def finding(self) -> str:
        """The chart in a sentence."""
        readings = self.control.readings
        if not readings:
            return f"No reading of {self.name} in this span."
        last, first = readings[-1], readings[0]
        said = f"{self.say(last.value)} on {formats.day(last.on, self.today)}"
        if len(readings) > 1:
            said += f", from {self.say(first.value)} on {formats.day(first.on, self.today)}"
        if self.target is not None:
            said += f"; target {self.say(self.target)}"
        return f"{said}; {self.verdict}."

    @property
    def verdict(self) -> str:
        """What the control limits say."""
        limits = self.control.limits
        if limits is None:
            return "too few readings for control limits"
        outside = sum(one.signal in ("above", "below") for one in self.control.readings)
        between = f"the limits {self.say(limits[0])} to {self.say(limits[2])}"
        if not outside:
            return f"all within {between}" if len(self.control.readings) > 1 else f"within {between}"
        return f"{outside} {'reading' if outside == 1 else 'readings'} outside {between}"


def metric_chart(head: Head, metric: Metric, span: str) -> MetricChart:
    """Return the chart of a metric of an account, in six queries whatever it holds."""
    today = head.today
    chosen = span if span in SPANS else DEFAULT_SPAN
    days = SPANS[chosen][0]
    start = today - timedelta(days=days) if days else date.min
    control = control_of(head.account, metric, start, today)
    kpi = Kpi.objects.filter(ALIVE, account=head.account, metric=metric).first()
    goals = list(Goal.objects.filter(ALIVE, kpis=kpi).order_by("due_on", "pk")) if kpi else []
    unit = (kpi.unit if kpi else "") or metric.unit
    same = [goal.pk for goal in goals if goal.unit == unit]
    check_ins = CheckIn.objects.filter(ALIVE, goal__in=same, value__isnull=False, on__range=(start, today))
    kept = thinned([one.value for one in control.readings], DRAWN)
    drawn = {*kept, *(at for at, one in enumerate(control.readings) if one.signal in ("above", "below"))}
    return MetricChart(
        metric=metric,
        kpi=kpi,
        name=kpi.name if kpi else metric.name,
        unit=unit,
        currency=head.account.currency,
        span=chosen,
        start=start if days else (control.readings[0].on if control.readings else today),
        today=today,
        control=control,
        points=[control.readings[at] for at in sorted(drawn)],
        rows=list(reversed(control.readings[-TABLED:])),
        check_ins=list(check_ins.select_related("goal").order_by("on")) if same else [],
        goals=goals,
    )


def read_metrics(account_id: int) -> list[Metric]:
    """Return the metrics that an account has readings of, by name; in one query."""
    readings = Observation.objects.filter(ALIVE, account=account_id, metric=OuterRef("pk"))
    return list(Metric.objects.filter(ALIVE, Exists(readings)).order_by("name"))
