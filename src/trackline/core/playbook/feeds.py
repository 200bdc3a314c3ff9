"""What feeds the inputs of a rule on live data: metrics or records, and how old they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trackline.core.playbook.data import read_yaml

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
    """One way to fill an input; `max_age` where the rhythm of its metric does not decide. `says` names the records that do
    where no metric does.
    """

    kind: str
    metrics: tuple[str, ...]
    max_age: Age | None = None
    says: str = ""

    @property
    def max_age_days(self) -> int | None:
        """The limit in days, None where the rhythm decides."""
        return self.max_age.days if self.max_age else None


@dataclass(frozen=True)
class Feed:
    """An input of a rule: what it is called, what fills it in order, and how to fill it where it is missing.

    `shares` says that part and whole may fill it too, where a metric does; `several` that any number of metrics may, of which
    the first with readings enough counts.
    """

    name: str
    label: str
    says: str
    sources: tuple[Source, ...]
    get: str
    adjusted: bool = False
    shares: bool = True
    several: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether records alone fill it and no age limits them, so that there is nothing to choose."""
        return all(one.kind == "record" and one.max_age is None for one in self.sources)

    @property
    def takes(self) -> frozenset[int]:
        """How many metrics may be named in place of those that fill it; empty where none may, or where any number may."""
        if self.several:
            return frozenset()
        counts = {KINDS[one.kind] for one in self.sources} - {0}
        if self.shares and KINDS["metric"] in counts:
            counts.add(KINDS["share"])
        return frozenset(counts)


@dataclass(frozen=True)
class Feeds:
    """All inputs of a rule, and the oldest reading by the rhythm of its metric."""

    inputs: Mapping[str, Feed]
    ages: Mapping[str, Age]

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing to choose."""
        return all(feed.is_fixed for feed in self.inputs.values())

    @property
    def metrics(self) -> frozenset[str]:
        """Keys of every metric that feeds an input."""
        return frozenset(key for feed in self.inputs.values() for one in feed.sources for key in one.metrics)

    @property
    def oldest(self) -> int:
        """The greatest age in days that any reading may have."""
        own = (one.max_age_days or 0 for feed in self.inputs.values() for one in feed.sources)
        return max([0, *(age.days for age in self.ages.values()), *own])

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
        age, records = sources[0].max_age, tuple(one for one in sources if one.kind == "record")
        groups = [(key,) for key in metrics] if feed.several else [tuple(metrics)]
        kinds = {count: kind for kind, count in KINDS.items()}
        sources = (*(Source(kinds[len(keys)], keys, age) for keys in groups), *records)
    if days is not None:
        sources = tuple(replace(one, max_age=_age(days)) for one in sources)
    return replace(feed, sources=sources, adjusted=True)


def _age(days: int) -> Age:
    return Age(int(days), "adjusted", "an administrator of this book")


def file_feeds(path: Path, ages: Mapping[str, Age] | None = None) -> dict[str, Feeds]:
    """Return the feeds of each rule that a data file names; `ages` are those by rhythm, where metrics need them."""
    rows: Mapping[str, Any] = read_yaml(path.read_text(encoding="utf-8"))
    return {rule_id: read_feeds(inputs, ages or {}) for rule_id, inputs in rows.items()}


def read_feeds(rows: Mapping[str, Any], ages: Mapping[str, Age]) -> Feeds:
    """Read what a data file says of the inputs of a rule: `label`, `sources` in order, and where it is missing, `get`."""
    return Feeds({name: _feed(name, row) for name, row in rows.items()}, ages)


def _feed(name: str, row: Mapping[str, Any]) -> Feed:
    sources = tuple(map(_source, row["sources"]))
    words, get = row.get("says", "{value}"), row.get("get", "")
    return Feed(
        name, row["label"], words, sources, get, shares=row.get("shares", True), several=row.get("several", False)
    )


def _source(raw: Mapping[str, Any]) -> Source:
    age = raw.get("max_age_days")
    return Source(raw["kind"], tuple(raw.get("metrics", ())), read_age(age) if age else None, raw.get("says", ""))


def read_age(raw: Mapping[str, Any]) -> Age:
    """Read an age of a data file. Raises `ValueError` where one of ours does not say why."""
    if raw["origin"] != "stated" and not raw.get("why"):
        raise ValueError(f"an age that is {raw['origin']} needs a why")
    return Age(raw["value"], raw["origin"], raw["source"], raw.get("why", ""))
