"""What feeds the inputs of a rule on accounts: as its page tells it, and as a form in which administrators change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Metric
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.live import live_rule
from trackline.core.playbook import Rule
from trackline.core.playbook.feeds import KINDS, Age, Feed, Feeds, Source
from trackline.kit.forms import FormField
from trackline.workspace.queries.rulebook.words import ORIGINS

PLACES: Mapping[str, Sequence[str]] = {
    "metric": ("Metric",),
    "share": ("Part", "Whole"),
    "trend": ("New", "Open", "Escalated"),
}
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


@dataclass(frozen=True)
class FeedTold:
    """An input and what fills it, tried in order."""

    label: str
    adjusted: bool
    sources: Sequence[SourceTold]


@dataclass(frozen=True)
class FeedsTold:
    """What feeds a rule; `ages` are by the rhythm of a metric, for sources without one of their own."""

    inputs: Sequence[FeedTold]
    ages: Sequence[AgeTold]


@dataclass(frozen=True)
class FeedEntry:
    """An input as entries of the form: its metrics, and how old they may be. `fixed` where records feed it."""

    label: str
    metrics: Sequence[FormField]
    age: FormField | None
    adjusted: bool
    fixed: bool = False


@dataclass(frozen=True)
class FeedSheet:
    """The feeds of a rule as a form."""

    entries: Sequence[FeedEntry]
    ages: Sequence[FormField]
    adjusted: bool


def feeds_of(rule: Rule, today: date) -> FeedsTold | None:
    """Return what feeds a rule today, None where no metric does; two queries, none where none does."""
    held = _held(rule, today)
    if held is None:
        return None
    named = _named(held.metrics)
    inputs = [
        FeedTold(feed.label, feed.adjusted, [_source(one, named) for one in feed.sources])
        for feed in held.inputs.values()
    ]
    return FeedsTold(inputs, [_age(rhythm.capitalize(), age) for rhythm, age in held.ages.items()])


def sheet_of(rule: Rule, today: date, *, reset: bool = False) -> FeedSheet | None:
    """Return the feeds of a rule as a form; `reset` fills it with those as shipped."""
    live, held = live_rule(rule.id), _held(rule, today)
    if live is None or live.feeds is None or held is None:
        return None
    shown = live.feeds if reset else held
    named = _named(shown.metrics)
    ages = [
        FormField(name=f"rhythm.{rhythm}", kind="integer", label=rhythm.capitalize(), value=age.days, unit="days")
        for rhythm, age in shown.ages.items()
    ]
    entries = [_entry(feed, live.feeds.inputs[name], named) for name, feed in shown.inputs.items()]
    return FeedSheet(entries, ages, bool(FeedChanges.load().on(today).get(rule.id)))


def asked_feeds(rule: Rule, asked: Asked) -> dict[str, Any]:
    """Return what a form of feeds changes of those as shipped, as `Feeds.adjusted` takes it."""
    live = live_rule(rule.id)
    if live is None or live.feeds is None:
        return {}
    ids = {text for name, text in asked.items() if name.startswith("feed.") and text.isdecimal() and len(text) < 19}
    keys = {str(pk): key for pk, key in Metric.objects.filter(pk__in=ids).values_list("pk", "key")}
    inputs: dict[str, Any] = {}
    for name, feed in live.feeds.inputs.items():
        first = feed.sources[0]
        if first.kind == "record":
            continue
        typed = [asked.get(f"feed.{name}.{place}", "").strip() for place in range(3)]
        metrics = [keys.get(text, text) for text in typed if text]
        change: dict[str, Any] = {}
        if metrics != list(first.metrics):
            change["metrics"] = metrics
        if (days := _days(asked.get(f"age.{name}", ""))) != first.max_age_days:
            change["max_age_days"] = days
        if change.get("max_age_days", 0) is None:
            # An age of its own cannot be taken away, only set otherwise.
            change.pop("max_age_days")
        if change:
            inputs[name] = change
    ages = {}
    for rhythm, age in live.feeds.ages.items():
        days = _days(asked.get(f"rhythm.{rhythm}", ""))
        if days is not None and days != age.days:
            ages[rhythm] = days
    return {key: value for key, value in (("inputs", inputs), ("max_age_days", ages)) if value}


def _days(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 9 else text or None


def _held(rule: Rule, today: date) -> Feeds | None:
    live = live_rule(rule.id)
    if live is None or live.feeds is None:
        return None
    return FeedChanges.load().feeds(live, today)


def _named(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = Metric.objects.filter(key__in=list(keys), account__isnull=True, deleted_at__isnull=True)
    return {key: (pk, name) for key, pk, name in rows.values_list("key", "pk", "name")}


def _source(one: Source, named: Mapping[str, tuple[int, str]]) -> SourceTold:
    metrics = [(named[key][1], f"/r/metric/{named[key][0]}") if key in named else (key, "") for key in one.metrics]
    return SourceTold(one.kind, metrics, _age("", one.max_age) if one.max_age else None)


def _age(label: str, age: Age) -> AgeTold:
    says = ORIGINS.get(age.origin, "An administrator of this book set it.")
    return AgeTold(label, age.days, age.origin, says, age.why)


def _entry(feed: Feed, shipped: Feed, named: Mapping[str, tuple[int, str]]) -> FeedEntry:
    first = feed.sources[0]
    if first.kind == "record":
        return FeedEntry(feed.label, (), None, adjusted=False, fixed=True)
    kinds = {one.kind for one in shipped.sources}
    count = max(KINDS[kind] for kind in kinds)
    if feed.shares and kinds & {"metric", "share"}:
        count = KINDS["share"]
    places = PLACES["trend"] if count == KINDS["trend"] else ("Metric", "of (for a share)")[:count]
    fields = []
    for place, words in enumerate(places):
        key = first.metrics[place] if place < len(first.metrics) else ""
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
    return FeedEntry(feed.label, fields, age, feed.adjusted)
