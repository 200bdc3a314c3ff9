"""Risk beside opportunity: what an account warns of, whether it may grow, what came out; and which of them comes first."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, Part, absent, insufficient, rule
from trackline.core.playbook.fields import Count, Flag, Percent, Share

WORST = ("red", "amber", "green")
NEXT = {
    "secure": "Secure first",
    "grow": "Offer more",
    "prepare": "Remove what blocks",
    "watch": "Watch",
    "keep": "Keep it up",
}
"""What comes first for an account, in words."""


class Outlook(Inputs):
    """What is known of an account."""

    churn_risk: Share | None = Field(description="Churn-risk index")
    engagement: Share | None = Field(None, description="Customer engagement")
    readiness: Share | None = Field(description="Readiness for expansion")
    blocked: Flag | None = Field(None, description="A condition that no offer goes without does not hold")
    signals: Count | None = Field(None, description="Signals that it wants more")
    nrr_pct: Percent | None = Field(None, description="Net revenue retention of twelve months, %")


class QuadrantParameters(Parameters):
    """Colours of each figure."""

    churn_risk: BandCuts
    engagement: BandCuts
    readiness: BandCuts
    signals: BandCuts
    nrr: BandCuts


@rule(
    "book.risk_opportunity",
    title="Risk and opportunity",
    spec=("KPI-128",),
    summary="Early warning, expansion and outcome of an account in colours, and whether to secure it or to offer more.",
)
def quadrants(given: Outlook, p: QuadrantParameters) -> Finding:
    """Colour three quadrants: early warning by the worse of churn risk and engagement, expansion by the better of readiness and
    signals, outcome by net revenue retention. Risk wins: an account that warns in red is secured before anything is offered,
    however ready it is. One that is ready and does not warn in red is offered more, unless a condition that no offer goes without blocks it. The value counts the quadrants that can be
    told; without an early warning nothing is said about what comes first.

    Source: KPI-128.
    """
    churn, engagement = p.churn_risk.of(given.churn_risk), p.engagement.of(given.engagement)
    ready, signals = p.readiness.of(given.readiness), p.signals.of(given.signals)
    outcome = p.nrr.of(given.nrr_pct)
    warns = [band for band in (churn, engagement) if band != "unknown"]
    grows = [band for band in (ready, signals) if band != "unknown"]
    warning = min(warns, key=WORST.index) if warns else "unknown"
    expansion = max(grows, key=WORST.index) if grows else "unknown"
    told = {"warning": warning, "expansion": expansion, "outcome": outcome}
    missing = absent(given, "churn_risk", "engagement", "readiness", "signals", "nrr_pct")
    known = sum(band != "unknown" for band in told.values())
    if not known:
        return insufficient(*missing, details={**told, "next": None})
    return Finding(
        known,
        missing=tuple(missing),
        parts=tuple(
            Part(key, label, value, band=band, contribution=Decimal(band != "unknown"))
            for key, label, value, band in (
                ("warning", "Early warning", given.churn_risk, warning),
                ("expansion", "Expansion", given.readiness, expansion),
                ("outcome", "Outcome", given.nrr_pct, outcome),
            )
        ),
        details={**told, "next": _next(warning, ready, bool(given.blocked))},
    )


def _next(warning: str, ready: str, blocked: bool) -> str | None:
    if warning == "unknown":
        return None
    if warning == "red":
        return "secure"
    if ready == "green":
        return "prepare" if blocked else "grow"
    return "watch" if warning == "amber" else "keep"
