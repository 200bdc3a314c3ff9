"""How long somebody who was asked in a survey is left in peace."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from trackline.core.periods import month_later
from trackline.core.playbook import Finding, Inputs, Parameters, refuse, rule
from trackline.core.playbook.fields import Day, Numeric

Months = Annotated[int, Numeric(ge=0, le=120, whole=True)]


class LastAsked(Inputs):
    """Somebody who can be asked, and when that happened last."""

    audience: Literal["executive", "functional", "end_user"] = Field(description="Level of the person")
    last_on: Day | None = Field(None, description="Last asked, or answered if that is later; null: never")
    preset: Literal["staggered", "panel"] | None = Field(
        None, description="Who is asked how often; staggered where not given"
    )


class RhythmParameters(Parameters):
    """Months between two surveys of the same person, by level."""

    months: dict[str, Months]


@rule(
    "track.survey.next_ask",
    title="Next survey of a person",
    spec=("SUR-03",),
    summary="Days until somebody may be asked again; zero or less means now.",
)
def next_ask(given: LastAsked, p: RhythmParameters, as_of: date) -> Finding:
    """Count the months of the person's level on from the day they were last asked, the day of the month kept. Whoever was
    never asked may be asked now.

    Source: SUR-03.
    """
    if given.last_on is None:
        return Finding(0, details={"next_on": None, "due": True})
    if given.last_on > as_of:
        raise refuse("last_on", "A day that has come is expected.")
    try:
        following = month_later(given.last_on, p.months[given.audience])
    except ValueError:
        raise refuse("last_on", "A day whose next survey lies within the calendar is expected.") from None
    days = (following - as_of).days
    return Finding(days, details={"next_on": following, "due": days <= 0})
