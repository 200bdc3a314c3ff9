"""Whether a KPI can be trusted: five signs."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, Part, absent, rule
from trackline.core.playbook.fields import Count, Flag

SIGNS = {
    "formula": "Its formula is written down",
    "source": "One automated source feeds it",
    "approved": "Finance and the customer approved target and limits",
    "shown": "It stands on a scorecard or dashboard",
    "incentives": "It counts in incentive plans",
}


class Signs(Inputs):
    """What is known of a KPI."""

    formula: Flag | None = Field(description=SIGNS["formula"])
    source: Flag | None = Field(description="One automated source feeds it; null where nothing was read for a year")
    finance: Flag | None = Field(description="Finance approved target and limits")
    customer: Flag | None = Field(description="The customer approved target and limits")
    shown: Flag | None = Field(description=SIGNS["shown"])
    incentives: Flag | None = Field(description=SIGNS["incentives"])


class TrustParameters(Parameters):
    """How many of the signs make a KPI trusted."""

    needed: Count


@rule(
    "accounts.kpi_trust",
    title="Signs of a trusted KPI",
    spec=("KPI-123",),
    summary="How many of five signs a KPI shows: formula, source, approval, a place where it is seen, incentives.",
)
def trust(given: Signs, p: TrustParameters) -> Finding:
    """Count the signs: a written formula, one automated source, approval of target and limits by finance and by the customer, a
    place on a scorecard or dashboard, a part in incentive plans. What is not known is no sign. All of them make the KPI
    trusted.

    Source: KPI-123.
    """
    held = {
        "formula": given.formula is True,
        "source": given.source is True,
        "approved": given.finance is True and given.customer is True,
        "shown": given.shown is True,
        "incentives": given.incentives is True,
    }
    count = sum(held.values())
    return Finding(
        count,
        parts=tuple(Part(key, words, contribution=Decimal(held[key])) for key, words in SIGNS.items()),
        missing=tuple(absent(given, "formula", "source", "finance", "customer", "shown", "incentives")),
        details={
            "trusted": count >= p.needed,
            "needed": p.needed,
            "lacks": [key for key, holds in held.items() if not holds],
        },
    )
