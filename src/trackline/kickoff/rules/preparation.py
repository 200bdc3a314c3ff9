"""What has to stand before a meeting, by when, and what follows it. Pure; the list stands beside it.

Source: QBR-04, QBR-05, portfolio:QBR-03, portfolio:QBR-05, portfolio:QBR-11, portfolio:QBR-13, portfolio:QBR-15, CAD-01,
CAD-07.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml
from trackline.core.workdays import Workdays

Kind = Literal["review", "forum", "customer", "own"]
Check = Literal["sponsors", "agenda", "decisions", "pre_read", "scribe"]

DECISIONS_AT_MOST = 3
"""Source: portfolio:QBR-02."""
PROMPT_WORKDAYS = 2
"""So many business days before a review, one without its sponsors or its buyer should move. Source: QBR-04."""


class Before(BaseModel):
    """A time before the meeting: calendar days, business days or hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: NonNegativeInt = 0
    workdays: NonNegativeInt = 0
    hours: NonNegativeInt = 0

    @model_validator(mode="after")
    def _one(self) -> Before:
        if sum(bool(part) for part in (self.days, self.workdays, self.hours)) != 1:
            raise ValueError("one of days, workdays, hours is expected")
        return self

    def due(self, at: datetime, calendar: Workdays) -> datetime:
        """Return the moment that lies so long before `at`: hours to the minute, days until their end."""
        if self.hours:
            return at - timedelta(hours=self.hours)
        day = at.date() - timedelta(days=self.days) if self.days else calendar.shift(at.date(), -self.workdays)
        return datetime.combine(day, time(23, 59), at.tzinfo)


class After(BaseModel):
    """Hours after the end of the meeting."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: NonNegativeInt


class Task(BaseModel):
    """One thing to do for a meeting, with its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    says: str
    origin: Origin
    source: str
    why: str = ""

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"{self.key}: what is {self.origin} needs a why")
        check_source(self.source)
        return self


class Preparing(Task):
    """One thing to prepare; what is part of the `gate` has to stand before a review, what is `executive` before an
    executive review takes place at all."""

    before: Before
    gate: bool
    executive: bool = False
    check: Check | None = None


class Following(Task):
    """One thing that follows a review."""

    after: After


@dataclass(frozen=True)
class Known:
    """What records say of a meeting's preparation."""

    agenda: bool
    pre_read: bool
    decisions: int
    scribe: bool
    missing_seats: Sequence[str]
    """Seats that nobody who confirmed takes: our sponsor, their sponsor, the buyer."""


@dataclass(frozen=True)
class Prepared:
    """One thing to prepare with how it stands."""

    item: Preparing
    due: datetime
    done: bool
    late: bool
    finds: str


@dataclass(frozen=True)
class Followed:
    """One thing that follows a review, with how it stands."""

    item: Following
    due: datetime
    done: bool
    late: bool


class Lists(BaseModel):
    """The data file: what is prepared for each kind of meeting, and what follows a review."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    review: tuple[Preparing, ...]
    forum: tuple[Preparing, ...]
    customer: tuple[Preparing, ...]
    own: tuple[Preparing, ...]
    followed: tuple[Following, ...]

    @property
    def keys(self) -> set[str]:
        """Everything that can be ticked."""
        return {
            item.key for group in (self.review, self.forum, self.customer, self.own, self.followed) for item in group
        }


@cache
def lists() -> Lists:
    """Return the lists, checked."""
    return Lists.model_validate(read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")))


def followed(kind: Kind, end: datetime, now: datetime, ticks: Sequence[str]) -> list[Followed]:
    """Return what follows a meeting that ends at `end`. Source: portfolio:QBR-11, QBR-06."""
    found = []
    for item in lists().followed if kind == "review" else ():
        due, done = end + timedelta(hours=item.after.hours), item.key in ticks
        found.append(Followed(item, due, done, not done and due < now))
    return found


def kind_of(cadence_type: str, review: str, theirs: int) -> Kind:
    """Return what a meeting is to its preparation: a review, a forum, another meeting with the customer, or ours alone."""
    if review or cadence_type == "qbr":
        return "review"
    if cadence_type in ("client_checkin", "exec_sponsor"):
        return "forum"
    return "customer" if theirs else "own"


def asked(kind: Kind, check: Check) -> Preparing | None:
    """Return what a kind of meeting asks for that records show by `check`, None where it does not ask for it."""
    found: tuple[Preparing, ...] = getattr(lists(), kind)
    return next((item for item in found if item.check == check), None)


def prepared(
    kind: Kind, at: datetime, now: datetime, ticks: Sequence[str], known: Known, calendar: Workdays
) -> list[Prepared]:
    """Return the list of a meeting, by when each is due. What records show counts; a tick by hand counts as well. Late is
    what is due and open while the meeting lies ahead.

    Source: QBR-05, portfolio:QBR-03, portfolio:QBR-13.
    """
    found = []
    for item in getattr(lists(), kind):
        shown, finds = _check(item.check, known)
        done = shown or item.key in ticks
        due = item.before.due(at, calendar)
        found.append(Prepared(item, due, done, not done and due < now < at, finds))
    return sorted(found, key=lambda one: one.due)


def readiness_pct(found: Sequence[Prepared], *, gate: bool = False) -> Decimal | None:
    """Return the share of what stands in percent, of all or of the gate's items; None where nothing is asked for.

    Source: portfolio:QBR-04 (5 of 7 are 71 %), portfolio:QBR-13 (5 of 6 are 83 %).
    """
    counted = [one for one in found if one.item.gate or not gate]
    if not counted:
        return None
    return Decimal(sum(one.done for one in counted)) * 100 / len(counted)


def should_move(at: datetime, now: datetime, known: Known, calendar: Workdays) -> bool:
    """Return whether a review should be moved: from two business days before it, sponsors or the buyer are missing.

    Source: QBR-04.
    """
    return bool(known.missing_seats) and now.date() >= calendar.shift(at.date(), -PROMPT_WORKDAYS) and now < at


def holding_back(review: str, found: Sequence[Prepared]) -> list[Prepared]:
    """Return what holds an executive review back: its questions that are open although they were due. It should be put off
    until each stands. Source: portfolio:QBR-15.
    """
    return [one for one in found if one.item.executive and one.late] if review == "ebr" else []


def summary_due(kind: Kind, cadence_type: str, end: datetime) -> datetime:
    """Return by when the summary is out: a review's the same day, an executive meeting's within an hour, a forum's within
    two, others' within a day.

    Source: CAD-05, CAD-07, portfolio:QBR-11.
    """
    if kind == "review":
        return datetime.combine(end.date(), time(23, 59), end.tzinfo)
    hours = {"exec_sponsor": 1, "internal_sync": 2, "client_checkin": 2}.get(cadence_type, 24)
    return end + timedelta(hours=hours)


def _check(check: Check | None, known: Known) -> tuple[bool, str]:
    match check:
        case "sponsors":
            missing = known.missing_seats
            return not missing, f"not confirmed: {', '.join(missing)}" if missing else "all confirmed"
        case "agenda":
            return known.agenda, "" if known.agenda else "no agenda yet"
        case "decisions":
            within = 1 <= known.decisions <= DECISIONS_AT_MOST
            if within:
                return True, f"{known.decisions} sought"
            return False, "none named yet" if not known.decisions else f"{known.decisions}, at most {DECISIONS_AT_MOST}"
        case "pre_read":
            return known.pre_read, "" if known.pre_read else "not sent"
        case "scribe":
            return known.scribe, "" if known.scribe else "nobody is scribe"
    return False, ""
