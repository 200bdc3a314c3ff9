"""The figures that a criterion may be fed by, as they read and as a form carries them: `kind:name`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trackline.accounts.models import Metric
from trackline.accounts.rulebook.live import live_rules
from trackline.book.rules.scoring_model import FEEDS
from trackline.book.scoring.feeds import named
from trackline.kit.records.text import normalise
from trackline.track.models import JourneyDimension

MOST_OFFERED = 20
GROUPS = {
    "field": "account",
    "routes": "routes",
    "contacts": "contacts",
    "products": "products",
    "projects": "projects",
    "metric": "metric",
    "growth": "growth",
    "score": "score of a rule",
    "journey": "journey",
}


@dataclass(frozen=True)
class FigureChoice:
    """A figure on offer; `meta` says where it comes from."""

    value: str
    label: str
    meta: str


def choices() -> list[FigureChoice]:
    """Return every figure that there is; two queries."""
    return list(_choices())


def offered(query: str) -> tuple[list[FigureChoice], bool]:
    """Return the figures with all the words of a query, and whether there are more."""
    words = normalise(query).split()
    found = [one for one in choices() if all(word in normalise(f"{one.label} {one.meta}") for word in words)]
    return found[:MOST_OFFERED], len(found) > MOST_OFFERED


def _choices() -> Iterator[FigureChoice]:
    for kind, names in FEEDS.items():
        for name in names:
            yield FigureChoice(f"{kind}:{name}", named(kind, name), GROUPS[kind])
    for key, label in JourneyDimension.objects.alive().order_by("position", "pk").values_list("key", "name"):
        yield FigureChoice(f"journey:{key}", f"Journey: {label}", GROUPS["journey"])
    for live in live_rules():
        for preset in live.presets:
            ending = f"/{preset}" if preset else ""
            label = f"{live.rule.title}{f', {preset}' if preset else ''}"
            yield FigureChoice(f"score:{live.rule.id}{ending}", label, GROUPS["score"])
    metrics = Metric.objects.filter(deleted_at__isnull=True, account__isnull=True).order_by("name")
    for key, label in metrics.values_list("key", "name"):
        yield FigureChoice(f"metric:{key}", label, GROUPS["metric"])
        yield FigureChoice(f"growth:{key}", f"{label}, change", GROUPS["growth"])
