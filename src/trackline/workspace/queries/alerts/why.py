"""Why an alert fired: the figures its signal saw beside its limits, the records they came from, the series as it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from trackline.accounts.models import Account, Observation, Score
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Rule, rulebook
from trackline.kit import formats
from trackline.kit.records.types import registry
from trackline.track.health import RULES as HEALTH
from trackline.watch.evidence.series import CHART, FALL, NPS, RED
from trackline.watch.models import Alert
from trackline.workspace.queries.rulebook.words import about, explained, figure, words_of
from trackline.workspace.records import addresses

ALIVE = Q(deleted_at__isnull=True)
READINGS = 26
"""So many readings up to the alert make its series."""
HEALTH_DAYS = 182
RECORDS = 6
UNITS: Mapping[str, str] = {"days": "d", "minutes": "min", "times": ""}
TOLD = ("beyond", "trends", "falls_pct")
"""Details that the series shows, or that a list of numbers says badly."""


@dataclass(frozen=True)
class Figure:
    """A number the signal saw, or a limit it holds numbers against."""

    label: str
    said: str


@dataclass(frozen=True)
class Source:
    """A record that the signal saw; its page where one still stands."""

    text: str
    on: date | None
    url: str
    panel: str


@dataclass(frozen=True)
class Series:
    """A measure over time up to the alert, with the levels it is held against (name, value)."""

    name: str
    points: Sequence[tuple[date, Decimal]]
    levels: Sequence[tuple[str, Decimal]]

    @property
    def finding(self) -> str:
        """The series in a sentence."""
        (start, first), (end, last) = self.points[0], self.points[-1]
        held = "".join(f", {name.lower()} {formats.number(value, 1)}" for name, value in self.levels)
        return (
            f"{self.name}: {formats.number(first, 1)} on {formats.day(start)}, "
            f"{formats.number(last, 1)} on {formats.day(end)}{held}"
        )


@dataclass(frozen=True)
class WhyAlert:
    """Everything that explains an alert; `rule` is None for one that a person raised."""

    rule: Any
    says: Sequence[str]
    seen: Sequence[Figure]
    limits: Sequence[Figure]
    sources: Sequence[Source]
    series: Series | None
    as_of: date


@dataclass(frozen=True)
class _Kept:
    """What an alert keeps of its firing (see `watch/evidence/shape.py`)."""

    inputs: Mapping[str, Any]
    details: Mapping[str, Any]
    sources: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, evidence: Mapping[str, Any]) -> _Kept:
        return cls(evidence.get("inputs", {}), evidence.get("details", {}), evidence.get("sources", ()))

    def ids(self, record_type: str) -> list[int]:
        """Return the ids of the records of a type."""
        return [int(one["record_id"]) for one in self.sources if one["record_type"] == record_type]


def why_alert(alert: Alert, today: date) -> WhyAlert:
    """Return why an alert fired, out of what was kept when it did; limits as they stood on that day."""
    on = timezone.localtime(alert.last_seen_at or alert.fired_at).date()
    book = rulebook()
    rule = book.get(alert.rule) if alert.rule in book else None
    kept = _Kept.of(alert.evidence)
    sources = list(_sources(kept))
    if rule is None:
        return WhyAlert(None, [], [], [], sources, None, on)
    return WhyAlert(
        about(rule),
        explained(rule),
        list(_seen(rule, kept)),
        list(_limits(rule, alert.account, on)),
        sources,
        _series(alert, kept, on),
        on,
    )


def _seen(rule: Rule, kept: _Kept) -> Iterator[Figure]:
    fields = rule.inputs.model_fields
    for name, value in kept.inputs.items():
        if name == "series" or value is None:
            continue
        said = fields[name].description if name in fields else None
        yield Figure(said or words_of(name), figure(value))
    for name, value in kept.details.items():
        if name not in TOLD and value not in (None, [], {}):
            yield Figure(words_of(name), formats.number(value, 2) if isinstance(value, float) else figure(value))


def _limits(rule: Rule, account: Account, on: date) -> Iterator[Figure]:
    in_force = Overrides.load(on).in_force(rule, on, tier=account.tier, account_id=account.pk)
    held = in_force.parameters.model_dump()
    for name, item in rule.data.parameters.items():
        unit = UNITS.get(item.unit or "", item.unit or "")
        yield Figure(item.says, f"{figure(held[name])}{formats.NBSP}{unit}" if unit else figure(held[name]))


def _sources(kept: _Kept) -> Iterator[Source]:
    kinds = {rtype.name: rtype for rtype in registry.all()}
    for one in kept.sources[:RECORDS]:
        rtype, pk = kinds.get(one["record_type"]), one["record_id"]
        on = parse_date(one["on"]) if one.get("on") else None
        text = one.get("label") or f"{words_of(one['record_type'])} {pk}"
        if rtype is None or rtype.is_account:  # the account is where one stands already
            yield Source(text, on, "", "")
        else:
            yield Source(text, on, addresses.page(rtype, pk), addresses.panel(rtype, pk))


def _series(alert: Alert, kept: _Kept, on: date) -> Series | None:
    """The readings of the metric that the signal saw, or the health of the account; in two queries at most."""
    if alert.rule in (FALL, RED):
        return _health(alert.account, on)
    seen = kept.ids("observation")
    rows = Observation.objects.filter(ALIVE, account=alert.account)
    newest = rows.filter(pk__in=seen).select_related("metric").order_by("-on").first() if seen else None
    if newest is None:
        return None
    line = rows.filter(metric=newest.metric, on__lte=newest.on).order_by("-on").values_list("on", "value")
    points = list(line[:READINGS])[::-1]
    return Series(newest.metric.name, points, list(_levels(alert.rule, kept))) if len(points) > 1 else None


def _levels(rule: str, kept: _Kept) -> Iterator[tuple[str, Decimal]]:
    held = {"Upper limit": "upper", "Mean": "mean", "Lower limit": "lower"} if rule == CHART else {}
    for label, name in held.items():
        if (value := formats.decimal(kept.details.get(name))) is not None:
            yield label, value
    if rule == NPS and (value := formats.decimal(kept.inputs.get("previous"))) is not None:
        yield "Survey before", value


def _health(account: Account, on: date) -> Series | None:
    preset = str((account.health or {}).get("preset", ""))
    if preset not in HEALTH:
        return None
    rows = Score.objects.filter(
        account=account, rule=HEALTH[preset].id, preset="", on__range=(on - timedelta(days=HEALTH_DAYS), on)
    )  # fmt: skip
    points = [(day, value) for day, value in rows.order_by("on").values_list("on", "value") if value is not None]
    return Series("Health", points, []) if len(points) > 1 else None
