"""What feeds the inputs of a rule on accounts: as its page tells it, and as a form in which administrators change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Metric
from trackline.accounts.rulebook.fed import feeds_in_force, shipped_feeds
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.rewiring import MOST_METRICS
from trackline.core.playbook import Rule
from trackline.core.playbook.feeds import KINDS, Age, Feed, Source
from trackline.kit.forms import FormField
from trackline.workspace.queries.rulebook.words import ORIGINS

TREND = ("New", "Open", "Escalated")
SPARE = 1
"""So many more metrics than there are may be added at a time where several are tried."""
Asked = Mapping[str, str]


@dataclass(frozen=True)
class AgeTold:
    """How old a reading may be, and who says so."""

    label: str
    days: int
    origin: str
    says: str
    why: str


@dataclass(frozen=True)
class SourceTold:
    """One way to fill an input: `kind` as in `Source`, the metrics by name with their address."""

    kind: str
    metrics: Sequence[tuple[str, str]]
    age: AgeTold | None
    says: str
    """Which records, where no metric does."""


@dataclass(frozen=True)
class FeedTold:
    """An input and what fills it, tried in order."""

    label: str
    adjusted: bool
    sources: Sequence[SourceTold]


@dataclass(frozen=True)
class FeedsTold:
    """What feeds a rule; `ages` are by the rhythm of a metric, for sources without one of their own. Where it `is_fixed` there
    is nothing to choose.
    """

    inputs: Sequence[FeedTold]
    ages: Sequence[AgeTold]
    is_fixed: bool


@dataclass(frozen=True)
class FeedEntry:
    """An input as entries of the form: its metrics, and how old they may be; `records` names those that feed it too, or alone."""

    label: str
    metrics: Sequence[FormField]
    age: FormField | None
    adjusted: bool
    records: str = ""


@dataclass(frozen=True)
class FeedSheet:
    """The feeds of a rule as a form."""

    entries: Sequence[FeedEntry]
    ages: Sequence[FormField]
    adjusted: bool
    tries: bool
    """Whether the first of several metrics counts."""


def feeds_of(rule: Rule, today: date) -> FeedsTold | None:
    """Return what feeds a rule today, None where it runs on no account; two queries, none where records alone do."""
    held = feeds_in_force(rule.id, today)
    if held is None:
        return None
    named = _named(held.metrics) if held.metrics else {}
    inputs = [
        FeedTold(feed.label, feed.adjusted, [_source(one, named) for one in feed.sources])
        for feed in held.inputs.values()
    ]
    by_rhythm = any(
        one.kind != "record" and one.max_age is None for feed in held.inputs.values() for one in feed.sources
    )
    ages = [_age(rhythm.capitalize(), age) for rhythm, age in held.ages.items()] if by_rhythm else []
    return FeedsTold(inputs, ages, held.is_fixed)


def sheet_of(rule: Rule, today: date, *, reset: bool = False) -> FeedSheet | None:
    """Return the feeds of a rule as a form, None where nothing can be chosen; `reset` fills it with those as shipped."""
    shipped = shipped_feeds(rule.id)
    if shipped is None or shipped.is_fixed:
        return None
    known = FeedChanges.load()
    shown = shipped if reset else known.of(rule.id, shipped, today)
    named = _named(shown.metrics)
    ages = [
        FormField(name=f"rhythm.{rhythm}", kind="integer", label=rhythm.capitalize(), value=age.days, unit="days")
        for rhythm, age in shown.ages.items()
    ]
    entries = [_entry(feed, shipped.inputs[name], named) for name, feed in shown.inputs.items()]
    return FeedSheet(
        entries, ages, bool(known.on(today).get(rule.id)), any(one.several for one in shown.inputs.values())
    )


def asked_feeds(rule: Rule, asked: Asked) -> dict[str, Any]:
    """Return what a form of feeds changes of those as shipped, as `Feeds.adjusted` takes it."""
    shipped = shipped_feeds(rule.id)
    if shipped is None:
        return {}
    ids = {text for name, text in asked.items() if name.startswith("feed.") and text.isdecimal() and len(text) < 19}
    keys = {str(pk): key for pk, key in Metric.objects.filter(pk__in=ids).values_list("pk", "key")}
    inputs: dict[str, Any] = {}
    for name, feed in shipped.inputs.items():
        if feed.is_fixed:
            continue
        first = feed.sources[0]
        typed = [asked.get(f"feed.{name}.{place}", "").strip() for place in range(MOST_METRICS + 1)]
        metrics = [keys.get(text, text) for text in typed if text]
        change: dict[str, Any] = {}
        if metrics != _metrics(feed):
            change["metrics"] = metrics
        if (days := _days(asked.get(f"age.{name}", ""))) != first.max_age_days:
            change["max_age_days"] = days
        if change.get("max_age_days", 0) is None:
            # An age of its own cannot be taken away, only set otherwise.
            change.pop("max_age_days")
        if change:
            inputs[name] = change
    ages = {}
    for rhythm, age in shipped.ages.items():
        days = _days(asked.get(f"rhythm.{rhythm}", ""))
        if days is not None and days != age.days:
            ages[rhythm] = days
    return {key: value for key, value in (("inputs", inputs), ("max_age_days", ages)) if value}


def _days(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 9 else text or None


def _metrics(feed: Feed) -> list[str]:
    """The metrics that a form shows of an input: the first way to fill it, or every one where several are tried."""
    ways = feed.sources if feed.several else feed.sources[:1]
    return [key for one in ways for key in one.metrics]


def _named(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = Metric.objects.filter(key__in=list(keys), account__isnull=True, deleted_at__isnull=True)
    return {key: (pk, name) for key, pk, name in rows.values_list("key", "pk", "name")}


def _source(one: Source, named: Mapping[str, tuple[int, str]]) -> SourceTold:
    metrics = [(named[key][1], f"/r/metric/{named[key][0]}") if key in named else (key, "") for key in one.metrics]
    return SourceTold(one.kind, metrics, _age("", one.max_age) if one.max_age else None, one.says)


def _age(label: str, age: Age) -> AgeTold:
    says = ORIGINS.get(age.origin, "An administrator of this book set it.")
    return AgeTold(label, age.days, age.origin, says, age.why)


def _entry(feed: Feed, shipped: Feed, named: Mapping[str, tuple[int, str]]) -> FeedEntry:
    records = "; ".join(one.says for one in feed.sources if one.kind == "record")
    if feed.is_fixed:
        return FeedEntry(feed.label, (), None, adjusted=False, records=records)
    first, held = feed.sources[0], _metrics(feed)
    fields = []
    for place, words in enumerate(_places(shipped, len(held))):
        key = held[place] if place < len(held) else ""
        chosen = [{"value": str(named[key][0]), "label": named[key][1]}] if key in named else []
        fields.append(
            FormField(
                name=f"feed.{feed.name}.{place}",
                kind="ref",
                label=f"{feed.label}: {words}",
                selected=chosen,
                options_url="/r/metric/options",
                placeholder=words,
            )
        )
    age = FormField(
        name=f"age.{feed.name}",
        kind="integer",
        label=f"{feed.label}: days",
        value="" if first.max_age_days is None else first.max_age_days,
        unit="days",
        placeholder="by rhythm",
    )
    return FeedEntry(feed.label, fields, age, feed.adjusted, records)


def _places(feed: Feed, held: int) -> Sequence[str]:
    """Name the entries for the metrics of an input."""
    if feed.several:
        return ("Metric", *["else"] * (min(held + SPARE, MOST_METRICS) - 1))
    count = max(feed.takes, default=0)
    return TREND if count == KINDS["trend"] else ("Metric", "of (for a share)")[:count]
