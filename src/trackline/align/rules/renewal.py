"""The timeline of a renewal: steps counted back from its date."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, refuse, rule
from trackline.core.playbook.fields import Count, Day, Flag, Money, Read, Tier, Whole, refused

Timeline = Literal["am_120", "am_90", "sam_180", "kam_180"]

_KEY = re.compile(r"T[+-]\d{1,4}")


def _step_key(value: Any) -> str:
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    raise refused("The key of a step, such as T-90, is expected.")


StepKey = Annotated[str, Read(_step_key, (("type", "string"), ("pattern", rf"^{_KEY.pattern}$")))]


class Renewal(Inputs):
    """A renewal, what chooses its timeline, and what is done."""

    renewal_date: Day | None = Field(description="Day on which the contract renews")
    preset: Timeline | None = Field(None, description="Timeline; chosen by tier, size and ARR where not given")
    tier: Tier | None = Field(None, description="Tier of the account")
    arr: Money | None = Field(None, description="ARR in the book's currency")
    enterprise: Flag | None = Field(None, description="The account counts as enterprise")
    created_on: Day | None = Field(None, description="Day on which the timeline was begun")
    done: list[StepKey] | None = Field(None, description="Keys of the steps that are done")


class RenewalParameters(Parameters):
    """Steps of each timeline, the ARR from which the longer one is taken, and when a step counts as due."""

    offsets: dict[str, list[Whole]]
    arr_above: Money
    due_within_days: Count


@rule(
    "align.renewal.timeline",
    title="Renewal timeline",
    spec=("RNW-01", "RNW-02", "RNW-03", "RNW-04", "RNW-07"),
    summary="Dated steps before and after a renewal, with what is pending, due, late and done.",
)
def timeline(given: Renewal, p: RenewalParameters, as_of: date) -> Finding:
    """Count the steps of the timeline back from the renewal. A step is due from seven days before its day until that day,
    then late. Steps that lay in the past when the timeline was begun are due at once and never late. Tier 1 and enterprise
    accounts take the longest timeline, those above 100,000 of ARR the one of 120 days, the rest that of 90.

    Source: RNW-01, RNW-02, RNW-03, RNW-04, RNW-07.
    """
    preset = given.preset or chosen(given, p)
    missing = _missing(given, preset)
    if given.renewal_date is None:
        return insufficient("renewal_date", *missing, details={"preset": preset, "steps": []})
    done = set(given.done or ())
    steps = [_step(given, offset, done, as_of, p) for offset in sorted(set(p.offsets[preset]), reverse=True)]
    strange = sorted(done - {step["key"] for step in steps})
    notes = (f"Not steps of {preset}: {', '.join(strange)}.",) if strange else ()
    late = sum(step["state"] == "late" for step in steps)
    return Finding(late, missing=missing, notes=notes, details={"preset": preset, "steps": steps})


def chosen(given: Renewal, p: RenewalParameters) -> str:
    """Return the timeline of an account by its tier, size and ARR. Source: RNW-02."""
    if given.tier == 1 or given.enterprise:
        return "kam_180"
    return "am_120" if given.arr is not None and q6(given.arr) > q6(p.arr_above) else "am_90"


def _missing(given: Renewal, preset: str) -> tuple[str, ...]:
    """What could have led to another timeline."""
    if given.preset is not None or preset == "kam_180":
        return ()
    return tuple(absent(given, "tier", "arr", "enterprise"))


def _step(given: Renewal, offset: int, done: set[str], as_of: date, p: RenewalParameters) -> dict[str, Any]:
    assert given.renewal_date is not None
    try:
        due_on = given.renewal_date - timedelta(days=offset)
    except OverflowError:
        raise refuse("renewal_date", "A date whose steps lie within the calendar is expected.") from None
    key = f"T{'+' if offset < 0 else '-'}{abs(offset)}"
    late_start = given.created_on is not None and due_on < given.created_on
    if key in done:
        state = "done"
    elif late_start:
        state = "due"
    elif due_on < as_of:
        state = "late"
    else:
        state = "due" if (due_on - as_of).days <= p.due_within_days else "pending"
    return {"key": key, "offset_days": offset, "due_on": due_on, "state": state, "late_start": late_start}
