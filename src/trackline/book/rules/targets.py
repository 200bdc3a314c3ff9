"""Targets of scorecards: the baseline they start from, how likely they are, and whether the way to them is kept."""

from __future__ import annotations

from decimal import Decimal
from statistics import NormalDist, median, quantiles, stdev
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ONE, ZERO, mean, q6
from trackline.core.playbook import PROVISIONAL, Finding, Inputs, Parameters, absent, insufficient, refuse, rule
from trackline.core.playbook.fields import Count, Flag, Number, Quantity, Share

FEWEST = 2
"""Values from which a spread can be told."""


class History(Inputs):
    """A metric by quarter."""

    quarters: list[Number | None] | None = Field(description="Its value in each quarter, oldest first; null where none")


class BaselineParameters(Parameters):
    """How many quarters make a baseline, and what its spread allows."""

    quarters: Count
    steady_cv_pct: Quantity
    unsteady_cv_pct: Quantity


@rule(
    "book.target.baseline",
    title="Baseline of a target",
    spec=("TGT-02", "TGT-03"),
    summary="Median and spread of six quarters without a gap; fewer are provisional.",
)
def baseline(given: History, p: BaselineParameters) -> Finding:
    """Take the newest quarters without a gap. Their median is the baseline; the coefficient of variation says whether a
    bold target is feasible or a slow start is allowed.

    Source: TGT-02, TGT-03.
    """
    if given.quarters is None:
        return insufficient("quarters")
    values = _unbroken(given.quarters)[-p.quarters :]
    if len(values) < FEWEST:
        return insufficient("quarters", notes=(f"{len(values)} of {p.quarters} quarters are known.",))
    middle = mean(values) or ZERO
    low, _, high = quantiles(values, n=4, method="inclusive")
    spread = _sd(values)
    cv = abs(spread / middle) * HUNDRED if middle else None
    steady = None if cv is None else q6(cv) <= q6(p.steady_cv_pct)
    unsteady = None if cv is None else q6(cv) > q6(p.unsteady_cv_pct)
    return Finding(
        median(values),
        coverage_pct=HUNDRED * len(values) / p.quarters,
        notes=(PROVISIONAL,) if len(values) < p.quarters else (),
        details={
            "quarters": len(values),
            "mean": middle,
            "iqr": high - low,
            "sd": spread,
            "cv_pct": cv,
            "bold_feasible": steady,
            "ramp_allowed": unsteady,
        },
    )


def _unbroken(quarters: list[Decimal | None]) -> list[Decimal]:
    """The values after the last gap; nothing yet at the end of the series is no gap."""
    found: list[Decimal] = []
    for value in quarters:
        if value is None:
            found = []
        else:
            found.append(value)
    return found


def _sd(values: list[Decimal]) -> Decimal:
    return stdev(values)


class Outlook(Inputs):
    """What is expected of a metric, and its target."""

    mean: Number | None = Field(description="What is expected")
    sd: Quantity | None = Field(description="Its spread, as a standard deviation")
    target: Number | None = Field(description="The target")
    more_is_better: Flag = Field(description="Whether a higher value is better")


class ChanceParameters(Parameters):
    """The chance a good target has."""

    from_pct: Share
    to_pct: Share


@rule(
    "book.target.chance",
    title="Chance of a target",
    spec=("TGT-05",),
    summary="How likely a target is by what the metric did before; 60 to 75 % asks for enough and not for too much.",
)
def chance(given: Outlook, p: ChanceParameters) -> Finding:
    """Take the metric as normally distributed around what is expected. Below the range the target is hard, above it easy;
    `between` are the targets that lie within it.

    Source: TGT-05.
    """
    if given.mean is None or given.sd is None or given.target is None:
        return insufficient(*absent(given, "mean", "sd", "target"))
    sign = 1 if given.more_is_better else -1
    gap = (given.mean - given.target) * sign
    value = _share(gap, given.sd)
    verdict = "hard" if q6(value) < q6(p.from_pct) else "easy" if q6(value) > q6(p.to_pct) else "realistic"
    ends = [given.mean - sign * _z(share) * given.sd for share in (p.to_pct, p.from_pct)]
    return Finding(value, details={"verdict": verdict, "between": sorted(ends)})


def _share(gap: Decimal, sd: Decimal) -> Decimal:
    """The share of a normal distribution that lies on the good side, in percent."""
    if not sd:
        return HUNDRED if gap >= 0 else ZERO
    steps = max(min(gap / sd, Decimal(40)), Decimal(-40))  # beyond it nothing is left to tell apart
    return Decimal(repr(NormalDist().cdf(float(steps)) * 100))


def _z(share: Decimal) -> Decimal:
    """How many standard deviations above the mean leave so many percent below; the ends of the scale as far as can be told."""
    inside = max(min(share / HUNDRED, ONE - Decimal("1e-9")), Decimal("1e-9"))
    return Decimal(repr(NormalDist().inv_cdf(float(inside))))


class Way(Inputs):
    """How far a metric should be on the way from its baseline to its target, and how far it is."""

    baseline: Number | None = Field(description="Where it began")
    target: Number | None = Field(description="Where it is to end")
    actual: Number | None = Field(description="Where it stands")
    elapsed_pct: Share | None = Field(description="How much of the time has passed")
    mode: Literal["gap", "level"] = Field(
        description="gap: measured against the way from baseline to target, for ratios; level: against what is expected, for volumes"
    )


class WayParameters(Parameters):
    """How far a metric may stray."""

    limit_pct: Quantity


@rule(
    "book.target.drift",
    title="Drift from the way to a target",
    spec=("TGT-09",),
    summary="How far a metric is from where it should be by now; beyond 10 % its owner is told.",
)
def drift(given: Way, p: WayParameters) -> Finding:
    """Expect the metric on the straight line from baseline to target. Below zero it is behind, whichever way is good. Beyond
    the limit, behind or ahead, it has left its way.

    Source: TGT-09.
    """
    lacks = absent(given, "baseline", "target", "actual", "elapsed_pct")
    if given.baseline is None or given.target is None or given.actual is None or given.elapsed_pct is None:
        return insufficient(*lacks)
    if given.baseline == given.target:
        raise refuse("target", "A target other than the baseline is expected.")
    whole = given.target - given.baseline
    expected = given.baseline + whole * given.elapsed_pct / HUNDRED
    if given.mode == "gap":
        found = (given.actual - expected) / whole
    elif expected:
        found = (given.actual - expected) / abs(expected) * (1 if whole > 0 else -1)
    else:
        return insufficient(notes=("Nothing is expected yet.",), details={"expected": expected, "alert": None})
    value = found * HUNDRED
    return Finding(value, details={"expected": expected, "alert": abs(q6(value)) > q6(p.limit_pct)})
