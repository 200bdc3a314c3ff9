"""How well two executives are matched, and what gates the pairing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from trackline.core.playbook import BandCuts, Finding, Inputs, Measure, Table, WeightedParameters, absent, rule, weigh
from trackline.core.playbook.fields import Count, FivePoint, Quantity
from trackline.core.scales import RED

FULL = Decimal(100)


class Pair(Inputs):
    """What is known of a pairing."""

    authority_gap: Count | None = Field(None, description="Levels between the two, 0 for peers")
    domain: FivePoint | None = Field(None, description="How far they share their domain")
    culture: FivePoint | None = Field(None, description="How far they share their culture")
    hours_month: Quantity | None = Field(None, description="Hours a month the sponsor confirmed")


class PairParameters(WeightedParameters):
    """Weights, points of a level gap, hours from which a sponsor is active and from which the time is full, the limit."""

    gap_points: Table
    hours: Table
    bands: BandCuts


@rule(
    "kickoff.sponsor.match",
    title="Match of an executive sponsor",
    spec=("SPON-02", "SPON-03"),
    summary="Authority, domain, culture and time of a sponsor pairing, in points from 0 to 100.",
)
def match(given: Pair, p: PairParameters) -> Finding:
    """Weigh the level gap, the shared domain and culture, and the sponsor's time. Two levels apart or more, or less time
    than asked for, close the gate whatever the score.

    Source: SPON-02, SPON-03.
    """
    gap, hours = given.authority_gap, given.hours_month
    least, full = p.hours["least"], p.hours["full"]
    points = None if gap is None else p.gap_points.get(str(gap), Decimal(0))
    time = None if hours is None else _time(hours, least, full)
    found = weigh(
        [
            Measure("authority", "Level of authority", gap, points),
            Measure("domain", "Shared domain", given.domain, _scale(given.domain)),
            Measure("culture", "Shared culture", given.culture, _scale(given.culture)),
            Measure("time", "Time", hours, time),
        ],
        p,
    )
    notes = list(found.notes)
    if gap is not None and points == 0:
        notes.append(f"They are {gap} levels apart; find a peer.")
    if hours is not None and hours < least:
        notes.append(f"Less than {least} hours a month; the pairing cannot start.")
    closed = len(notes) > len(found.notes)
    missing = absent(given, "authority_gap", "domain", "culture", "hours_month")
    banded = found.banded(p.bands, missing=missing)
    band = RED if closed and found.value is not None else banded.band
    return replace(banded, band=band, notes=tuple(notes), details={"gate": "closed" if closed else "open"})


def _scale(value: Decimal | None) -> Decimal | None:
    return None if value is None else (value - 1) * FULL / 4


def _time(hours: Decimal, least: Decimal, full: Decimal) -> Decimal:
    """From 60 points at the least hours to 100 at the full ones."""
    if hours < least:
        return Decimal(0)
    return min(FULL, 60 + (hours - least) * 40 / (full - least))
