"""Hooks of metrics, KPIs and observations: one series of dated values that everything reads (TRK-09, TRK-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from trackline.accounts.models import Kpi, Metric, Observation
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.keys import free_key
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

BY_HAND = "entered by hand"
"""The source of a reading that somebody typed."""

Links = dict[str, list[int]]
KpiListener = Callable[[Context, Sequence[Kpi]], None]
kpi_listeners: list[KpiListener] = []
"""Told which KPIs got another current value, once for each write and inside its transaction."""


def complete_metric(_ctx: Context, data: dict[str, Any]) -> None:
    """Make the code of a metric from its name where none is given."""
    if not data.get("key") and not data.get("code") and isinstance(data.get("name"), str):
        data["key"] = free_key(data["name"], Metric.objects.all(), otherwise="metric", joint="_")


def prepare_metric(_ctx: Context, metric: Any, changed: set[str], _links: Links) -> None:
    """Check the code of a metric."""
    if "key" in changed and slugify(metric.key.replace(".", "-")) != metric.key.replace(".", "-"):
        raise Invalid.fields({"key": "Small letters, digits, hyphens and underscores are expected."})


def prepare_kpi(ctx: Context, kpi: Any, changed: set[str], _links: Links) -> None:
    """Give a KPI its metric: the named one, or one of the account's own from name, unit and direction."""
    if kpi.metric_id is None:
        if not kpi.unit or not kpi.direction:
            kpi.unit, kpi.direction = kpi.unit or "count", kpi.direction or "increase"
        kpi.metric_id = own_metric(ctx, kpi).pk
    elif kpi._state.adding or "metric" in changed:
        metric = Metric.objects.get(pk=kpi.metric_id)
        if metric.account_id not in (None, kpi.account_id):
            raise Invalid.fields({"metric": "This metric belongs to another account."})
        kpi.unit = kpi.unit or metric.unit
        kpi.direction = kpi.direction or metric.direction
    if kpi._state.adding and "current" not in changed:
        newest = _newest(kpi.account_id, kpi.metric_id)
        if newest:
            kpi.current, kpi.current_on = newest.value, newest.on


def after_kpi(ctx: Context, kpi: Any, changed: set[str], _created: bool) -> None:
    """Keep a current value that was set by hand as an observation of today."""
    if kpi.current is not None and "current" in changed:
        put_observation(ctx, kpi.account_id, kpi.metric_id, ctx.today, kpi.current, source=BY_HAND, kpi=kpi)
        if kpi.current_on == ctx.today:
            # A second value of one day is on the KPI already, so the reading moves nothing that would be told.
            for listener in kpi_listeners:
                listener(ctx, [kpi])


def own_metric(ctx: Context, kpi: Any) -> Metric:
    """Return a new metric of one account alone, for a KPI that names none."""
    key = free_key(f"a{kpi.account_id} {kpi.name}", Metric.objects.all(), otherwise="kpi", joint="_")
    data = {"key": key, "name": kpi.name, "account": kpi.account_id, "unit": kpi.unit, "direction": kpi.direction}
    made: Metric = records.create(ctx, registry.get("metric"), data | {"refresh": kpi.refresh})
    return made


def complete_observation(ctx: Context, data: dict[str, Any]) -> None:
    """Take account and metric from the KPI where one is named."""
    if data.get("kpi") in (None, ""):
        return
    try:
        kpi = get(ctx, registry.get("kpi"), data["kpi"])
    except NotFound:
        raise Invalid.fields({"kpi": f"There is no KPI {data['kpi']}."}) from None
    data.setdefault("account", str(kpi.account_id))
    data.setdefault("metric", str(kpi.metric_id))
    if str(data["metric"]) not in (str(kpi.metric_id), kpi.metric.key):
        raise Invalid.fields({"metric": "The KPI reads another metric."})


def prepare_observation(ctx: Context, observation: Any, _changed: set[str], _links: Links) -> None:
    """Default the day to today and find the KPI that reads this metric."""
    if observation.kpi_id is None:
        found = Kpi.objects.filter(
            account_id=observation.account_id, metric_id=observation.metric_id, deleted_at__isnull=True
        )
        observation.kpi_id = found.values_list("pk", flat=True).first()


def after_observation(ctx: Context, observation: Any, _changed: set[str], _created: bool) -> None:
    """Let the newest observation be the KPI's current value; a back-dated one never overwrites (TRK-10)."""
    refresh_kpis(ctx, [(observation.account_id, observation.metric_id)])


def refresh_kpis(ctx: Context, pairs: Iterable[tuple[int, int]]) -> None:
    """Set `current` of the KPIs that read the given (account, metric) pairs from their newest observation."""
    moved = []
    for account_id, metric_id in pairs:
        newest = _newest(account_id, metric_id)
        value, on = (newest.value, newest.on) if newest else (None, None)
        for kpi in Kpi.objects.filter(account_id=account_id, metric_id=metric_id, deleted_at__isnull=True):
            if (kpi.current, kpi.current_on) != (value, on):
                Kpi.objects.filter(pk=kpi.pk).update(current=value, current_on=on)
                kpi.current, kpi.current_on = value, on
                moved.append(kpi)
    announce(ctx, moved)


def announce(ctx: Context, moved: Sequence[Kpi]) -> None:
    """Tell who listens that KPIs got another current value."""
    if not moved:
        return
    rtype = registry.get("kpi")
    for kpi in moved:
        event = records.WriteEvent(rtype, kpi, "update", frozenset({"current"}), kpi.account_id)
        for subscriber in records.subscribers:
            subscriber(ctx, event)
    for listener in kpi_listeners:
        listener(ctx, moved)


def listen() -> None:
    """Keep the KPIs in step with observations that go and come back."""
    records.subscribers.append(_on_write)


def _on_write(ctx: Context, event: records.WriteEvent) -> None:
    if event.rtype.name == "observation" and event.action in ("delete", "restore"):
        refresh_kpis(ctx, [(event.record.account_id, event.record.metric_id)])


def put_observation(
    ctx: Context, account_id: int, metric_id: int, on: date, value: Decimal, *, source: str, kpi: Any = None
) -> Any:
    """Write the observation of a day: change the one that is there, else make one."""
    rtype = registry.get("observation")
    there = Observation.objects.filter(account_id=account_id, metric_id=metric_id, on=on, deleted_at__isnull=True)
    found = there.first()
    if found is not None:
        return records.update(ctx, rtype, found.pk, {"value": value, "source": source})
    data: dict[str, Any] = {"account": account_id, "metric": metric_id, "on": on, "value": value, "source": source}
    return records.create(ctx, rtype, data | ({"kpi": kpi.pk} if kpi is not None else {}))


def _newest(account_id: int, metric_id: int) -> Any:
    rows = Observation.objects.filter(account_id=account_id, metric_id=metric_id, deleted_at__isnull=True)
    return rows.order_by("-on").first()
