"""Figures that stand out among those of a criterion."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, insufficient, rule
from trackline.core.playbook.fields import Number, Quantity, Text
from trackline.core.tiers import percentile

QUARTER, HALF = Decimal(25), Decimal(50)


class Figure(Inputs):
    """An account's figure."""

    key: Text = Field(description="Key of the account")
    value: Number | None = Field(description="Its figure; null where not known")


class Figures(Inputs):
    """The figures of one criterion."""

    accounts: list[Figure] | None = Field(description="Accounts with their figures")
    method: Literal["iqr", "z"] | None = Field(None, description="How outliers are told; by quartiles if not given")


class OutlierParameters(Parameters):
    """From where on a figure stands out."""

    fence: Quantity
    deviations: Quantity


@rule(
    "book.score.outliers",
    title="Figures that stand out",
    spec=("PF-04",),
    summary="How many figures of a criterion lie outside its fences; what stands in for those that are not known.",
)
def outliers(given: Figures, p: OutlierParameters) -> Finding:
    """Flag figures outside the fences: beyond the quartiles by more than 1.5 times their distance, or by `z` more than three
    deviations (of all accounts) from the mean. A figure is flagged, never changed. The median stands in where nothing is
    known. Quartiles are linear and inclusive.

    Source: PF-04.
    """
    asked = given.accounts or []
    known = [(one.key, one.value) for one in asked if one.value is not None]
    details = {"low": None, "high": None, "median": None, "flagged": [], "imputed": [one.key for one in asked if one.value is None]}  # fmt: skip
    if not known:
        return insufficient("accounts", details=details)
    rising = sorted(value for _, value in known)
    if given.method == "z":
        mean = sum(rising, ZERO) / len(rising)
        sd = (sum(((value - mean) ** 2 for value in rising), ZERO) / len(rising)).sqrt()
        low, high = mean - p.deviations * sd, mean + p.deviations * sd
    else:
        first, third = (percentile(rising, at) for at in (QUARTER, QUARTER * 3))
        low, high = first - p.fence * (third - first), third + p.fence * (third - first)
    flagged = [
        {"key": key, "value": value, "side": "high" if value > high else "low"}
        for key, value in known
        if not q6(low) <= q6(value) <= q6(high)
    ]
    return Finding(
        len(flagged),
        missing=("accounts",) if len(known) < len(asked) else (),
        details=details | {"low": low, "high": high, "median": percentile(rising, HALF), "flagged": flagged},
    )
