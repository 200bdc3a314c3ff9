"""What the page of a customer says at a glance, and how its goals are drawn, out of what may leave and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from trackline.documents.allowed.reading import Row
from trackline.documents.sharing.page import Measured, SharedPage
from trackline.kickoff.models import Action, Meeting
from trackline.kit import formats
from trackline.reveal.models import Goal
from trackline.workspace.queries.account.goals import BANDS
from trackline.workspace.queries.account.trajectory import Trajectory

GOOD = (Goal.Status.ON_TRACK, Goal.Status.ACHIEVED)


@dataclass(frozen=True)
class Glance:
    """One figure at the top of the page, with what it is of."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class DrawnGoal:
    """A goal with its state in words and shape, and its way."""

    fields: dict[str, Any]
    label: str
    band: str
    chart: Trajectory


def glance_of(page: SharedPage) -> list[Glance]:
    """Return what the page says first, of the parts that it shows and that hold something."""
    return [*_goals(page), *_value(page), *_actions(page), *_meeting(page)]


def goals_of(page: SharedPage) -> list[DrawnGoal]:
    """Return the goals of the page, drawn."""
    return [
        DrawnGoal(
            one.fields, Goal.Status(one.fields["status"]).label, BANDS[one.fields["status"]], trajectory_of(one, page)
        )
        for one in page.goals or ()
    ]


@dataclass(frozen=True)
class Meetings:
    """Meetings that lie ahead, the next one first, and those before, the last one first."""

    ahead: Sequence[Row]
    past: Sequence[Row]


def meetings_of(page: SharedPage) -> Meetings:
    """Return the meetings of the page, parted by its day."""
    ahead = [row for row in page.meetings or () if _is_ahead(row, page)]
    return Meetings(ahead, [row for row in reversed(page.meetings or ()) if row not in ahead])


def _is_ahead(row: Row, page: SharedPage) -> bool:
    return row.fields["status"] == Meeting.Status.SCHEDULED and timezone.localdate(row.fields["at"]) >= page.as_of


def _goals(page: SharedPage) -> Iterator[Glance]:
    if page.goals:
        good = sum(one.fields["status"] in GOOD for one in page.goals)
        yield Glance("Goals on track", f"{good} of {len(page.goals)}", "or achieved")


def _value(page: SharedPage) -> Iterator[Glance]:
    if page.worth:
        note = f"in {formats.counted(len(page.value or ()), 'outcome')}"
        yield Glance("Value you confirmed", formats.money(page.worth, page.account["currency"]), note)


def _actions(page: SharedPage) -> Iterator[Glance]:
    if page.actions:
        open_ = [one.fields for one in page.actions if not one.done]
        theirs = [one for one in open_ if one["side"] == Action.Side.CUSTOMER]
        late = sum(one["due_on"] is not None and one["due_on"] < page.as_of for one in theirs)
        note = f"{late} overdue" if late else f"of {len(open_)} open together"
        yield Glance("Waiting for you", formats.counted(len(theirs), "action"), note)


def _meeting(page: SharedPage) -> Iterator[Glance]:
    if ahead := meetings_of(page).ahead:
        first = ahead[0].fields
        yield Glance("We meet next", formats.day(timezone.localdate(first["at"])), first["title"] or "Meeting")


def trajectory_of(goal: Measured, page: SharedPage) -> Trajectory:
    """Return a goal's way out of what may leave of it."""
    one, days = goal.fields, [on for on, _ in goal.readings]
    start, due = one["start_on"], one["due_on"]
    return Trajectory(
        start=min([start or (days[0] if days else page.as_of), *days]),
        end=max([page.as_of, *days, *([due] if due else [])]),
        today=page.as_of,
        baseline=one["baseline"],
        target=one["target"],
        unit=one["unit"],
        currency=page.account["currency"],
        points=goal.readings,
        line=(start, due) if start and due else None,
    )
