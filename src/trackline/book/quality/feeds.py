"""Which metrics have no fresh reading: by how many days, on how many accounts, whose they are and where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q

from trackline.accounts.models import Metric
from trackline.book.queries.narrowing import Narrowing, narrowing
from trackline.book.queries.renewals import GONE
from trackline.kit.jobs.models import JobRun
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.track.rules.health_inputs import wiring

NIGHTLY = "refresh"
NIGHT_HOURS = 26
"""A night's run that ended longer ago was missed: a day, and two hours that it may take."""


@dataclass
class Feed:
    """A metric with its readings on the accounts that count. `limit` is the days that a reading may be old by its rhythm,
    `sources` how many of the readings that are too old name each source, "" where they name none.

    `fresh`, `stale` and `never` count accounts: read in time, read too long ago, and agreed on without any reading.
    """

    metric: Any
    limit: int
    last: dict[int, date] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    sources: Counter[str] = field(default_factory=Counter)
    today: date = date.min

    @property
    def since(self) -> date:
        """The oldest day that still is fresh."""
        return self.today - timedelta(days=self.limit)

    @property
    def late(self) -> dict[int, date]:
        """Accounts whose newest reading is too old, with its day."""
        return {pk: on for pk, on in self.last.items() if on < self.since}

    @property
    def stale(self) -> int:
        """How many those are."""
        return len(self.late)

    @property
    def never(self) -> list[int]:
        """Accounts that agreed on it and have no reading."""
        return sorted(self.agreed - self.last.keys())

    @property
    def behind(self) -> int:
        """On how many accounts it is late, or has never been read."""
        return self.stale + len(self.never)

    @property
    def every(self) -> int:
        """How many accounts have it, or should."""
        return len(self.last.keys() | self.agreed)

    @property
    def fresh(self) -> int:
        """On how many of them the newest reading is young enough."""
        return len(self.last) - self.stale

    @property
    def newest(self) -> date | None:
        """The day of its newest reading on any account."""
        return max(self.last.values(), default=None)

    @property
    def age(self) -> int | None:
        """How many days old that is."""
        return (self.today - self.newest).days if self.newest else None

    @property
    def silent(self) -> bool:
        """Whether it is fresh on no account at all: the feed has stopped, not one account."""
        return not self.fresh


@dataclass(frozen=True)
class Line:
    """An account of a feed: its newest reading, None where there is none, and how old that is in days."""

    account: Mapping[str, Any]
    on: date | None
    age: int | None
    reading: Any


@dataclass(frozen=True)
class Source:
    """What readings that are too old came from: how many metrics it fed, and how many readings of accounts those are."""

    name: str
    metrics: int
    late: int


@dataclass(frozen=True)
class Feeds:
    """The metrics that count, those first that are late on most accounts. `night` is when the last nightly run ended."""

    narrowed: Narrowing
    feeds: Sequence[Feed]
    night: Any
    missed: bool

    @property
    def late(self) -> list[Feed]:
        """Those that are late anywhere."""
        return [feed for feed in self.feeds if feed.behind]

    @property
    def sources(self) -> list[Source]:
        """What the readings that are too old came from, the most of them first."""
        by_name: dict[str, list[int]] = {}
        for feed in self.feeds:
            for name, late in feed.sources.items():
                by_name.setdefault(name, []).append(late)
        found = [Source(name, len(told), sum(told)) for name, told in by_name.items()]
        return sorted(found, key=lambda one: (-one.late, one.name.casefold()))


def feeds_of(ctx: Context, filters: Mapping[str, str] | None = None) -> Feeds:
    """Return all metrics that are read or agreed on, with how fresh they are; seven queries. Source: DQ-08, HLT-04."""
    narrowed = narrowing(ctx, filters or {})
    here = _here(ctx, narrowed)
    found: dict[int, Feed] = {}
    ages = wiring().max_age_days
    for metric in scoped(ctx, registry.get("metric")).filter(active=True).select_related("owner"):
        found[metric.pk] = Feed(metric, ages[metric.refresh], today=ctx.today)
    # In the order of the index, so that the newest of each is found without sorting.
    readings = scoped(ctx, registry.get("observation")).order_by().values_list("account", "metric")
    for account, metric_id, on in readings.annotate(Max("on")):
        if account in here and metric_id in found:
            found[metric_id].last[account] = on
    for account, metric_id in scoped(ctx, registry.get("kpi")).order_by().values_list("account", "metric"):
        if account in here and metric_id in found:
            found[metric_id].agreed.add(account)
    _name_sources(ctx, found.values())
    runs = JobRun.objects.filter(job__name=NIGHTLY, state=JobRun.State.DONE)
    night = runs.order_by("-started_at").values_list("ended_at", flat=True).first()
    kept = [feed for feed in found.values() if feed.every]
    kept.sort(key=lambda feed: (not feed.silent, -feed.behind, feed.metric.name.casefold()))
    missed = night is not None and ctx.now - night > timedelta(hours=NIGHT_HOURS)
    return Feeds(narrowed, kept, night, missed)


