"""Whether an account belongs on the list of those at risk, and for which reasons."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Count, Flag, Share, Whole

Band = Literal["green", "amber", "red", "unknown"]
Forecast = Literal["commit", "best_case", "at_risk", "unknown"]

REASONS = (
    "red_health",
    "churn_risk",
    "competitor",
    "single_thread",
    "renewal",
    "marked",
    "recovering",
)
"""Keys of the reasons, in the order in which they are told."""


class Standing(Inputs):
    """What is known of an account that may be at risk."""

    health_band: Band | None = Field(description="Colour of the headline health")
    churn_risk: Share | None = Field(description="Churn-risk index, 0 to 100")
    competitor: Flag | None = Field(description="An alert is open that they evaluate competitors")
    single_thread: Flag | None = Field(description="An alert is open that at most one contact is active")
    days_to_renewal: Whole | None = Field(description="Days until the contract renews, negative once past")
    renewal_forecast: Forecast | None = Field(description="Forecast that people set on the renewal, unknown for none")
    marked: Flag | None = Field(description="People set the account's status to at risk")
    recovering: Flag | None = Field(description="A save plan or a recovery sprint runs")


class Limits(Parameters):
    """The index that counts as high, and how near a renewal makes a single contact a reason."""

    churn_high: Share
    save_days: Count


@rule(
    "book.at_risk",
    title="Account at risk",
    spec=("HLT-05", "KPI-110", "SAVE-01", "SAVE-07", "RNW-15"),
    summary="How many reasons put an account on the list of the weekly stand-up; none keeps it off.",
)
def at_risk(given: Standing, p: Limits) -> Finding:
    """An account is at risk for each of these: its headline health is red; its churn-risk index is high; they evaluate
    competitors; one contact alone is active and the renewal is near; people forecast the renewal at risk; people marked the
    account; a recovery runs, which is looked at every week until health is green again.

    Source: HLT-05, KPI-110, SAVE-01, SAVE-07, RNW-15.
    """
    names = ("health_band", "churn_risk", "competitor", "single_thread", "renewal_forecast", "marked", "recovering")
    missing = absent(given, *names)
    if given.health_band == "unknown":
        missing.append("health_band")
    if len(missing) >= len(names):
        return insufficient(*missing, details={"reasons": []})
    if given.single_thread and given.days_to_renewal is None:
        missing.append("days_to_renewal")
    near = given.days_to_renewal is not None and given.days_to_renewal <= p.save_days
    found = {
        "red_health": given.health_band == "red",
        "churn_risk": given.churn_risk is not None and q6(given.churn_risk) >= q6(p.churn_high),
        "competitor": bool(given.competitor),
        "single_thread": bool(given.single_thread) and near,
        "renewal": given.renewal_forecast == "at_risk",
        "marked": bool(given.marked),
        "recovering": bool(given.recovering),
    }
    reasons = [name for name in REASONS if found[name]]
    return Finding(len(reasons), missing=tuple(missing), details={"reasons": reasons})
