"""Inputs of the health models out of dated readings and facts of records. Pure: the rows come from `track.health`.

Nothing is invented: what has no fresh reading is missing, and each input remembers the readings it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.core.decimals import HUNDRED, ZERO, clamp, plain, q6
from trackline.core.playbook.collected import Collected, Reading, until
from trackline.core.playbook.feeds import Age, Feed, Feeds, Source, read_age, read_feeds
from trackline.track.rules.health_quarters import REACH_DAYS, Norm, is_steady, longest_fall, quarter_before

USAGE, RELATIONSHIP = "usage", "relationship"
MONTH_GAP = 25
"""Readings this many days apart count a month each: two of them are compared, not windows of days."""


Readings = Mapping[str, Sequence[Reading]]
"""Readings by metric key, oldest first."""


@dataclass(frozen=True)
class Wiring:
    """The data file: feeds by model with their limits of age, windows."""

    models: Mapping[str, Feeds]
    window_days: int
    ticket_window_days: int
    ticket_change_pct: Decimal
    disagreement_months: int
    disagreement_pct: Decimal
    regulated_tags: frozenset[str]
    dispute_tags: frozenset[str]
    fall_points: Decimal
    steady_pct: Decimal

    @property
    def feeds(self) -> Mapping[str, Mapping[str, Feed]]:
        """The inputs of each model."""
        return {model: found.inputs for model, found in self.models.items()}

    @property
    def ages(self) -> Mapping[str, Age]:
        """How old a reading may be, by the rhythm of its metric."""
        return self.models[USAGE].ages

    @property
    def max_age_days(self) -> Mapping[str, int]:
        """The same in days."""
        return {rhythm: age.days for rhythm, age in self.ages.items()}


@cache
def wiring() -> Wiring:
    """Return what feeds the health models."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    ages = {rhythm: read_age(age) for rhythm, age in raw["max_age_days"].items()}
    models = {model: read_feeds(raw[model], ages) for model in (USAGE, RELATIONSHIP)}
    return Wiring(
        models,
        raw["window_days"],
        raw["tickets"]["window_days"],
        Decimal(raw["tickets"]["change_pct"]),
        raw["disagreement"]["months"],
        Decimal(raw["disagreement"]["change_pct"]),
        frozenset(raw["regulated"]["tags"]),
        frozenset(raw["legal_dispute"]["tags"]),
        Decimal(raw["quarters"]["fall_points"]),
        Decimal(raw["quarters"]["steady_pct"]),
    )


def reach_days(feeds: Feeds) -> int:
    """Return how far back the readings of a day go."""
    return max(feeds.oldest, feeds.max_age_days("monthly") + 3 * wiring().ticket_window_days, REACH_DAYS)


def collect(
    model: str,
    readings: Readings,
    rhythms: Mapping[str, str],
    facts: Mapping[str, Mapping[str, Any]],
    on: date,
    feeds: Feeds | None = None,
    norms: Mapping[str, Norm] | None = None,
    first_month: int = 1,
) -> Collected:
    """Return the inputs of a model on a day.

    `rhythms` tells how often each metric is read, `facts` the inputs that come from records, each as `value` and what
    it rests on. `feeds` are those in force, where an administrator changed them. `norms` turn inputs into points, so that
    quarters, of years that begin with `first_month`, can be told to fall.
    """
    feeds = feeds or wiring().models[model]
    found, look = Collected(), _Look(readings, rhythms, on, feeds)
    if norms and readings:
        facts = {**facts, **look.quarters(norms, first_month)}
    for feed in feeds.inputs.values():
        last: date | None = None
        for source in feed.sources:
            filled, seen = look.fill(feed.name, source, facts)
            last = max(filter(None, (last, seen)), default=None)
            if filled is not None:
                found.values[feed.name] = filled.pop("value")
                found.sources[feed.name] = filled
                break
        else:
            if feed.get:
                found.missing.append({"input": feed.name, "last_on": last.isoformat() if last else None})
    return found


Filled = tuple[dict[str, Any] | None, date | None]


