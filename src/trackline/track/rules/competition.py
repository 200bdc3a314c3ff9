"""Where we stand against a competitor, what stance that suggests, and which competitor needs something done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import (
    Finding,
    Inputs,
    Measure,
    Parameters,
    WeightedParameters,
    refuse,
    rule,
    weigh,
)
from trackline.core.playbook.fields import Count, Day, FivePoint, Flag, Number, Quantity

DIMENSIONS: Mapping[str, str] = {
    "solution_fit": "Solution fit",
    "economic_value": "Economic value",
    "relationship_capital": "Relationship capital",
    "innovation_momentum": "Innovation momentum",
    "risk_posture": "Risk posture",
}
"""What a vendor is judged by. Source: CMPT-02."""
Kind = Literal["pilot", "quote_request", "overlap", "evaluation", "tender", "price_change", "executive_move", "other"]


class Scores(Inputs):
    """A vendor on each dimension, 1 to 5, as the customer sees it."""

    solution_fit: FivePoint | None = Field(None, description="What the solution does for them")
    economic_value: FivePoint | None = Field(None, description="What they get for their money")
    relationship_capital: FivePoint | None = Field(None, description="Who trusts the vendor")
    innovation_momentum: FivePoint | None = Field(None, description="How fast the vendor moves")
    risk_posture: FivePoint | None = Field(None, description="How safe the choice feels")


class Weights(Inputs):
    """What the customer weighs, %; scaled to 100 together."""

    solution_fit: Quantity = Field(description="Weight of solution fit")
    economic_value: Quantity = Field(description="Weight of economic value")
    relationship_capital: Quantity = Field(description="Weight of relationship capital")
    innovation_momentum: Quantity = Field(description="Weight of innovation momentum")
    risk_posture: Quantity = Field(description="Weight of risk posture")


class Comparison(Inputs):
    """We and a competitor in the eyes of the customer."""

    weights: Weights | None = Field(None, description="What the customer weighs; every dimension alike where unknown")
    ours: Scores = Field(description="Our scores")
    theirs: Scores = Field(description="Scores of the competitor")


class StanceParameters(WeightedParameters):
    """Weights where the customer states none, and the gaps at which a stance changes."""

    defend_from: Number
    disrupt_to: Number
    disengage_to: Number
    dimension_defend_from: Number
    dimension_disrupt_to: Number
    dimension_concede_to: Number
    never_concede_from: Quantity


@dataclass(frozen=True)
class _By:
    weights: Mapping[str, Decimal]
    min_coverage: Decimal
    provisional_below: Decimal


@rule(
    "track.competitor.gap",
    title="Gap to a competitor",
    spec=("CMPT-02", "CMPT-04", "CMPT-05"),
    summary="Our weighted score less theirs, with the stance it suggests: defend, differentiate, disrupt or disengage.",
)
def gap(given: Comparison, p: StanceParameters) -> Finding:
    """Weigh what we are ahead or behind on each dimension by what the customer weighs. Clearly ahead is defended, about
    even is differentiated, behind is disrupted, and far behind is given up in good order. Each dimension has a stance of
    its own; one that the customer weighs heavily is never conceded.

    Source: CMPT-02, CMPT-04, CMPT-05.
    """
    stated = given.weights or p.weights
    raw = {key: stated[key] if isinstance(stated, Mapping) else getattr(stated, key) for key in DIMENSIONS}
    whole = sum(raw.values(), ZERO)
    if whole == 0:
        raise refuse("weights", "Some dimension has to weigh something.")
    weights = {key: HUNDRED * weight / whole for key, weight in raw.items()}
    measures, missing, stances = [], list[str](), {}
    for key, label in DIMENSIONS.items():
        ours, theirs = getattr(given.ours, key), getattr(given.theirs, key)
        ahead = None if ours is None or theirs is None else ours - theirs
        if ahead is None:
            missing.append(key)
        measures.append(Measure(key, label, {"ours": ours, "theirs": theirs}, ahead))
        stances[key] = None if ahead is None else _of_dimension(ahead, weights[key], p)
    found = weigh(measures, _By(weights, p.min_coverage, p.provisional_below))

    def total(side: str) -> Decimal | None:
        """The weighted score of a side over what is known of both."""
        if found.value is None:
            return None
        return sum((weights[part.key] * part.input[side] for part in found.parts), ZERO) / (
            found.coverage_pct or HUNDRED
        )

    stance = _overall(found.value, p) if isinstance(found.value, Decimal) else None
    details = {"ours": total("ours"), "theirs": total("theirs"), "stance": stance, "stances": stances}
    return replace(found, missing=tuple(missing), details=details)


def _overall(ahead: Decimal, p: StanceParameters) -> str:
    if q6(ahead) >= p.defend_from:
        return "defend"
    if q6(ahead) > p.disrupt_to:
        return "differentiate"
    return "disrupt" if q6(ahead) > p.disengage_to else "disengage"


def _of_dimension(ahead: Decimal, weight: Decimal, p: StanceParameters) -> str:
    if q6(ahead) >= p.dimension_defend_from:
        return "defend"
    if q6(ahead) > p.dimension_disrupt_to:
        return "differentiate"
    if q6(ahead) > p.dimension_concede_to or q6(weight) >= p.never_concede_from:
        return "disrupt"
    return "concede"


class Sighting(Inputs):
    """One thing seen of a competitor."""

    kind: Kind = Field(description="What was seen")
    on: Day = Field(description="When")


class Sightings(Inputs):
    """What was seen of competitors on an account."""

    sightings: list[Sighting] = Field(description="Sightings of all competitors", max_length=5000)


class IntrusionParameters(Parameters):
    """How far back intrusions count."""

    window_days: Count


COUNTED = ("pilot", "quote_request", "overlap")
"""What counts as an intrusion. Source: CMPT-10."""


@rule(
    "track.competitor.intrusion",
    title="Competitive intrusion",
    spec=("CMPT-10",),
    summary="Pilots, quotes asked for and overlapping uses of competitors in the window.",
)
def intrusion(given: Sightings, p: IntrusionParameters, as_of: date) -> Finding:
    """Count the pilots, the quotes asked for and the overlapping uses of competitors that were seen in the window. The count
    feeds the relationship score.

    Source: CMPT-10.
    """
    seen = [one for one in given.sightings if 0 <= (as_of - one.on).days <= p.window_days]
    by_kind = {kind: sum(one.kind == kind for one in seen) for kind in COUNTED}
    return Finding(sum(by_kind.values()), details=by_kind)


class Attention(Inputs):
    """What is known of a competitor and of what is done about it."""

    gap: Number | None = Field(None, description="Our weighted score less theirs")
    intrusions: Count | None = Field(None, description="Intrusions in the window")
    planned: Flag = Field(description="Something to do is named, with an owner and a day")
    assessed_on: Day | None = Field(None, description="When it was last assessed")


class AttentionParameters(Parameters):
    """When a competitor is a priority, and how long an assessment holds."""

    priority_gap: Number
    refresh_days: Count


@rule(
    "track.competitor.attention",
    title="Competitors that need something done",
    spec=("CMPT-07", "CMPT-08"),
    summary="Whether a competitor is a priority without an action, and whether its assessment is old.",
)
def attention(given: Attention, p: AttentionParameters, as_of: date) -> Finding:
    """A competitor that is level with us or ahead, or that was seen intruding, is a priority: it needs something to do with an
    owner and a day. An assessment is renewed each quarter. The value counts what is open.

    Source: CMPT-07, CMPT-08.
    """
    priority = (given.gap is not None and q6(given.gap) <= p.priority_gap) or bool(given.intrusions)
    age = None if given.assessed_on is None else (as_of - given.assessed_on).days
    needs_action = priority and not given.planned
    stale = age is None or age > p.refresh_days
    missing = [name for name in ("gap", "intrusions", "assessed_on") if getattr(given, name) is None]
    details = {"priority": priority, "needs_action": needs_action, "stale": stale, "age_days": age}
    return Finding(int(needs_action) + int(stale), missing=tuple(missing), details=details)


class Known(Inputs):
    """How well a sighting is known."""

    sources: Count = Field(description="Independent sources that say it")


class KnownParameters(Parameters):
    """From how many sources on something is probable, and confirmed."""

    probable_from: Count
    confirmed_from: Count


@rule(
    "track.competitor.confidence",
    title="Confidence in what was seen",
    spec=("CMPT-03",),
    summary="Rumour, probable or confirmed, by the independent sources that say it.",
)
def confidence(given: Known, p: KnownParameters) -> Finding:
    """Three independent sources confirm what was seen of a competitor, two make it probable, one is a rumour.

    Source: CMPT-03.
    """
    known = given.sources
    return Finding("confirmed" if known >= p.confirmed_from else "probable" if known >= p.probable_from else "rumour")
