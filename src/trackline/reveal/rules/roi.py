"""Return on what the customer pays: value verified in the last year against the annual revenue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from trackline.core.decimals import ZERO
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Day, Money, Numeric

Days = Annotated[int, Numeric(ge=1, whole=True)]


class Proof(Inputs):
    """An outcome with its worth and the day the customer verified it."""

    money: Money | None = Field(description="Worth in the customer's money")
    verified_on: Day | None = Field(description="Day of the verification; null while it is only claimed")


class Proofs(Inputs):
    """Value outcomes of an account beside what it pays."""

    outcomes: list[Proof] | None = Field(description="Outcomes; one without a worth is left out")
    arr: Money | None = Field(description="Annual recurring revenue, in the same currency")


class RoiParameters(Parameters):
    """How long a verified outcome counts, and after how long without one to warn."""

    window_days: Days
    quiet_days: Days


@rule(
    "reveal.value.roi",
    title="Return on what the customer pays",
    spec=("VAL-13",),
    summary="Value verified in the last 365 days as a multiple of the annual recurring revenue.",
)
def value_roi(given: Proofs, p: RoiParameters, as_of: date) -> Finding:
    """Add up the worth of outcomes verified in the last 365 days and divide by the annual recurring revenue. What is only
    claimed, and what was verified earlier, stands apart.

    Source: VAL-13.
    """
    missing = absent(given, "outcomes", "arr")
    if given.outcomes is None:
        return insufficient(*missing, details=_told(None, None, None))
    sums = {"recent": ZERO, "earlier": ZERO, "claimed": ZERO}
    newest: date | None = None
    for one in given.outcomes:
        if one.money is None:
            missing = [*missing, *(["outcomes"] if "outcomes" not in missing else [])]
            continue
        seen = one.verified_on is not None and one.verified_on <= as_of
        if seen and one.verified_on is not None:
            newest = max(newest or one.verified_on, one.verified_on)
            sums["recent" if (as_of - one.verified_on).days <= p.window_days else "earlier"] += one.money
        else:
            sums["claimed"] += one.money
    quiet = newest is None or (as_of - newest).days > p.quiet_days
    notes = (f"No outcome was verified in the last {p.quiet_days} days.",) if quiet else ()
    details = _told(sums["recent"], sums["earlier"], sums["claimed"])
    if not given.arr:
        return insufficient(*(missing if given.arr is None else (*missing, "arr")), notes=notes, details=details)
    return Finding(sums["recent"] / given.arr, missing=tuple(missing), notes=notes, details=details)


def _told(recent: Decimal | None, earlier: Decimal | None, claimed: Decimal | None) -> dict[str, Any]:
    return {"verified": recent, "verified_earlier": earlier, "claimed": claimed}
