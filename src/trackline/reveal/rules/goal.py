"""Progress of a goal, and the status that follows from it and the calendar."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, refuse, rule
from trackline.core.playbook.fields import Day, Number, Percent, refused
from trackline.core.playbook.parameters import SAVING
from trackline.core.scales import AMBER, GREEN, RED, UNKNOWN
from trackline.reveal.rules.progress import clamp, elapsed_pct, raw_progress, status

BANDS: dict[str | None, str | None] = {
    "achieved": GREEN,
    "on_track": GREEN,
    "at_risk": AMBER,
    "off_track": RED,
    "missed": RED,
    "not_started": None,
    None: UNKNOWN,
}


class Goal(Inputs):
    """A goal with where it stands."""

    baseline: Number | None = Field(description="Value at the start")
    target: Number | None = Field(description="Value to reach; above or below the baseline")
    current: Number | None = Field(description="Latest value")
    start_on: Day | None = Field(None, description="First day")
    due_on: Day | None = Field(None, description="Day by which the target must be met")


class GoalParameters(Parameters):
    """How far progress may lag behind the calendar."""

    at_risk_gap: Percent
    off_track_gap: Percent

    @field_validator("off_track_gap")
    @classmethod
    def _in_order(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if info.context == SAVING and value > info.data.get("at_risk_gap", value):
            raise refused("At most the gap down to which a goal is on track is expected.")
        return value


@rule(
    "reveal.goal.progress",
    title="Progress of a goal",
    spec=("REV-03", "REV-04"),
    summary="How far the current value has come from baseline to target, and whether that is in time.",
)
def goal_progress(given: Goal, p: GoalParameters, as_of: date) -> Finding:
    """Progress is the way from baseline to target already covered, 0 to 100 %, upward or downward. The gap is progress less
    the share of time elapsed. Achieved when the target is met, missed when it is past due, not started before the start,
    then on track, at risk or off track by the gap.

    Source: REV-03, REV-04.
    """
    _check(given)
    missing = tuple(absent(given, "baseline", "target", "current", "start_on", "due_on"))
    if given.baseline is None or given.target is None or given.current is None:
        return insufficient(*missing, details={"status": None, "elapsed_pct": None, "gap": None})
    raw = raw_progress(given.baseline, given.target, given.current)
    assert raw is not None
    progress = clamp(raw)
    found = status(raw, given.start_on, given.due_on, as_of, at_risk_gap=p.at_risk_gap, off_track_gap=p.off_track_gap)
    elapsed: Decimal | None = None
    if given.start_on is not None and given.due_on is not None:
        elapsed = elapsed_pct(given.start_on, given.due_on, as_of)
    details: dict[str, Any] = {
        "status": found,
        "elapsed_pct": elapsed,
        "gap": None if elapsed is None else progress - elapsed,
    }
    return Finding(progress, BANDS[found], missing=missing, details=details)


def _check(given: Goal) -> None:
    if given.baseline is not None and given.baseline == given.target:
        raise refuse("target", "A value other than the baseline is expected.")
    if given.start_on is not None and given.due_on is not None and given.due_on <= given.start_on:
        raise refuse("due_on", "A day after start_on is expected.")
