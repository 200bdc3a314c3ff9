"""Whether the figures behind a tier decision are young enough to decide on."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, Part, Table, rule
from trackline.core.playbook.fields import Count

COLUMNS = {"revenue": "Revenue", "margin": "Margin", "relationship": "Relationship"}


class Ages(Inputs):
    """Age of the newest figure of each kind on the day of the decision."""

    revenue_days: Count | None = Field(description="Days since the newest figure of revenue")
    margin_days: Count | None = Field(description="Days since the newest figure of margin")
    relationship_days: Count | None = Field(description="Days since the newest figure of the relationship")


class FreshnessParameters(Parameters):
    """How old a figure may be, and which kinds are asked for."""

    max_days: Count
    asked: Table


@rule(
    "book.tier.freshness",
    title="Freshness of a tier decision",
    spec=("PF-13",),
    summary="How many of revenue, margin and relationship are too old, or missing, to decide on.",
)
def freshness(given: Ages, p: FreshnessParameters) -> Finding:
    """Count the kinds of figures that are older than the limit or not known at all. One is enough to defer the decision:
    nobody may overrule this. A kind that a book does not measure may be left out here, with a reason, for all its
    decisions alike.

    Source: PF-13.
    """
    ages = {name: getattr(given, f"{name}_days") for name in COLUMNS if p.asked.get(name)}
    fresh = {name: days is not None and days <= p.max_days for name, days in ages.items()}
    stale = [name for name, good in fresh.items() if not good]
    return Finding(
        len(stale),
        "red" if stale else "green",
        parts=tuple(
            Part(
                name, COLUMNS[name], days, band="green" if fresh[name] else "red", contribution=Decimal(not fresh[name])
            )
            for name, days in ages.items()
        ),
        missing=tuple(f"{name}_days" for name, days in ages.items() if days is None),
        details={"passed": not stale, "stale": stale, "limit": p.max_days},
    )