@dataclass(frozen=True)
class _Look:
    """What can be seen on a day."""

    readings: Readings
    rhythms: Mapping[str, str]
    on: date
    feeds: Feeds

    def fill(self, name: str, source: Source, facts: Mapping[str, Mapping[str, Any]]) -> Filled:
        """Return the value with its source, or None; and the day of the newest reading in any case."""
        if source.kind == "record":
            return (dict(facts[name]), None) if name in facts else (None, None)
        if source.kind == "trend":
            return self._trend(*source.metrics)
        newest = [self._newest(metric) for metric in source.metrics]
        last = max((one.on for one in newest if one), default=None)
        fresh = [
            one
            for metric, one in zip(source.metrics, newest, strict=True)
            if one and self._is_fresh(metric, one, source.max_age_days)
        ]
        if len(fresh) < len(source.metrics):
            return None, last
        if source.kind == "metric":
            return self._told(fresh, source.metrics, fresh[0].value), last
        part, whole = fresh
        if whole.value <= 0:
            return None, last
        return self._told(fresh, source.metrics, q6(clamp(HUNDRED * part.value / whole.value))), last

    def quarters(self, norms: Mapping[str, Norm], first_month: int) -> Mapping[str, Mapping[str, Any]]:
        """Return what the quarters say: the longest row of falls of any metric, and whether engagement holds."""
        by_metric = {source.metrics[0]: norm for name, norm in norms.items() if (source := self._metric_of(name))}
        known = {metric: self._known(metric) for metric in by_metric}
        told: dict[str, Mapping[str, Any]] = {}
        falls = longest_fall(known, by_metric, self.on, wiring().fall_points, first_month)
        if falls:
            told["negative_streak_quarters"] = self._told(falls.readings, (falls.metric,), falls.length)
        source = self._metric_of("engagement_pct")
        newest = self._newest(source.metrics[0]) if source else None
        if source and newest and self._is_fresh(source.metrics[0], newest, source.max_age_days):
            before = quarter_before(known[source.metrics[0]], newest, first_month)
            if before:
                steady = is_steady(newest.value, before.value, wiring().steady_pct)
                told["engagement_steady"] = self._told([newest, before], source.metrics, steady)
        return told

    def _metric_of(self, name: str) -> Source | None:
        """The metric that feeds an input as it is read."""
        first = self.feeds.inputs[name].sources[0]
        return first if first.kind == "metric" else None

    def _trend(self, new: str, still_open: str, escalated: str) -> Filled:
        """Say how tickets move. Source: HLT-02."""
        newest = self._newest(new)
        raised = self._fresh(escalated)
        if raised and raised.value > 0:
            return self._told([raised], (escalated,), "escalated"), raised.on
        left = self._fresh(still_open)
        if left and left.value == 0:
            return self._told([left], (still_open,), "none_open"), left.on
        if newest is None or not self._is_fresh(new, newest):
            seen = filter(None, (self._newest(metric) for metric in (new, still_open, escalated)))
            return None, max((one.on for one in seen), default=None)
        last, before = self._windows(new)
        if not before:
            return None, newest.on
        now, then = _mean(last), _mean(before)
        change = None if then == 0 else HUNDRED * (now - then) / then
        limit = wiring().ticket_change_pct
        if change is None:
            trend = "increasing" if now > 0 else "stable"
        else:
            rounded = q6(change)
            trend = "decreasing" if rounded <= -limit else "increasing" if rounded >= limit else "stable"
        told = self._told([last[-1], before[-1]], (new,), trend)
        return told | {"change_pct": None if change is None else plain(round(change, 1))}, newest.on

    def _windows(self, metric: str) -> tuple[Sequence[Reading], Sequence[Reading]]:
        """Return the readings of the last window and of the one before it.

        A reading counts the tickets of its own day, week or month, so means of readings compare, whatever the rhythm.
        """
        known = self._known(metric)
        days = wiring().ticket_window_days
        if len(known) > 1 and (known[-1].on - known[-2].on).days >= MONTH_GAP:
            near = (known[-1].on - known[-2].on).days <= 2 * days + 2
            return known[-1:], known[-2:-1] if near else ()
        end = known[-1].on
        middle, start = (until(known, end - timedelta(days=back)) for back in (days, 2 * days))
        return known[middle:], known[start:middle]

    def _known(self, metric: str) -> Sequence[Reading]:
        series = self.readings.get(metric, ())
        if not series or series[-1].on <= self.on:
            return series
        return series[: until(series, self.on)]

    def _newest(self, metric: str) -> Reading | None:
        known = self._known(metric)
        return known[-1] if known else None

    def _is_fresh(self, metric: str, reading: Reading, limit: int | None = None) -> bool:
        limit = limit or self.feeds.max_age_days(self.rhythms.get(metric, "monthly"))
        return (self.on - reading.on).days <= limit

    def _fresh(self, metric: str) -> Reading | None:
        newest = self._newest(metric)
        return newest if newest and self._is_fresh(metric, newest) else None

    def _told(self, used: Sequence[Reading], metrics: Sequence[str], value: Any) -> dict[str, Any]:
        # Of two readings of one metric the newest counts; of two metrics the older one says how old the input is.
        oldest = used[0].on if len(metrics) == 1 else min(one.on for one in used)
        return {
            "value": value,
            "metrics": list(metrics),
            "observations": [one.id for one in used],
            "on": oldest.isoformat(),
            "age_days": (self.on - oldest).days,
        }


def _mean(readings: Sequence[Reading]) -> Decimal:
    return sum((one.value for one in readings), ZERO) / len(readings)


def headline(tier: int | None, models: Mapping[str, tuple[Decimal | None, str]]) -> str:
    """Return the model whose score is the account's headline, by value and band of each. Source: HLT-00.

    Tier 1 takes the worse of the two, others usage. Of equal bands the lower score is the worse one; a model without
    a colour is never the worse one.
    """
    if tier != 1:
        return USAGE
    worst = {"red": 0, "amber": 1, "green": 2, "unknown": 3}

    def rank(model: str) -> tuple[int, Decimal]:
        value, band = models[model]
        return worst.get(band, 3), HUNDRED + 1 if value is None else value

    return min((USAGE, RELATIONSHIP), key=rank)
