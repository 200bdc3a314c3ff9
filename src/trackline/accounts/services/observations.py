"""Many observations at once: a feed, a file, a month's readings. The number of queries hardly grows with the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from trackline.accounts.models import Kpi, Observation
from trackline.accounts.services.measures import announce
from trackline.kit.history.models import Change
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.parsing import parse_values
from trackline.kit.records.queries import scoped
from trackline.kit.records.text import search_text
from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue

Listener = Callable[[Context, set[tuple[int, int]]], None]
listeners: list[Listener] = []
"""Told which (account, metric) got new values, once for each bulk write and inside its transaction."""

BATCH = 500
MOST_ERRORS = 200
KEY = ("account", "metric", "kpi", "on")
Place = tuple[int, int, date]


@dataclass
class BulkResult:
    """What a bulk write did: how many rows were new, changed, the same."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass
class _Rows:
    """Rows on their way in: what stands where, and what is wrong with which."""

    values: dict[Place, dict[str, Any]] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, number: int, message: str, *loc: str | int) -> None:
        self.errors.append({"loc": ["items", number, *loc], "msg": message})


def record_observations(ctx: Context, rows: Iterable[Mapping[str, Any]]) -> BulkResult:
    """Write many observations, given as JSON values: the value of a day replaces the one that is there.

    One bad row refuses all (`Invalid`, each error with the number of its row); nothing is half written. All share one
    batch, and each has its line in the history.
    """
    ctx.require(WRITE)
    ctx = ctx.batched()
    listed = list(rows)
    with transaction.atomic():
        found = _read(ctx, listed)
        if found.errors:
            raise Invalid(f"{len(found.errors)} values are not valid; nothing was written.", found.errors[:MOST_ERRORS])
        result = _write(ctx, found.values)
        pairs = {(account, metric) for account, metric, _ in found.values}
        _refresh_kpis(ctx, pairs)
        for listener in listeners:
            listener(ctx, pairs)
    return result


# -- reading -------------------------------------------------------------------------------------------------------


def _read(ctx: Context, listed: list[Any]) -> _Rows:
    out, rtype = _Rows(), registry.get("observation")
    known = _Known(ctx, [row for row in listed if isinstance(row, Mapping)])
    for number, row in enumerate(listed):
        if not isinstance(row, Mapping):
            out.refuse(number, "An observation is expected.")
            continue
        if "external_ids" in row:
            out.refuse(number, "External ids are given one record at a time.", "external_ids")
            continue
        try:
            values = parse_values(rtype, known.complete(dict(row)), "json", creating=True)
            place = known.place(values, ctx.today)
        except Invalid as invalid:
            for error in invalid.errors:
                out.refuse(number, error["msg"], *error["loc"])
            continue
        if place in out.values:
            out.refuse(number, "Another row holds the value of this day.", "on")
        out.values[place] = values
    return out


class _Known:
    """The accounts, metrics and KPIs that the rows name, as far as the actor sees them, each kind in one query."""

    def __init__(self, ctx: Context, rows: list[Mapping[str, Any]]) -> None:
        self._kpis = {
            pk: (account, metric, key)
            for pk, account, metric, key in scoped(ctx, registry.get("kpi"))
            .filter(pk__in=_numbers(row.get("kpi") for row in rows))
            .values_list("pk", "account_id", "metric_id", "metric__key")
        }
        self._accounts = _by_id_or_key(ctx, "account", rows)
        self._metrics = _by_id_or_key(ctx, "metric", rows)
        metrics = {*self._metrics.values(), *(metric for _, metric, _ in self._kpis.values())}
        own = scoped(ctx, registry.get("metric")).filter(pk__in=metrics, account__isnull=False)
        self._own = dict(own.values_list("pk", "account_id"))

    def complete(self, row: dict[str, Any]) -> dict[str, Any]:
        """Take account and metric from the KPI where one is named."""
        if row.get("kpi") in (None, ""):
            return row
        found = self._kpis.get(_number(row["kpi"]) or 0)
        if found is None:
            raise Invalid.fields({"kpi": f"There is no KPI {str(row['kpi'])[:80]}."})
        account, metric, key = found
        row.setdefault("account", str(account))
        row.setdefault("metric", str(metric))
        if str(row["metric"]) not in (str(metric), key):
            raise Invalid.fields({"metric": "The KPI reads another metric."})
        self._accounts.setdefault(account, account)
        self._metrics.setdefault(metric, metric)
        return row

    def place(self, values: dict[str, Any], today: date) -> Place:
        """Return account, metric and day of a row, which are checked and put in as ids."""
        errors = {}
        for name, there in (("account", self._accounts), ("metric", self._metrics)):
            pk = there.get(values[name])
            if pk is None:
                errors[name] = f"There is no {name} {str(values[name])[:80]}."
            values[name] = pk
        if not errors:
            owner = self._own.get(values["metric"])
            if owner not in (None, values["account"]):
                errors["metric"] = f"Metric {values['metric']} belongs to another account."
            if values.get("kpi") and self._kpis[values["kpi"]][0] != values["account"]:
                errors["kpi"] = f"KPI {values['kpi']} belongs to another account."
        if errors:
            raise Invalid.fields(errors)
        values["on"] = values.get("on") or today
        return values["account"], values["metric"], values["on"]


