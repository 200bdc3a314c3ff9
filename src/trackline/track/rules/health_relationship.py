"""Health of the relationship: eight metrics of four dimensions, and gates that an average would hide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import mean, q6
from trackline.core.playbook import (
    BandCuts,
    Finding,
    Inputs,
    Measure,
    NormAnchors,
    WeightedParameters,
    absent,
    rule,
    weigh,
)
from trackline.core.playbook.fields import Count, FivePoint, Flag, NetScore, Number, Percent, Quantity, Share
from trackline.core.scales import AMBER, GREEN, RED, UNKNOWN

EVEN = 50
"""Share of voice at which both sides speak alike, %."""

_MEASURED = (
    "engagement_pct",
    "share_of_voice_pct",
    "response_latency_hours",
    "escalation_index",
    "benefit_realization_pct",
    "nps",
    "csat",
    "champion_velocity",
    "competitive_intrusion",
    "champions_per_unit",
)
"""Inputs whose absence is told: those of the score and of the green gates."""

_ANCHORED = {
    "engagement_pct": "engagement",
    "share_of_voice_pct": "share_of_voice",
    "response_latency_hours": "response_latency",
    "escalation_index": "escalation_index",
    "benefit_realization_pct": "benefit_realization",
    "nps": "nps",
    "csat": "csat",
    "champion_velocity": "champion_velocity",
    "competitive_intrusion": "competitive_intrusion",
}
"""The anchors that judge each metric."""


class Relationship(Inputs):
    """What the relationship score needs of an account."""

    engagement_pct: Percent | None = Field(None, description="Two-way touches, % of those planned")
    share_of_voice_pct: Share | None = Field(None, description="Our agenda items, % of all items of the last quarter")
    response_latency_hours: Quantity | None = Field(None, description="Median hours from inquiry to acknowledged plan")
    escalation_index: Quantity | None = Field(None, description="Severities of the quarter's escalations, summed")
    benefit_realization_pct: Percent | None = Field(None, description="Benefits verified, % of those committed")
    nps: NetScore | None = Field(None, description="NPS of the account")
    csat: FivePoint | None = Field(None, description="Mean CSAT, 1 to 5")
    champion_velocity: Number | None = Field(None, description="Champions gained less lost, last two quarters")
    competitive_intrusion: Quantity | None = Field(None, description="Competitors' moves seen in 90 days")
    champions_per_unit: list[Count | None] | None = Field(None, description="Active champions of each business unit")
    negative_streak_quarters: Count | None = Field(None, description="Longest run of falling quarters of any metric")
    engagement_steady: Flag | None = Field(None, description="Engagement within 10 % of the quarter before")
    legal_dispute: Flag | None = Field(None, description="A legal dispute is open")
    sponsor_exit_days: Count | None = Field(None, description="Days since the sponsor left without a successor")
    preset: Literal["standard", "regulated"] | None = Field(None, description="Weights; standard where not given")


class RelationshipParameters(WeightedParameters):
    """Weights and norms of the metrics, bands, and the limits of gates and tests."""

    anchors: dict[str, NormAnchors]
    bands: BandCuts
    nps_gate: NetScore
    benefit_gate: Percent
    champions_gate: Count
    streak_quarters: Count
    sponsor_days: Count


@rule(
    "track.health.relationship",
    title="Health of the relationship",
    spec=("HLT-06", "HLT-07", "HLT-08", "HLT-09"),
    summary="Eight metrics of access, trust, value and advocacy, weighed into a score, with gates for green and red.",
)
def relationship(given: Relationship, p: RelationshipParameters) -> Finding:
    """Turn each metric into points by four anchors, take the weighted mean, then classify. Red: a score below 60, an
    open legal dispute, or a sponsor gone for 30 days without successor. Green: at least 80, every gate passed (NPS,
    benefits, champions in each unit) and no warning (two falling quarters, champions lost while engagement is steady,
    a sponsor just gone). Amber is the rest. A gate without its input is not passed; a warning without its input is off.

    Source: HLT-06, HLT-07, HLT-08.
    """
    found = weigh(_measures(given, p), p)
    score = p.bands.of(found.value) if isinstance(found.value, Decimal) else UNKNOWN
    gates, warnings, alarms = _gates_failed(given, p), _warnings(given, p), _alarms(given, p)
    if score == RED:
        alarms = ["composite", *alarms]
    if alarms:
        band = RED
    elif score == UNKNOWN:
        band = UNKNOWN
    else:
        band = GREEN if score == GREEN and not gates and not warnings else AMBER
    return found.banded(band, missing=_missing(given), gates_failed=[*gates, *warnings, *alarms])


def norms_of(on: date) -> Mapping[str, Callable[[Decimal], Decimal]]:
    """Return what turns each metric of the model into points on a day, by its input, as shipped."""
    parameters = relationship.in_force(on).parameters
    assert isinstance(parameters, RelationshipParameters)
    norms = {name: parameters.anchors[anchor].norm for name, anchor in _ANCHORED.items()}
    voice = norms["share_of_voice_pct"]
    return norms | {"share_of_voice_pct": lambda value: voice(abs(value - EVEN))}


def _measures(given: Relationship, p: RelationshipParameters) -> Iterator[Measure]:
    yield _measure(p, "engagement", "Engagement", given.engagement_pct)
    voice = given.share_of_voice_pct
    yield _measure(p, "share_of_voice", "Share of voice", voice, None if voice is None else abs(voice - EVEN))
    yield _measure(p, "response_latency", "Response latency", given.response_latency_hours)
    yield _measure(p, "escalation_index", "Escalation index", given.escalation_index)
    yield _measure(p, "benefit_realization", "Benefit realization", given.benefit_realization_pct)
    yield _advocacy(given, p)
    yield _measure(p, "champion_velocity", "Champion velocity", given.champion_velocity)
    yield _measure(p, "competitive_intrusion", "Competitive intrusion", given.competitive_intrusion)


def _measure(
    p: RelationshipParameters, key: str, label: str, value: Decimal | None, judged: Decimal | None = None
) -> Measure:
    """A metric with its points; `judged` is what the anchors look at where it is not the value itself."""
    judged = value if judged is None else judged
    points = None if judged is None else p.anchors[key].norm(judged)
    return Measure(key, label, value, points, p.bands.of(points))


def _advocacy(given: Relationship, p: RelationshipParameters) -> Measure:
    """NPS and CSAT count as one metric: the mean of the points of those known."""
    asked = {"nps": given.nps, "csat": given.csat}
    answered = {name: value for name, value in asked.items() if value is not None}
    points = mean([p.anchors[name].norm(value) for name, value in answered.items()])
    return Measure("advocacy", "Advocacy", answered, points, p.bands.of(points))


def _gates_failed(given: Relationship, p: RelationshipParameters) -> list[str]:
    champions = given.champions_per_unit
    passed = {
        "nps": given.nps is not None and q6(given.nps) >= q6(p.nps_gate),
        "benefit_realization": given.benefit_realization_pct is not None
        and q6(given.benefit_realization_pct) >= q6(p.benefit_gate),
        "champions_per_unit": champions is not None
        and all(count is not None and count >= p.champions_gate for count in champions),
    }
    return [key for key, met in passed.items() if not met]


def _warnings(given: Relationship, p: RelationshipParameters) -> list[str]:
    streak, velocity, gone = given.negative_streak_quarters, given.champion_velocity, given.sponsor_exit_days
    hit = {
        "negative_streak": streak is not None and streak >= p.streak_quarters,
        "champion_velocity": given.engagement_steady is True and velocity is not None and q6(velocity) < 0,
        "sponsor_exit": gone is not None and gone < p.sponsor_days,
    }
    return [key for key, is_hit in hit.items() if is_hit]


def _alarms(given: Relationship, p: RelationshipParameters) -> list[str]:
    gone = given.sponsor_exit_days
    hit = {"legal_dispute": given.legal_dispute is True, "sponsor_exit": gone is not None and gone >= p.sponsor_days}
    return [key for key, is_hit in hit.items() if is_hit]


def _missing(given: Relationship) -> list[str]:
    missing = absent(given, *_MEASURED)
    if given.champions_per_unit is not None and None in given.champions_per_unit:
        missing.append("champions_per_unit")
    return missing