def late_lines(ctx: Context, metric_id: int, filters: Mapping[str, str] | None = None) -> tuple[Feed, list[Line]]:
    """Return a metric and the accounts on which it is late, the longest first. Raises `NotFound` for an unknown metric."""
    narrowed = narrowing(ctx, filters or {})
    here = _here(ctx, narrowed)
    metric = scoped(ctx, registry.get("metric")).select_related("owner").filter(pk=metric_id).first()
    if metric is None:
        raise NotFound("There is no such metric.")
    feed = Feed(metric, wiring().max_age_days[metric.refresh], today=ctx.today)
    rows = scoped(ctx, registry.get("observation")).filter(metric=metric_id)
    newest = dict(rows.order_by().values_list("account").annotate(Max("on")))
    feed.last = {pk: on for pk, on in newest.items() if pk in here}
    agreed = scoped(ctx, registry.get("kpi")).filter(metric=metric_id).values_list("account", flat=True)
    feed.agreed = {pk for pk in agreed if pk in here}
    days = set(feed.late.values())
    readings = {
        (one.account_id, one.on): one
        for one in rows.filter(on__in=days).only("account_id", "on", "value", "source")
        if feed.late.get(one.account_id) == one.on
    }
    lines = [
        Line(narrowed.accounts[pk], on, (ctx.today - on).days, readings.get((pk, on))) for pk, on in feed.late.items()
    ]
    lines += [Line(narrowed.accounts[pk], None, None, None) for pk in feed.never]
    lines.sort(key=lambda line: (line.on is not None, line.on or date.min, line.account["name"].casefold()))
    return feed, lines


def feeds_json(ctx: Context, filters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the same as JSON has it."""
    found = feeds_of(ctx, filters)
    return {
        "as_of": ctx.today,
        "nightly_at": found.night,
        "nightly_missed": found.missed,
        "feeds": [
            {
                "metric": feed.metric.key, "name": feed.metric.name, "account": _account(feed.metric),
                "rhythm": feed.metric.refresh, "limit_days": feed.limit, "sources": sorted(feed.sources),
                "owner": feed.metric.owner.username if feed.metric.owner else None, "accounts": feed.every,
                "fresh": feed.fresh, "stale": feed.stale, "never": len(feed.never), "newest_on": feed.newest,
                "age_days": feed.age, "silent": feed.silent,
            }
            for feed in found.feeds
        ],
        "sources": [
            {"source": one.name, "metrics": one.metrics, "late": one.late} for one in found.sources
        ],
    }  # fmt: skip


def _account(metric: Metric) -> str | None:
    return str(metric.account_id) if metric.account_id else None


def _name_sources(ctx: Context, feeds: Iterable[Feed]) -> None:
    """Tell of each feed where its readings that are too old came from; one query."""
    late = {feed.metric.pk: feed for feed in feeds if feed.stale}
    newest = {pk: feed.late for pk, feed in late.items()}
    days = {on for told in newest.values() for on in told.values()}
    rows = scoped(ctx, registry.get("observation")).filter(metric__in=list(late), on__in=days).order_by()
    for account, metric, on, source in rows.values_list("account", "metric", "on", "source"):
        if newest[metric].get(account) == on:
            late[metric].sources[source.strip()] += 1


def _here(ctx: Context, narrowed: Narrowing) -> set[int]:
    gone = scoped(ctx, registry.get("account")).filter(Q(status__in=GONE)).values_list("pk", flat=True)
    return set(narrowed.ids) - set(gone)
