"""Quality of the data of a domain: five dimensions, each the share of its checks that pass."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, insufficient, refuse, rule
from trackline.core.playbook.fields import Count, Number, Quantity, Share
from trackline.core.playbook.parameters import Table

DIMENSIONS = {
    "completeness": "Completeness",
    "accuracy": "Accuracy",
    "consistency": "Consistency",
    "uniqueness": "Uniqueness",
    "timeliness": "Timeliness",
}


class Checked(Inputs):
    """A dimension: how many checks there were, and how many passed."""

    key: Literal["completeness", "accuracy", "consistency", "uniqueness", "timeliness"] = Field(description="Dimension")
    passed: Count = Field(description="Checks that passed")
    checked: Count = Field(description="Checks that could be made")
    days_below: Count | None = Field(
        None, description="Days in a row, today included, that it has been too low; none where that was not kept"
    )


class Domain(Inputs):
    """The dimensions of a domain."""

    dimensions: list[Checked] | None = Field(description="Its dimensions")


class QualityParameters(Parameters):
    """What a dimension has to reach, and what checks go by."""

    min_pct: Share
    days: Count
    mandatory: Table
    tolerance_pct: Quantity
    margin_low: Number
    margin_high: Number
    review_days: Count


@rule(
    "book.quality.score",
    title="Quality of data",
    spec=("DQ-05", "DQ-06", "KPI-087"),
    summary="Mean of completeness, accuracy, consistency, uniqueness and timeliness; each dimension is judged by itself.",
)
def quality(given: Domain, p: QualityParameters) -> Finding:
    """Each dimension is the share of its checks that pass, in percent, and the value the mean of those that could be checked;
    the others stand under `unchecked`. A mean hides failures, so each dimension is held against the least share by itself: one
    that stays below it for two days in a row makes the domain amber. Which fields have to be filled, and how far amounts may
    lie apart, stands here too.

    Source: DQ-05, DQ-06, KPI-087.
    """
    if given.dimensions is None:
        return insufficient("dimensions", details={"below": [], "amber": [], "unchecked": list(DIMENSIONS)})
    keys = [one.key for one in given.dimensions]
    if len(set(keys)) != len(keys):
        raise refuse("dimensions", "Each dimension is expected once.")
    shares: dict[str, Decimal] = {}
    days: dict[str, int | None] = {}
    for one in given.dimensions:
        if one.passed > one.checked:
            raise refuse("dimensions", f"{DIMENSIONS[one.key]}: at most {one.checked} passed checks are expected.")
        if one.checked:
            shares[one.key] = HUNDRED * one.passed / one.checked
            days[one.key] = one.days_below
    unchecked = [key for key in DIMENSIONS if key not in shares]
    # A dimension that was given is told by its key; of the others it is the list itself that lacks them.
    missing = tuple(dict.fromkeys(key if key in keys else "dimensions" for key in unchecked))
    if not shares:
        return insufficient(*missing, details={"below": [], "amber": [], "unchecked": unchecked})
    below = [key for key, share in shares.items() if q6(share) < q6(p.min_pct)]
    amber = [key for key in below if (days[key] or 0) >= p.days]
    parts = tuple(
        Part(
            key,
            DIMENSIONS[key],
            share,
            weight=HUNDRED / len(shares),
            points=share,
            contribution=share / len(shares),
            band="amber" if key in amber else "green" if key not in below else "unknown" if days[key] is None else None,
        )
        for key, share in shares.items()
    )
    return Finding(
        sum(shares.values(), ZERO) / len(shares),
        "amber" if amber else "unknown" if any(days[key] is None for key in below) else "green",
        coverage_pct=HUNDRED * len(shares) / len(DIMENSIONS),
        parts=parts,
        missing=missing,
        details={"below": below, "amber": amber, "unchecked": unchecked},
    )
