"""Whether revenue fell so sharply that a tier may be decided outside the formal cycle."""

from __future__ import annotations

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Share


class Fall(Inputs):
    """Revenue of an account now and a quarter ago."""

    before: Money | None = Field(description="Revenue a quarter ago")
    now: Money | None = Field(description="Revenue now")


class DropParameters(Parameters):
    """How far revenue falls where it falls sharply."""

    drop_pct: Share


@rule(
    "book.tier.revenue_drop",
    title="Sharp drop of revenue",
    spec=("PF-19",),
    summary="By how much revenue fell within a quarter, and whether that calls for an emergency review of the tier.",
)
def revenue_drop(given: Fall, p: DropParameters) -> Finding:
    """Tell by how many per cent revenue fell since a quarter ago; what grew fell by 0. From the limit on the fall is sharp: a
    material event, on which a tier may be decided before the formal cycle. Without a revenue to fall from nothing is told.

    Source: PF-19.
    """
    if given.before is None or given.now is None or given.before == ZERO:
        notes = ("There was no revenue a quarter ago.",) if given.before == ZERO else ()
        return insufficient(*absent(given, "before", "now"), notes=notes, details={"sharp": None, "limit": p.drop_pct})
    fell = max(ZERO, (given.before - given.now) * HUNDRED / given.before)
    return Finding(fell, details={"sharp": q6(fell) >= q6(p.drop_pct), "limit": p.drop_pct})
