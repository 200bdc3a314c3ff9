"""Health of many accounts at once: value and band as the rules find them on each, to the last of six decimals.

Accounts of which floats cannot tell, and readings outside what an input can be, are left to the rule (None).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from trackline.core.analytics.scales import Flags, Floats, Words, bands_of, limit, norm, on_six, weighed
from trackline.core.playbook.columns import Columns, Judged, judged
from trackline.core.playbook.parameters import Parameters
from trackline.core.scales import AMBER, GREEN, RED, UNKNOWN, Anchors
from trackline.track.rules.health_relationship import EVEN, Relationship, RelationshipParameters
from trackline.track.rules.health_usage import TREND_BANDS, Usage, UsageParameters

Given = Sequence[Mapping[str, Any]]


def usage_twin(given: Given, p: Parameters) -> list[Judged]:
    """Judge usage of many accounts."""
    assert isinstance(p, UsageParameters)
    read = Columns(Usage, given)
    trends = read.words("ticket_trend", TREND_BANDS)
    bands = {
        "product_usage": bands_of(read.numbers("active_seat_pct"), p.active_seat_bands),
        "feature_adoption": bands_of(read.numbers("core_features_used"), p.feature_bands),
        "relationship": bands_of(read.numbers("nps_rating"), p.rating_bands),
        "support_tickets": np.array([TREND_BANDS.get(one, UNKNOWN) for one in trends], object),
        "success_metrics": bands_of(read.numbers("targets_met_pct"), p.targets_bands),
    }
    points = {key: _points(found, p.points) for key, found in bands.items()}
    value, doubtful = weighed(list(points.values()), [p.weights[key] for key in points], p.min_coverage)
    return judged(value, bands_of(value, p.bands), doubtful | read.odd)


def relationship_twin(given: Given, p: Parameters) -> list[Judged]:
    """Judge the relationship with many accounts."""
    assert isinstance(p, RelationshipParameters)
    read = Columns(Relationship, given)
    voice, nps, csat = (read.numbers(name) for name in ("share_of_voice_pct", "nps", "csat"))
    benefit, velocity = read.numbers("benefit_realization_pct"), read.numbers("champion_velocity")

    def points(key: str, values: Floats) -> Floats:
        found: Anchors = p.anchors[key]
        return norm(values, found)

    measured = {
        "engagement": points("engagement", read.numbers("engagement_pct")),
        "share_of_voice": points("share_of_voice", np.abs(voice - EVEN)),
        "response_latency": points("response_latency", read.numbers("response_latency_hours")),
        "escalation_index": points("escalation_index", read.numbers("escalation_index")),
        "benefit_realization": points("benefit_realization", benefit),
        "advocacy": _mean(points("nps", nps), points("csat", csat)),
        "champion_velocity": points("champion_velocity", velocity),
        "competitive_intrusion": points("competitive_intrusion", read.numbers("competitive_intrusion")),
    }
    value, doubtful = weighed(list(measured.values()), [p.weights[key] for key in measured], p.min_coverage)
    score = bands_of(value, p.bands)
    fewest = read.least("champions_per_unit")
    gone, streak = read.numbers("sponsor_exit_days"), read.numbers("negative_streak_quarters")
    with np.errstate(invalid="ignore"):
        passed: Flags = (
            (on_six(nps) >= limit(p.nps_gate))
            & (on_six(benefit) >= limit(p.benefit_gate))
            & (fewest >= p.champions_gate)
        )
        warned = (streak >= p.streak_quarters) | (gone < p.sponsor_days)
        warned |= read.flags("engagement_steady") & (on_six(velocity) < 0)
        alarmed = read.flags("legal_dispute") | (gone >= p.sponsor_days)
    band: Words = np.where((score == GREEN) & passed & ~warned, GREEN, AMBER).astype(object)
    band[score == UNKNOWN] = UNKNOWN
    band[alarmed | (score == RED)] = RED
    return judged(value, band, doubtful | read.odd)


def _points(bands: Words, points: Mapping[str, Decimal]) -> Floats:
    worth = {band: float(one) for band, one in points.items()}
    return np.array([worth.get(band, np.nan) for band in bands])


def _mean(one: Floats, other: Floats) -> Floats:
    """The mean of those known."""
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, (one + other) / 2))
