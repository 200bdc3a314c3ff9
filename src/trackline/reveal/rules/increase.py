"""A price increase beside the value that was documented."""

from __future__ import annotations

from pydantic import Field

from trackline.core.decimals import HUNDRED
from trackline.core.playbook import Finding, Inputs, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Positive

UNDOCUMENTED = "No value is documented: have an outcome verified before an increase is announced."


class Increase(Inputs):
    """What the customer pays, by how much that rises, and the value documented; all in one currency."""

    arr: Money | None = Field(description="Annual recurring revenue up for renewal")
    uplift_pct: Positive | None = Field(description="By how many % it rises")
    value: Money | None = Field(description="Value documented in the last year")


@rule(
    "reveal.value.increase",
    title="Price increase beside its value",
    spec=("VAL-16",),
    summary="How many times the documented value is the money by which a price rises.",
)
def value_increase(given: Increase) -> Finding:
    """Take the increase in money, what it is in percent of the documented value, and how many times that value covers it.
    Where no value is documented, nothing is set beside it: the increase is not announced.

    Source: VAL-16.
    """
    missing = absent(given, "arr", "uplift_pct", "value")
    uplift = None
    if given.arr is not None and given.uplift_pct is not None:
        uplift = given.arr * given.uplift_pct / HUNDRED
    details = {"uplift": uplift, "of_value_pct": None}
    if not given.value:
        gaps = missing if given.value is None else [*missing, "value"]
        return insufficient(*gaps, notes=(UNDOCUMENTED,), details=details)
    if not uplift:
        return insufficient(*(missing or ["arr"]), details=details)
    details["of_value_pct"] = uplift * HUNDRED / given.value
    return Finding(given.value / uplift, details=details)
