"""Signals over readings and over health; two queries for readings, two for health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, Kpi, Metric, Score
from trackline.accounts.rulebook.readings import Series, readings
from trackline.accounts.rulebook.sources import origin
from trackline.core.playbook.collected import Reading
from trackline.core.playbook.feeds import Source
from trackline.track.health import BACK_DAYS, MODELS
from trackline.track.health import RULES as HEALTH
from trackline.track.rules.health_inputs import headline
from trackline.watch.evidence.sight import Sight, Sights, Watched
from trackline.watch.rules.signals import MONTHS

USAGE, NPS, CHART = "watch.signal.usage_decline", "watch.signal.nps_drop", "watch.signal.control_chart"
FALL, RED = "watch.signal.health_fall", "watch.signal.red_health"
LOOK_BACK = timedelta(days=760)
FED = (USAGE, NPS, CHART)
"""Signals whose feeds may be chosen; a newest reading older than they allow is not news."""


Lines = Mapping[int, Mapping[str, Series]]
"""Readings of accounts by metric key."""


def sights(watched: Watched, fall_days: int) -> Sights:
    """Yield what signals see in readings and health of accounts; `fall_days` is the span of a fall of health."""
    if watched.among(USAGE, NPS, CHART):
        yield from _readings(watched)
    if watched.among(FALL, RED):
        yield from _health(watched, fall_days)


def _readings(watched: Watched) -> Sights:
    wanted = {key for rule in (USAGE, NPS) if rule in watched.signals for key in watched.feeds[rule].metrics}
    metrics, names = dict[int, tuple[str, str]](), dict[str, str]()
    for pk, key, name in Metric.objects.filter(deleted_at=None, key__in=wanted).values_list("pk", "key", "name"):
        metrics[pk], names[key] = (key, ""), name
    agreed: set[tuple[int, str]] = set()
    if CHART in watched.signals:
        for account, pk, key, name in Kpi.objects.filter(deleted_at=None, account__in=watched.ids).values_list(
            "account_id", "metric_id", "metric__key", "name"
        ):
            agreed.add((account, key))
            metrics[pk], names[key] = (key, ""), name
    lines = readings(watched.ids, metrics, watched.today - LOOK_BACK, watched.today)
    for account in watched.ids:
        if USAGE in watched.signals:
            yield from _usage(account, lines, names, watched)
        if NPS in watched.signals:
            yield from _nps(account, lines, names, watched)
    for account, key in sorted(agreed):
        line = lines.get(account, {}).get(key)
        if line and _is_news(line[-1], watched.feeds[CHART].inputs["series"].sources[0], watched.today):
            yield (
                CHART,
                Sight(
                    account, {}, f"{names[key]} left its usual range", f"metric:{key}",
                    f"observation:{line[-1].id}", sources=_told(line[-1:], names[key], watched.today), series=line,
                ),
            )  # fmt: skip


def _usage(account: int, lines: Lines, names: Mapping[str, str], watched: Watched) -> Sights:
    """The first metric of usage with three months in a row; the last reading of a month stands for it."""
    for source in watched.feeds[USAGE].inputs["series"].sources:
        (key,) = source.metrics
        line = lines.get(account, {}).get(key)
        if line is None:
            continue
        last = line.last_of_months(MONTHS)
        if len(last) < MONTHS or not _is_news(last[-1], source, watched.today):
            continue
        first, final = last[0].on, last[-1].on
        if (final.year - first.year) * 12 + final.month - first.month != MONTHS - 1:
            continue
        words = " → ".join(f"{one.value.normalize():f}" for one in last)
        yield (
            USAGE,
            Sight(
                account, {}, f"{names[key]} {words}",
                occurrence=f"{key}:{final.year}-{final.month:02}", sources=_told(last, names[key], watched.today),
                series=last,
            ),
        )  # fmt: skip
        return


def _nps(account: int, lines: Lines, names: Mapping[str, str], watched: Watched) -> Sights:
    source = watched.feeds[NPS].inputs["current"].sources[0]
    (key,) = source.metrics
    last = list(lines.get(account, {}).get(key, ())[-2:])
    if len(last) == 2 and _is_news(last[-1], source, watched.today):
        before, now = last
        yield (
            NPS,
            Sight(
                account, {"previous": before.value, "current": now.value},
                f"{names[key]} {before.value.normalize():f} → {now.value.normalize():f}",
                occurrence=f"observation:{now.id}", sources=_told(last, names[key], watched.today),
            ),
        )  # fmt: skip


def _is_news(newest: Reading, source: Source, today: date) -> bool:
    limit = source.max_age_days
    assert limit is not None
    return (today - newest.on).days <= limit


def _told(listed: Iterable[Reading], name: str, today: date) -> list[dict[str, Any]]:
    return [origin("observation", one.id, f"{name}: {one.value.normalize():f}", one.on, today) for one in listed]


def _health(watched: Watched, fall_days: int) -> Sights:
    now = (
        _headlines(watched)
        if watched.past
        else dict(Account.objects.filter(pk__in=watched.ids).values_list("pk", "health"))
    )
    start = watched.today - timedelta(days=fall_days)
    then: dict[tuple[int, str], tuple[Decimal | None, str]] = {}
    if FALL in watched.signals:
        rows = Score.objects.filter(
            account__in=watched.ids, rule__in=[rule.id for rule in HEALTH.values()], preset="",
            on__range=(start - timedelta(days=fall_days), start),
        )  # fmt: skip
        for account, rule, value, band in rows.order_by("on").values_list("account_id", "rule", "value", "band"):
            then[account, rule] = (value, band)
    for account, health in sorted(now.items()):
        if not health or health.get("value") is None:
            continue
        score, band = round(health["value"]), health["band"]
        told = [
            origin("account", account, f"Health {score}, {band}", date.fromisoformat(health["as_of"]), watched.today)
        ]
        yield RED, Sight(account, {"band": band}, f"Health {score}", sources=told)
        before = then.get((account, HEALTH[health["preset"]].id))
        if before is not None and before[0] is not None:
            given = {"before": before[0], "now": health["value"], "band_before": before[1] or None, "band_now": band}
            says = f"Health {round(before[0])} → {score} in {fall_days} days"
            yield FALL, Sight(account, given, says, sources=told)


def _headlines(watched: Watched) -> dict[int, dict[str, Any] | None]:
    """The headline of each account as its scores made it on a day that is over."""
    since = watched.today - timedelta(days=BACK_DAYS)
    rows = Score.objects.filter(
        account__in=watched.ids, rule__in=[rule.id for rule in HEALTH.values()], preset="",
        on__range=(since, watched.today),
    )  # fmt: skip
    newest: dict[int, dict[str, Any]] = {}
    for account, tier, rule, value, band, on in rows.order_by("on").values_list(
        "account_id", "account__tier", "rule", "value", "band", "on"
    ):
        newest.setdefault(account, {})[MODELS[rule]] = (tier, value, band, on)
    found: dict[int, dict[str, Any] | None] = {}
    for account, models in newest.items():
        tier = next(iter(models.values()))[0]
        model = headline(tier, {name: models[name][1:3] if name in models else (None, "unknown") for name in HEALTH})
        if model in models:
            _, value, band, on = models[model]
            found[account] = {"value": value, "band": band, "as_of": on.isoformat(), "preset": model}
    return found
