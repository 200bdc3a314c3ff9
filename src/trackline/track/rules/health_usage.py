"""Health by usage, the headline of most accounts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from trackline.core.playbook import (
    BandCuts,
    Finding,
    Inputs,
    Measure,
    Shares,
    WeightedParameters,
    absent,
    rule,
    weigh,
)
from trackline.core.playbook.fields import Count, Rating, Share

Trend = Literal["decreasing", "none_open", "stable", "increasing", "escalated"]

TREND_BANDS = {
    "decreasing": "green",
    "none_open": "green",
    "stable": "amber",
    "increasing": "red",
    "escalated": "red",
}


class Usage(Inputs):
    """What the usage score needs of an account."""

    active_seat_pct: Share | None = Field(None, description="Seats active weekly, % of seats licensed")
    core_features_used: Count | None = Field(None, description="Core features in use")
    nps_rating: Rating | None = Field(None, description="Mean of the contacts' latest ratings, 0 to 10")
    ticket_trend: Trend | None = Field(None, description="Trend of support tickets over 30 days")
    targets_met_pct: Share | None = Field(None, description="Success targets met, % of those agreed on")


class UsageParameters(WeightedParameters):
    """Weights of the categories, their bands, points of a band, bands of the score."""

    points: Shares
    active_seat_bands: BandCuts
    feature_bands: BandCuts
    rating_bands: BandCuts
    targets_bands: BandCuts
    bands: BandCuts


@rule(
    "track.health.usage",
    title="Health by usage",
    spec=("HLT-01", "HLT-02", "HLT-03"),
    summary="Five categories, each green, amber or red, weighed into a score from 0 to 100.",
)
def usage(given: Usage, p: UsageParameters) -> Finding:
    """Judge product usage, feature adoption, relationship, support tickets and success metrics as green, amber or red,
    give each its points, and take the weighted mean. A category without data is left out and its weight falls on the
    rest; below 60 % of the weight there is no score.

    Source: HLT-01, HLT-02, HLT-03.
    """
    trend = given.ticket_trend
    judged: list[tuple[str, str, Any, str]] = [
        ("product_usage", "Product usage", given.active_seat_pct, p.active_seat_bands.of(given.active_seat_pct)),
        (
            "feature_adoption",
            "Feature adoption",
            given.core_features_used,
            p.feature_bands.of(given.core_features_used),
        ),
        ("relationship", "Relationship", given.nps_rating, p.rating_bands.of(given.nps_rating)),
        ("support_tickets", "Support tickets", trend, TREND_BANDS.get(trend or "", "")),
        ("success_metrics", "Success metrics", given.targets_met_pct, p.targets_bands.of(given.targets_met_pct)),
    ]
    measures = (Measure(key, label, value, p.points.get(band), band) for key, label, value, band in judged)
    found = weigh(measures, p)
    return found.banded(p.bands, missing=absent(given, *Usage.model_fields))