def _by_id_or_key(ctx: Context, name: str, rows: list[Mapping[str, Any]]) -> dict[Any, int]:
    rtype = registry.get(name)
    spec = registry.get("observation").specs[name]
    named: set[Any] = set()
    for row in rows:
        try:
            named.add(spec.parse_json(row.get(name)))
        except BadValue:
            continue  # told with its row
    ids, keys = {item for item in named if isinstance(item, int)}, {item for item in named if isinstance(item, str)}
    query = scoped(ctx, rtype).filter(Q(pk__in=ids) | Q(**{f"{rtype.lookup}__in": keys}))
    found: dict[Any, int] = {}
    for pk, key in query.values_list("pk", rtype.lookup):
        found[pk] = found[key] = pk
    return found


def _numbers(values: Iterable[Any]) -> set[int]:
    return {found for value in values if (found := _number(value)) is not None}


def _number(value: Any) -> int | None:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


# -- writing -------------------------------------------------------------------------------------------------------


def _write(ctx: Context, rows: Mapping[Place, dict[str, Any]]) -> BulkResult:
    rtype = registry.get("observation")
    there, kpis = _there(rows), _kpis_reading(rows)
    new: list[Observation] = []
    changed: list[tuple[Observation, dict[str, Any]]] = []
    for place, values in rows.items():
        found = there.get(place)
        if found is None:
            new.append(_made(ctx, place, values, kpis))
            continue
        diff = _apply(found, {name: value for name, value in values.items() if name not in KEY})
        if diff:
            found.version += 1
            found.updated_at, found.updated_by_id = ctx.now, ctx.actor.user_id
            changed.append((found, diff))
    for record in (*new, *(record for record, _ in changed)):
        record.search_text = search_text(rtype, record)
    Observation.objects.bulk_create(new, batch_size=BATCH)
    Observation.objects.bulk_update(
        [record for record, _ in changed],
        ["value", "source", "quality", "note", "custom", "search_text", "version", "updated_at", "updated_by"],
        batch_size=BATCH,
    )
    lines = [_line(ctx, record, Change.Action.CREATE, {}) for record in new]
    lines += [_line(ctx, record, Change.Action.UPDATE, diff) for record, diff in changed]
    Change.objects.bulk_create(lines, batch_size=BATCH)
    return BulkResult(len(new), len(changed), len(rows) - len(new) - len(changed))


def _made(ctx: Context, place: Place, values: dict[str, Any], kpis: Mapping[tuple[int, int], int]) -> Observation:
    account, metric, on = place
    record = Observation(
        account_id=account,
        metric_id=metric,
        on=on,
        kpi_id=values.get("kpi") or kpis.get((account, metric)),
        created_at=ctx.now,
        updated_at=ctx.now,
        created_by_id=ctx.actor.user_id,
        updated_by_id=ctx.actor.user_id,
    )
    _apply(record, {name: value for name, value in values.items() if name not in KEY})
    return record


def _apply(record: Observation, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set values and return what changed, in the form of the ledger."""
    specs, diff = registry.get("observation").stored, {}
    for name, value in values.items():
        if name == "custom":
            for key, new in value.items():
                old = record.custom.get(key)
                if new != old:
                    diff[f"custom.{key}"] = [old, new]
            record.custom = {key: kept for key, kept in (record.custom | value).items() if kept not in (None, "")}
            continue
        old = getattr(record, name)
        if value != old:
            diff[name] = [specs[name].to_ledger(old), specs[name].to_ledger(value)]
            setattr(record, name, value)
    return diff


def _there(rows: Mapping[Place, Any]) -> dict[Place, Observation]:
    days = [on for _, _, on in rows]
    found = Observation.objects.filter(
        account__in={account for account, _, _ in rows},
        metric__in={metric for _, metric, _ in rows},
        on__range=(min(days), max(days)),
        deleted_at__isnull=True,
    ).select_for_update()
    return {(row.account_id, row.metric_id, row.on): row for row in found}


def _kpis_reading(rows: Mapping[Place, Any]) -> dict[tuple[int, int], int]:
    found = Kpi.objects.filter(
        account__in={account for account, _, _ in rows},
        metric__in={metric for _, metric, _ in rows},
        deleted_at__isnull=True,
    )
    return {(account, metric): pk for pk, account, metric in found.values_list("pk", "account_id", "metric_id")}


def _line(ctx: Context, record: Observation, action: str, diff: dict[str, Any]) -> Change:
    return Change(
        at=ctx.now,
        actor_id=ctx.actor.user_id,
        via=ctx.via,
        action=action,
        record_type="observation",
        record_id=record.pk,
        account_id=record.account_id,
        version=record.version,
        title=str(record)[:250],
        changes=diff,
        note=ctx.note,
        batch=ctx.batch,
    )


def _refresh_kpis(ctx: Context, pairs: set[tuple[int, int]]) -> None:
    """Let the newest observation be the current value of the KPIs that read it, and tell who listens to KPIs."""
    newest = Observation.objects.filter(
        account=OuterRef("account"), metric=OuterRef("metric"), deleted_at__isnull=True
    ).order_by("-on")
    kpis: Any = Kpi.objects.filter(
        account__in={account for account, _ in pairs},
        metric__in={metric for _, metric in pairs},
        deleted_at__isnull=True,
    ).annotate(newest=Subquery(newest.values("value")[:1]), newest_on=Subquery(newest.values("on")[:1]))
    moved = []
    for kpi in kpis:
        value: Decimal | None = kpi.newest
        if (kpi.account_id, kpi.metric_id) in pairs and (kpi.current, kpi.current_on) != (value, kpi.newest_on):
            kpi.current, kpi.current_on = value, kpi.newest_on
            moved.append(kpi)
    Kpi.objects.bulk_update(moved, ["current", "current_on"], batch_size=BATCH)
    announce(ctx, moved)
