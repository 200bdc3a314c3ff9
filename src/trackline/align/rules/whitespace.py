"""White space: what could still be sold, and which of it to pursue first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import (
    Finding,
    Inputs,
    Measure,
    Parameters,
    Part,
    WeightedParameters,
    absent,
    insufficient,
    rule,
    weigh,
)
from trackline.core.playbook.fields import Count, Money, Numeric, Quantity, Share
from trackline.core.scales import UNKNOWN

BEST = 5
"""The highest score of a criterion."""

Score = Annotated[Decimal, Numeric(ge=0, le=BEST)]


class Pool(Inputs):
    """Money that a customer spends in a category."""

    addressable: Money | None = Field(description="Spend that could go to us")
    attainable_pct: Share | None = Field(description="Share of it that is attainable, %")
    current: Money | None = Field(description="What we sell today")


@rule(
    "align.whitespace.value",
    title="White-space value",
    spec=("WS-02",),
    summary="Attainable spend that is not ours yet.",
)
def whitespace_value(given: Pool) -> Finding:
    """The attainable share of the addressable spend, less what we sell today. Below 0 the pool is saturated: totals count it
    as nothing.

    Source: WS-02.
    """
    missing = absent(given, "addressable", "attainable_pct", "current")
    if given.addressable is None or given.attainable_pct is None or given.current is None:
        return insufficient(*missing, details={"saturated": None})
    attainable = given.addressable * given.attainable_pct / HUNDRED
    value = attainable - given.current
    parts = (
        Part("attainable", "Attainable spend", given.attainable_pct, contribution=attainable),
        Part("current", "Sold today", given.current, contribution=-given.current),
    )
    return Finding(value, parts=parts, details={"saturated": value < 0})


class Priority(Inputs):
    """Scores of a white space, 0 to 5 each."""

    strategic_fit: Score | None = Field(description="Fit with the customer's and our strategy")
    economic_impact: Score | None = Field(description="Money at stake")
    feasibility: Score | None = Field(description="Can be built, sold and delivered")
    relationship_leverage: Score | None = Field(description="Contacts who would carry it")


class PriorityParameters(WeightedParameters):
    """Weights of the scores and the score from which to go."""

    go_from: Quantity


@rule(
    "align.whitespace.priority",
    title="White-space priority",
    spec=("WS-07",),
    summary="Four scores weighed into 0 to 100; a go from 75.",
)
def whitespace_priority(given: Priority, p: PriorityParameters) -> Finding:
    """Weigh strategic fit, economic impact, feasibility and relationship leverage into 0 to 100. From 75 on it is a go for
    design; present value and payback are a gate of their own.

    Source: WS-07.
    """
    labels = {
        "strategic_fit": "Strategic fit",
        "economic_impact": "Economic impact",
        "feasibility": "Feasibility",
        "relationship_leverage": "Relationship leverage",
    }
    measures = []
    for key, label in labels.items():
        score = getattr(given, key)
        measures.append(Measure(key, label, score, None if score is None else score * HUNDRED / BEST))
    found = weigh(measures, p)
    go = q6(found.value) >= q6(p.go_from) if isinstance(found.value, Decimal) else None
    return replace(
        found, band=UNKNOWN if go is None else None, missing=tuple(absent(given, *labels)), details={"go": go}
    )


class Zone(Inputs):
    """A white space, what tells that the customer wants it, and what the others of the account are worth."""

    ages: list[Count] | None = Field(description="Days since each signal: a pain point or a note that speaks for it")
    value: Money | None = Field(description="What could be sold")
    median: Money | None = Field(description="Median of the account's white spaces that are worth something")


class ZoneParameters(Parameters):
    """How long a signal counts, how many are told at most, and from how many on a white space is hot."""

    days: Count
    most: Count
    signals_from: Count


@rule(
    "align.whitespace.hot",
    title="Hot zone",
    spec=("WS-05",),
    summary="Signals of the last 90 days; hot from two on where the money reaches the account's median.",
)
def whitespace_hot(given: Zone, p: ZoneParameters) -> Finding:
    """Count the signals that are recent, up to a most. Hot is a white space with enough of them that is worth at least the
    median of those of the account that are worth something: somebody of ours should answer for it.

    Source: WS-05.
    """
    missing = absent(given, "ages", "value", "median")
    if given.ages is None:
        return insufficient(*missing, details={"hot": None})
    recent = sum(age <= p.days for age in given.ages)
    hot: bool | None = None
    if recent < p.signals_from or given.value == 0:
        hot = False
    elif given.value is not None and given.median is not None:
        hot = q6(given.value) >= q6(given.median)
    return Finding(min(recent, p.most), missing=tuple(missing), details={"hot": hot})
