"""The risk class of a renewal, and the forecast that follows from it where people set none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Count, Flag

Band = Literal["green", "amber", "red", "unknown"]

FORECASTS: Mapping[str, str] = {"green": "commit", "amber": "best_case", "red": "at_risk"}
"""The forecast that stands in for people's, by class. Source: RNW-15."""


class RenewalStanding(Inputs):
    """What speaks for and against a renewal."""

    health_band: Band | None = Field(description="Colour of the account's headline health")
    late_days: Count | None = Field(description="Days by which the latest milestone is overdue, 0 for none")
    single_thread: Flag | None = Field(description="An alert is open that at most one contact is active")
    high_signals: Count | None = Field(description="Open alerts of high or critical severity")


class RenewalRiskParameters(Parameters):
    """How late a milestone makes a renewal red."""

    red_late_days: Count


@rule(
    "align.renewal.risk",
    title="Risk class of a renewal",
    spec=("RNW-15",),
    summary="How many things speak against a renewal; its colour says commit, best case or at risk.",
)
def renewal_risk(given: RenewalStanding, p: RenewalRiskParameters) -> Finding:
    """Red where the headline health is red, a milestone is more than fourteen days late, or one contact alone is active; amber
    where health is amber, a grave alert is open, or any milestone is late; else green. Without a health score a renewal is never
    called green. The forecast is commit for green, best case for amber, at risk for red.

    Source: RNW-15.
    """
    missing = absent(given, "health_band", "late_days", "single_thread", "high_signals")
    if given.health_band == "unknown":
        missing.append("health_band")
    late = given.late_days or 0
    red = [
        name
        for name, so in (
            ("red_health", given.health_band == "red"),
            ("very_late", late > p.red_late_days),
            ("single_thread", bool(given.single_thread)),
        )
        if so
    ]
    amber = [
        name
        for name, so in (
            ("amber_health", given.health_band == "amber"),
            ("grave_alert", bool(given.high_signals)),
            ("late", 0 < late <= p.red_late_days),
        )
        if so
    ]
    reasons = [*red, *amber]
    if not reasons and "health_band" in missing:
        return insufficient(*missing, details={"reasons": [], "forecast": "unknown"})
    band = "red" if red else "amber" if amber else "green"
    return Finding(
        len(reasons), band, missing=tuple(missing), details={"reasons": reasons, "forecast": FORECASTS[band]}
    )
