"""Health of accounts on live data: runs the two models over many accounts at once and keeps the results.

The number of queries does not grow with the accounts. `refresh_health` is called by `trackline refresh`, by the sample
book, and by writes that touch an input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account, BusinessUnit, Contact, Metric, Observation
from trackline.accounts.services import observations as bulk
from trackline.core.decimals import plain, q6
from trackline.core.playbook import Explained, Rule, RunRefused
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.records import services
from trackline.track.models import HealthScore
from trackline.track.rules.health_inputs import (
    RELATIONSHIP,
    USAGE,
    Collected,
    Reading,
    collect,
    headline,
    wiring,
)
from trackline.track.rules.health_relationship import relationship
from trackline.track.rules.health_usage import usage

RULES: Mapping[str, Rule] = {USAGE: usage, RELATIONSHIP: relationship}
KEEP_DAYS = 7
"""A result that changes nothing is kept again only after so many days (HLT-04: weekly)."""
HISTORY_WEEKS = 26
STALE_DAYS = 8
"""A headline older than this is stale. Source: HLT-04."""
BACK_DAYS = 14
"""How far before the window the earlier score may lie that the headline is compared with."""
ALIVE = Q(deleted_at__isnull=True)
Facts = Mapping[str, Mapping[str, Any]]


@dataclass
class _Batch:
    """What the models need of some accounts."""

    tiers: dict[int, int | None]
    rhythms: dict[str, str] = field(default_factory=dict)
    readings: dict[int, dict[str, list[Reading]]] = field(default_factory=dict)
    facts: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)


def refresh_health(account_ids: Iterable[int], today: date, *, history_weeks: int = 0) -> None:
    """Compute both models for accounts as of a day, keep the scores, and store the headline on each account.

    With `history_weeks` the scores of the weeks before are filled in too, from the observations as of those days;
    facts of contacts are not known for the past and count as missing there.
    """
    days = [today - timedelta(weeks=back) for back in range(history_weeks, -1, -1)]
    batch = _read(list(account_ids), days)
    rows = [
        _score(pk, model, batch, on, batch.facts.get(pk, {}) if on == today else {})
        for on in days
        for pk in batch.tiers
        for model in RULES
    ]
    newest = {(row.account_id, row.preset): row for row in rows if row.on == today}
    _keep(rows if history_weeks else _changed(newest, today))
    _store_headlines(batch, newest, today)


def backfill_health(account_ids: Sequence[int], today: date, *, at_once: int = 100) -> None:
    """Compute the scores of half a year for accounts that have observations but no scores yet."""
    for start in range(0, len(account_ids), at_once):
        refresh_health(account_ids[start : start + at_once], today, history_weeks=HISTORY_WEEKS)


# -- reading -------------------------------------------------------------------------------------------------------


def _read(ids: list[int], days: Sequence[date]) -> _Batch:
    batch = _Batch(dict(Account.objects.filter(ALIVE, pk__in=ids).values_list("pk", "tier")))
    keys = {}
    metrics = Metric.objects.filter(ALIVE, key__in=wiring().metrics, account__isnull=True)
    for pk, key, refresh in metrics.values_list("pk", "key", "refresh"):
        keys[pk], batch.rhythms[key] = key, refresh
    rows = Observation.objects.filter(
        ALIVE,
        account__in=list(batch.tiers),
        metric__in=list(keys),
        on__range=(days[0] - timedelta(days=wiring().reach_days), days[-1]),
    )
    for account, metric, on, pk, value in rows.order_by("on").values_list(
        "account_id", "metric_id", "on", "pk", "value"
    ):
        batch.readings.setdefault(account, {}).setdefault(keys[metric], []).append(Reading(on, pk, value))
    batch.facts = _facts(list(batch.tiers), days[-1])
    return batch


def _facts(ids: list[int], today: date) -> dict[int, dict[str, dict[str, Any]]]:
    """Champions of each unit, and since when there is no executive sponsor: in two queries."""
    units: dict[int, dict[int, int]] = {}
    for account, unit in BusinessUnit.objects.filter(ALIVE, account__in=ids, active=True).values_list(
        "account_id", "pk"
    ):
        units.setdefault(account, {})[unit] = 0
    gone: dict[int, date] = {}
    seated: set[int] = set()
    people = Contact.objects.filter(Q(buying_role="champion") | Q(is_exec_sponsor=True), ALIVE, account__in=ids)
    for account, unit_id, role, sponsor, status, on in people.values_list(
        "account_id", "business_unit_id", "buying_role", "is_exec_sponsor", "status", "status_on"
    ):
        active = status == Contact.Status.ACTIVE
        if role == "champion" and active and unit_id in units.get(account, {}):
            units[account][unit_id] += 1
        if sponsor and active:
            seated.add(account)
        elif sponsor and on is not None and on <= today:
            gone[account] = max(on, gone.get(account, on))
    facts: dict[int, dict[str, dict[str, Any]]] = {
        pk: {"champions_per_unit": {"value": list(found.values()), "units": list(found)}} for pk, found in units.items()
    }
    for pk, on in gone.items():
        if pk not in seated:
            told = {"value": (today - on).days, "on": on.isoformat(), "age_days": (today - on).days}
            facts.setdefault(pk, {})["sponsor_exit_days"] = told
    return facts


# -- scoring -------------------------------------------------------------------------------------------------------


def _score(pk: int, model: str, batch: _Batch, on: date, facts: Facts) -> HealthScore:
    found = collect(model, batch.readings.get(pk, {}), batch.rhythms, facts, on)
    result = _run(RULES[model], found, on)
    given = {name: {"value": plain(value)} | found.sources[name] for name, value in found.values.items()}
    return HealthScore(
        account_id=pk,
        preset=model,
        on=on,
        value=q6(result.value) if isinstance(result.value, Decimal | int) else None,
        band=result.band or "unknown",
        coverage_pct=q6(result.coverage_pct),
        parts=[part.to_json() for part in result.parts],
        inputs=given,
        missing=found.missing,
        details=plain(result.details),
        version=result.version,
    )


def _run(rule: Rule, found: Collected, on: date) -> Explained:
    """Run a rule; a reading that is outside what an input can be is left out and told as missing."""
    in_force = rule.in_force(on)
    try:
        given = read_inputs(rule.inputs, found.values)
    except RunRefused as refused:
        for name in {str(error["loc"][1]) for error in refused.errors}:
            found.values.pop(name)
            source = found.sources.pop(name)
            found.missing.append({"input": name, "last_on": source.get("on"), "refused": True})
        given = read_inputs(rule.inputs, found.values)
    return rule.explain(given, in_force, on)


# -- keeping -------------------------------------------------------------------------------------------------------


def _changed(newest: Mapping[tuple[int, str], HealthScore], today: date) -> list[HealthScore]:
    """Leave out what says the same as the result kept a few days ago; one query."""
    kept: dict[tuple[int, str], HealthScore] = {}
    earlier = HealthScore.objects.filter(
        account__in={pk for pk, _ in newest}, on__gt=today - timedelta(days=KEEP_DAYS), on__lte=today
    )
    for row in earlier.order_by("on"):
        kept[row.account_id, row.preset] = row
    return [
        row
        for key, row in newest.items()
        if key not in kept or kept[key].on == today or kept[key].finding != row.finding
    ]


def _keep(rows: list[HealthScore]) -> None:
    HealthScore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "preset", "on"],
        update_fields=["value", "band", "coverage_pct", "parts", "inputs", "missing", "details", "version"],
        batch_size=500,
    )


def _store_headlines(batch: _Batch, newest: Mapping[tuple[int, str], HealthScore], today: date) -> None:
    window = today - timedelta(days=wiring().window_days)
    before: dict[tuple[int, str], Decimal | None] = {}
    rows = HealthScore.objects.filter(
        account__in=list(batch.tiers), on__range=(window - timedelta(days=BACK_DAYS), window)
    )
    for pk, model, value in rows.order_by("on").values_list("account_id", "preset", "value"):
        before[pk, model] = value
    accounts = []
    for pk, tier in batch.tiers.items():
        model = headline(tier, {name: (newest[pk, name].value, newest[pk, name].band) for name in RULES})
        score, then = newest[pk, model], before.get((pk, model))
        change = None if score.value is None or then is None else plain(score.value - then)
        told = {
            "value": plain(score.value),
            "band": score.band,
            "as_of": today.isoformat(),
            "preset": model,
            "coverage_pct": plain(score.coverage_pct),
            "change": change,
        }
        accounts.append(Account(pk=pk, health=told))
    Account.objects.bulk_update(accounts, ["health"], batch_size=200)


# -- listening -----------------------------------------------------------------------------------------------------

_PERSON = frozenset({"buying_role", "is_exec_sponsor", "status", "status_on", "business_unit"})


def listen() -> None:
    """Keep scores in step with the writes that touch an input."""
    services.subscribers.append(_on_write)
    bulk.listeners.append(_on_readings)


def _on_write(ctx: Context, event: services.WriteEvent) -> None:
    if event.account_id is not None and _touches(event):
        refresh_health([event.account_id], ctx.today)


def _touches(event: services.WriteEvent) -> bool:
    name, record = event.rtype.name, event.record
    if name == "observation":
        return Metric.objects.filter(pk=record.metric_id, key__in=wiring().metrics).exists()
    if name == "contact":
        counts = record.buying_role == "champion" or record.is_exec_sponsor
        return bool(event.changed & _PERSON) if event.action == "update" else counts
    if name == "business_unit":
        return event.action != "update" or "active" in event.changed
    return name == "account" and event.action == "update" and "tier" in event.changed


def _on_readings(ctx: Context, pairs: set[tuple[int, int]]) -> None:
    """Take note of readings that were written in bulk."""
    metrics = {metric for _, metric in pairs}
    feeding = set(Metric.objects.filter(pk__in=metrics, key__in=wiring().metrics).values_list("pk", flat=True))
    accounts = sorted({account for account, metric in pairs if metric in feeding})
    for start in range(0, len(accounts), 500):
        refresh_health(accounts[start : start + 500], ctx.today)
