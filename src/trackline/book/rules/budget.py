"""What a tier costs us to serve: hours and money by tier, and whether what is promised is funded."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, Table, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Quantity


class Served(Inputs):
    """An account in a tier."""

    tier: Literal[1, 2, 3] | None = Field(description="Tier")
    revenue: Money | None = Field(description="Revenue of twelve months")
    hour_cost: Money | None = Field(None, description="What an hour of ours costs")
    promises: list[Money | None] | None = Field(None, description="What the promises beyond hours cost in a year")


class BudgetParameters(Parameters):
    """People and money by tier."""

    fte: Table
    opex_pct: Table
    hours_per_fte: Quantity


@rule(
    "book.tier.budget",
    title="Budget of a tier",
    spec=("PF-26",),
    summary="Hours a year and operating money that a tier grants an account, and whether its promises are funded.",
)
def budget(given: Served, p: BudgetParameters) -> Finding:
    """Grant hours by the people of the tier, and money as a share of twelve months' revenue. With what an hour costs and
    what the promises cost besides, tell whether the two lines pay for them; a promise that they do not pay for is not to be
    given.

    Source: PF-26.
    """
    if given.tier is None:
        return insufficient("tier", details={"fte": None, "opex": None, "funded": None, "promised": None, "pays": None})
    key = str(given.tier)
    fte, share = p.fte[key], p.opex_pct[key]
    hours = fte * p.hours_per_fte
    opex = None if given.revenue is None else given.revenue * share / 100
    promised = funded = None
    extra = given.promises
    if given.hour_cost is not None and extra is not None and None not in extra and opex is not None:
        people = hours * given.hour_cost
        funded = people + opex
        promised = people + sum(cost for cost in extra if cost is not None)
    return Finding(
        hours,
        missing=tuple(absent(given, "revenue")),
        details={
            "fte": fte,
            "opex": opex,
            "opex_pct": share,
            "funded": funded,
            "promised": promised,
            "pays": None if promised is None or funded is None else promised <= funded,
        },
    )
