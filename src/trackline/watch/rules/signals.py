"""Signals over series: what fires when numbers leave their band, fall twice, or drop."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, known, rule
from trackline.core.playbook.fields import Count, NetScore, Number, Numeric, Percent, Quantity
from trackline.core.series import beyond, change_pct, limits, trend_ends

Run = Annotated[int, Numeric(ge=2, whole=True)]

MONTHS = 3
"""Months that two falls in a row take."""


class Chart(Inputs):
    """A series and how to watch it."""

    series: list[Number | None] | None = Field(description="Values, oldest first; null where one is not known")
    baseline: Count | None = Field(
        None, description="Leading points that set the limits; all but the last if not given"
    )
    k: Quantity | None = Field(None, description="Deviations between mean and limit")
    run: Run | None = Field(None, description="Points in a row that make a trend")


class ChartParameters(Parameters):
    """Width of the limits, length of a trend, and the shortest baseline."""

    k: Quantity
    run: Run
    min_baseline: Count


@rule(
    "watch.signal.control_chart",
    title="Control chart",
    spec=("SIG-45",),
    summary="Points outside three deviations of a baseline, and trends of eight points.",
)
def control_chart(given: Chart, p: ChartParameters) -> Finding:
    """Take mean and sample deviation of the baseline. A point fires when it lies strictly outside three deviations, or when it
    completes a trend: eight points in a row, each above, or each below, the one before. The value counts the points that
    fire. A gap breaks a trend.

    Source: SIG-45.
    """
    series = given.series
    if series is None:
        return insufficient("series", details=_charted([]))
    missing = ("series",) if None in series else ()
    count = max(len(series) - 1, 0) if given.baseline is None else given.baseline
    trends = trend_ends(series, p.run if given.run is None else given.run)
    points = len(known(series[:count]))
    band = limits(series[:count], p.k if given.k is None else given.k)
    if band is None or points < p.min_baseline or count > len(series):
        note = f"The baseline needs {max(p.min_baseline, count)} points; there are {points}."
        return insufficient(*missing, notes=(note,), details=_charted(trends))
    outside = beyond(series, band)
    details = _charted(trends) | {
        "mean": band.mean,
        "sd": band.sd,
        "lower": band.lower,
        "upper": band.upper,
        "beyond": outside,
    }
    return Finding(len({*outside, *trends}), missing=missing, details=details)


def _charted(trends: list[int]) -> dict[str, Any]:
    return {"mean": None, "sd": None, "lower": None, "upper": None, "beyond": [], "trends": trends}


class Usage(Inputs):
    """Usage by month."""

    series: list[Quantity | None] | None = Field(description="Monthly usage, oldest first")


class DeclineParameters(Parameters):
    """The change from which a month counts as a fall."""

    fall_pct: Percent


@rule(
    "watch.signal.usage_decline",
    title="Usage down two months running",
    spec=("SIG-02",),
    summary="Fires when each of the last two months fell by 2 % or more.",
)
def usage_decline(given: Usage, p: DeclineParameters) -> Finding:
    """Compare the last three months. The signal fires (1) when both changes are falls of 2 % or more, else 0. From nothing
    usage cannot fall.

    Source: SIG-02.
    """
    series = given.series
    last = None if series is None else series[-MONTHS:]
    missing = ("series",) if series is None or None in series else ()
    points: list[Decimal] = known(last or ())
    if len(points) < MONTHS:
        notes = ("Three months are needed.",) if series is not None else ()
        return insufficient(*missing, notes=notes, details={"falls_pct": []})
    falls = [change_pct(points[0], points[1]), change_pct(points[1], points[2])]
    fires = all(fall is not None and q6(fall) <= q6(p.fall_pct) for fall in falls)
    notes = ("A month without usage has no change in percent after it.",) if None in falls else ()
    return Finding(int(fires), missing=missing, notes=notes, details={"falls_pct": falls})


class Scores(Inputs):
    """Two surveys in a row."""

    previous: NetScore | None = Field(description="NPS of the survey before")
    current: NetScore | None = Field(description="NPS of the latest survey")


class DropParameters(Parameters):
    """The fall from which the signal fires."""

    drop_from: Quantity


@rule(
    "watch.signal.nps_drop",
    title="NPS drop",
    spec=("SIG-29",),
    summary="Fires when NPS falls by 10 or more between two surveys.",
)
def nps_drop(given: Scores, p: DropParameters) -> Finding:
    """The signal fires (1) when NPS fell by 10 points or more since the survey before, else 0.

    Source: SIG-29.
    """
    if given.previous is None or given.current is None:
        return insufficient(*absent(given, "previous", "current"), details={"drop": None})
    drop = given.previous - given.current
    return Finding(int(q6(drop) >= q6(p.drop_from)), details={"drop": drop})
