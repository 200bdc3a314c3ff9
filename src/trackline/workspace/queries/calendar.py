"""A month of meetings: of an account, or of a person."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.workdays import workdays
from trackline.kickoff.models import Meeting
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

WEEK = [calendar.day_abbr[day] for day in range(7)]
SHOWN_A_DAY = 4


@dataclass(frozen=True)
class Day:
    """A day of the sheet. `off`: a holiday or a weekend."""

    on: date
    inside: bool
    today: bool
    off: bool
    meetings: Sequence[Meeting]

    @property
    def first(self) -> Sequence[Meeting]:
        """As many meetings as fit."""
        return self.meetings[:SHOWN_A_DAY]

    @property
    def rest(self) -> Sequence[Meeting]:
        """Those that do not fit."""
        return self.meetings[SHOWN_A_DAY:]


@dataclass(frozen=True)
class Month:
    """A sheet of whole weeks around a month."""

    first: date
    weeks: Sequence[Sequence[Day]]
    count: int

    @property
    def before(self) -> str:
        """The month before, as the address says it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after, as the address says it."""
        return f"{self.first + timedelta(days=31):%Y-%m}"


def month_of(text: str, today: date) -> date:
    """Return the first day of the month that an address names (`2026-12`), today's for none."""
    if not text:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2100:
        raise NotFound(f"There is no month {text[:20]}.")
    return found


def month(ctx: Context, first: date, today: date, only: Q) -> Month:
    """Return the meetings in scope of the weeks around a month, in one query beside the settings."""
    sheet = calendar.Calendar().monthdatescalendar(first.year, first.month)
    start, end = sheet[0][0], sheet[-1][-1] + timedelta(days=1)
    rows = scoped(ctx, registry.get("meeting")).filter(only, at__gte=day_start(start), at__lt=day_start(end))
    by_day: dict[date, list[Any]] = defaultdict(list)
    for meeting in rows.select_related("account").order_by("at", "pk"):
        by_day[timezone.localtime(meeting.at).date()].append(meeting)
    work = workdays()
    weeks = [
        [Day(day, day.month == first.month, day == today, day not in work, by_day.get(day, ())) for day in week]
        for week in sheet
    ]
    count = sum(len(day.meetings) for week in weeks for day in week if day.inside)
    return Month(first, weeks, count)
