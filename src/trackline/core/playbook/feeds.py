"""What feeds the inputs of a rule on live data: metrics or records, and how old they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

KINDS = {"metric": 1, "share": 2, "trend": 3, "record": 0}
"""How many metrics each way to fill an input takes: the newest reading, part and whole in %, tickets, a fact of records."""


@dataclass(frozen=True)
class Age:
    """How many days old a reading may be, with who says so; `origin` is `stated`, `interpreted`, `ours` or `adjusted`."""

    days: int
    origin: str
    source: str
    why: str = ""


@dataclass(frozen=True)
class Source:
    """One way to fill an input; `max_age` where the rhythm of its metric does not decide."""

    kind: str
    metrics: tuple[str, ...]
    max_age: Age | None = None

    @property
    def max_age_days(self) -> int | None:
        """The limit in days, None where the rhythm decides."""
        return self.max_age.days if self.max_age else None


@dataclass(frozen=True)
class Feed:
    """An input of a rule: what it is called, what fills it in order, and how to fill it where it is missing.

    `shares` says that part and whole may fill it too, where a metric does.
    """

    name: str
    label: str
    says: str
    sources: tuple[Source, ...]
    get: str
    adjusted: bool = False
    shares: bool = True


@dataclass(frozen=True)
class Feeds:
    """All inputs of a rule, and the oldest reading by the rhythm of its metric."""

    inputs: Mapping[str, Feed]
    ages: Mapping[str, Age]

    @property
    def metrics(self) -> frozenset[str]:
        """Keys of every metric that feeds an input."""
        return frozenset(key for feed in self.inputs.values() for one in feed.sources for key in one.metrics)

    @property
    def oldest(self) -> int:
        """The greatest age in days that any reading may have."""
        own = (one.max_age_days or 0 for feed in self.inputs.values() for one in feed.sources)
        return max(*(age.days for age in self.ages.values()), *own, 0)

    def max_age_days(self, rhythm: str) -> int:
        """Return how old a reading of a metric of that rhythm may be."""
        return self.ages[rhythm].days

    def adjusted(self, changes: Mapping[str, Any]) -> Feeds:
        """Return the feeds with an administrator's changes, as `fault` lets pass: other metrics, other ages.

        `{"inputs": {name: {"metrics": [...], "max_age_days": 45}}, "max_age_days": {"weekly": 40}}`
        """
        inputs = dict(self.inputs)
        for name, change in changes.get("inputs", {}).items():
            if name in inputs:
                inputs[name] = _adjusted(inputs[name], change)
        ages = {rhythm: _age(days) for rhythm, days in changes.get("max_age_days", {}).items() if rhythm in self.ages}
        return Feeds(inputs, {**self.ages, **ages})


def _adjusted(feed: Feed, change: Mapping[str, Any]) -> Feed:
    metrics, days = change.get("metrics"), change.get("max_age_days")
    sources = feed.sources
    if metrics:
        kind = next(kind for kind, count in KINDS.items() if count == len(metrics))
        sources = (Source(kind, tuple(metrics), sources[0].max_age),)
    if days is not None:
        sources = tuple(replace(one, max_age=_age(days)) for one in sources)
    return replace(feed, sources=sources, adjusted=True)


def _age(days: int) -> Age:
    return Age(int(days), "adjusted", "an administrator of this book")


def read_age(raw: Mapping[str, Any]) -> Age:
    """Read an age of a data file. Raises `ValueError` where one of ours does not say why."""
    if raw["origin"] != "stated" and not raw.get("why"):
        raise ValueError(f"an age that is {raw['origin']} needs a why")
    return Age(raw["value"], raw["origin"], raw["source"], raw.get("why", ""))
