"""Scorecards: metrics against three targets, and initiatives by six dimensions, each added up to one number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, clamp, q6
from trackline.core.playbook import (
    BandCuts,
    Finding,
    Inputs,
    Measure,
    Parameters,
    Shares,
    WeightedParameters,
    absent,
    insufficient,
    refuse,
    rule,
    weigh,
)
from trackline.core.playbook.fields import Number, Quantity, Share, Text
from trackline.core.scales import AMBER, GREEN, RED, UNKNOWN


class Metric(Inputs):
    """A metric with its targets, all three rising, or all three falling where less is better."""

    key: Text = Field(description="Key of the metric")
    value: Number | None = Field(description="Where it stands")
    minimum: Number | None = Field(description="Worse than this is red")
    committed: Number | None = Field(description="This and better is green")
    stretch: Number | None = Field(description="Full attainment")
    weight: Quantity | None = Field(description="Weight; all are scaled to sum to 100")


class Card(Inputs):
    """The metrics of a scorecard."""

    metrics: list[Metric] | None = Field(description="Metrics with their targets; one that is not known is left out")


class CardParameters(Parameters):
    """Attainment at the targets, bands of the composite, and the weight that must be known."""

    attainment: Shares
    bands: BandCuts
    min_coverage: Quantity
    provisional_below: Quantity


@dataclass(frozen=True)
class _Weighing:
    weights: Mapping[str, Decimal]
    min_coverage: Decimal
    provisional_below: Decimal


@rule(
    "book.scorecard.composite",
    title="Scorecard",
    spec=("SC-04", "SC-05"),
    summary="Metrics against minimum, committed and stretch targets, weighed into one score from 0 to 100.",
)
def scorecard(given: Card, p: CardParameters) -> Finding:
    """Give each metric its attainment: 60 at the minimum, 80 at the committed target, 100 at the stretch, straight lines in
    between and on to 0 and 100. Add up by weight. Each metric has its own colour: green from the committed target, red
    beyond the minimum.

    Source: SC-04, SC-05.
    """
    if given.metrics is None:
        return insufficient("metrics")
    _check(given.metrics)
    total = sum((item.weight for item in given.metrics if item.weight is not None), ZERO)
    weighed = [item for item in given.metrics if item.weight is not None and total]
    weights = {item.key: (item.weight or ZERO) * HUNDRED / total for item in weighed}
    measures = [_measure(item, p) for item in weighed]
    found = weigh(measures, _Weighing(weights, p.min_coverage, p.provisional_below))
    known = {measure.key for measure in measures if measure.points is not None}
    return found.banded(p.bands, missing=[item.key for item in given.metrics if item.key not in known])


def _measure(item: Metric, p: CardParameters) -> Measure:
    targets = (item.minimum, item.committed, item.stretch)
    if item.value is None or None in targets:
        return Measure(item.key, item.key, item.value, None)
    minimum, committed, stretch = (target for target in targets if target is not None)
    low, middle, high = (p.attainment[name] for name in ("minimum", "committed", "stretch"))
    sign = 1 if stretch > minimum else -1
    if q6(item.value) * sign >= q6(committed) * sign:
        points = middle + (high - middle) * (item.value - committed) / (stretch - committed)
    else:
        points = low + (middle - low) * (item.value - minimum) / (committed - minimum)
    return Measure(item.key, item.key, item.value, clamp(points), colour(item.value, minimum, committed, stretch))


def colour(value: Decimal | None, minimum: Decimal | None, committed: Decimal | None, stretch: Decimal | None) -> str:
    """Return the colour of a metric by its own targets, unknown without a value or with a target missing.

    Source: SC-04.
    """
    if value is None or minimum is None or committed is None or stretch is None:
        return UNKNOWN
    sign = 1 if stretch > minimum else -1
    if q6(value) * sign >= q6(committed) * sign:
        return GREEN
    return AMBER if q6(value) * sign >= q6(minimum) * sign else RED


class _Targeted(Protocol):
    """A metric with its targets."""

    @property
    def key(self) -> str: ...
    @property
    def minimum(self) -> Decimal | None: ...
    @property
    def committed(self) -> Decimal | None: ...
    @property
    def stretch(self) -> Decimal | None: ...


def _check(metrics: list[Metric]) -> None:
    in_order(metrics)
    if metrics and not any(item.weight or item.weight is None for item in metrics):
        raise refuse("metrics", "At least one weight above 0 is expected.")


def in_order(metrics: Sequence[_Targeted]) -> None:
    """Refuse metrics of one key, and targets that neither rise nor fall."""
    seen: set[str] = set()
    for at, item in enumerate(metrics):
        if item.key in seen:
            raise refuse(("metrics", at, "key"), "A key of its own is expected.")
        seen.add(item.key)
        targets = [target for target in (item.minimum, item.committed, item.stretch) if target is not None]
        ordered = sorted(set(targets))
        if targets not in (ordered, ordered[::-1]):
            raise refuse(("metrics", at), "Minimum, committed and stretch are expected to rise or to fall.")


class Initiative(Inputs):
    """Scores of an initiative, 0 to 100 each."""

    strategic_alignment: Share | None = Field(description="Alignment with the customer's and our strategy")
    economic_impact: Share | None = Field(description="Money at stake")
    feasibility: Share | None = Field(description="Can be built and delivered")
    time_to_value: Share | None = Field(description="How soon it pays; high is soon")
    risk_profile: Share | None = Field(description="Risk after mitigation; high is safe")
    relationship_leverage: Share | None = Field(description="Contacts who would carry it")


class GrowthParameters(WeightedParameters):
    """Weights of the dimensions and the score that passes."""

    passes_from: Quantity


@rule(
    "book.priority.growth",
    title="Priority of a growth initiative",
    spec=("GRW-01",),
    summary="Six dimensions weighed into 0 to 100; 70 passes the first gate.",
)
def growth(given: Initiative, p: GrowthParameters) -> Finding:
    """Weigh six scores into one. From 70 on the initiative passes the first gate.

    Source: GRW-01.
    """
    labels = {
        "strategic_alignment": "Strategic alignment",
        "economic_impact": "Economic impact",
        "feasibility": "Feasibility",
        "time_to_value": "Time to value",
        "risk_profile": "Risk profile",
        "relationship_leverage": "Relationship leverage",
    }
    found = weigh(
        (Measure(key, label, getattr(given, key), getattr(given, key)) for key, label in labels.items()),
        p,
    )
    passes = q6(found.value) >= q6(p.passes_from) if isinstance(found.value, Decimal) else None
    return replace(
        found,
        band=UNKNOWN if passes is None else None,
        missing=tuple(absent(given, *labels)),
        details={"passes": passes},
    )
