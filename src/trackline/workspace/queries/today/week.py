"""Dated things and meetings of the coming days, on the line of the week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.choose.models import Assignment, Play, Step
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kickoff.models import Action, Meeting
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.kit.records.own import open_fields
from trackline.kit.records.types import registry
from trackline.track.models import Issue
from trackline.workspace.queries.account.kickoff import Preparation, preparations, with_people
from trackline.workspace.queries.today.scope import Scope

ALIVE = Q(deleted_at__isnull=True)
AT_MOST = 200
"""So many things of a kind are read; who is further behind than that needs the table."""
SHOWN_LATE = 12
MEETING_DAYS = 7


@dataclass(frozen=True)
class Thing:
    """Something dated with a name on it.

    `done` is the value of `status` that one click sets, if one click is enough; `may_tick` says who reads it may do that.
    """

    kind: str
    pk: int
    title: str
    due_on: date
    about: str
    account_key: str
    done: str
    whose: str
    late_days: int
    may_tick: bool

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"{self.kind}/{self.pk}"

    @property
    def icon(self) -> str:
        """Icon of its kind."""
        return registry.get(self.kind).icon


@dataclass
class Day:
    """A day with what falls on it; today also carries what is late."""

    on: date
    is_today: bool
    things: list[Thing] = field(default_factory=list)
    meetings: list[Preparation] = field(default_factory=list)


@dataclass(frozen=True)
class Week:
    """The days that hold something, and how much that is. `more_late` counts late things beyond those shown."""

    days: Sequence[Day]
    things: int
    late: int
    more_late: int
    meetings: int
    unprepared: int


def week_of(ctx: Context, scope: Scope) -> Week:
    """Return the coming days, in six queries."""
    things = sorted(_things(ctx, scope), key=lambda thing: (thing.due_on, thing.kind, thing.pk))
    ahead = _meetings(ctx, scope)
    days: dict[date, Day] = {scope.today: Day(scope.today, True)}
    late = [thing for thing in things if thing.late_days > 0]
    for thing in [*late[:SHOWN_LATE], *(thing for thing in things if thing.late_days <= 0)]:
        on = max(thing.due_on, scope.today)
        days.setdefault(on, Day(on, False)).things.append(thing)
    for meeting in ahead:
        on = timezone.localtime(meeting.meeting.at).date()
        days.setdefault(on, Day(on, on == scope.today)).meetings.append(meeting)
    return Week(
        [days[on] for on in sorted(days)],
        len(things),
        len(late),
        max(len(late) - SHOWN_LATE, 0),
        len(ahead),
        sum(bool(one.missing) for one in ahead),
    )


def _things(ctx: Context, scope: Scope) -> Iterable[Thing]:
    due = Q(due_on__lte=scope.until)
    steps = Step.objects.filter(
        ALIVE, due, status="open", play__deleted_at__isnull=True, play__status__in=OPEN_PLAYS,
        play__account__deleted_at__isnull=True,
    ).filter(scope.things("owner", "play__account"))  # fmt: skip
    for step in steps.select_related("play__account", "owner").order_by("due_on", "pk")[:AT_MOST]:
        yield _thing(ctx, scope, "step", step, step.play.account, step.play.title, "done", step.owner)
    open_plays = Play.objects.filter(ALIVE, due, status__in=OPEN_PLAYS, account__deleted_at__isnull=True)
    plays = open_plays.filter(scope.things("owner", "account"))
    for play in plays.select_related("account", "owner").order_by("due_on", "pk")[:AT_MOST]:
        done = "done" if play.status == "in_progress" else ""
        yield _thing(ctx, scope, "play", play, play.account, "play", done, play.owner)
    actions = Action.objects.filter(ALIVE, due, status="open", account__deleted_at__isnull=True)
    actions = actions.filter(scope.things("owner", "account"))
    for action in actions.select_related("account", "owner", "client_owner").order_by("due_on", "pk")[:AT_MOST]:
        yield _thing(ctx, scope, "action", action, action.account, "", "done", action.owner or action.client_owner)
    issues = Issue.objects.filter(ALIVE, due, status__in=("open", "in_progress"), account__deleted_at__isnull=True)
    issues = issues.filter(scope.things("assignee", "account"))
    for issue in issues.select_related("account", "assignee").order_by("due_on", "pk")[:AT_MOST]:
        yield _thing(ctx, scope, "issue", issue, issue.account, f"{issue.severity} issue", "", issue.assignee)
    learning = Assignment.objects.filter(ALIVE, due, status__in=("assigned", "in_progress"), learner__in=scope.people)
    for one in learning.select_related("learner").order_by("due_on", "pk")[:AT_MOST]:
        yield _thing(ctx, scope, "assignment", one, None, "learning", "completed", one.learner)


def _thing(
    ctx: Context, scope: Scope, kind: str, record: Any, account: Any, note: str, done: str, person: Any
) -> Thing:
    names = [account.name] if account is not None else []
    other = person is not None and getattr(person, "pk", None) != scope.me and scope.team
    return Thing(
        kind, record.pk, record.title, record.due_on, " · ".join([*names, *([note] if note else [])]),
        account.key if account is not None else "", done, person.name if other else "",
        (scope.today - record.due_on).days, _may_tick(ctx, kind, record),
    )  # fmt: skip


def _may_tick(ctx: Context, kind: str, record: Any) -> bool:
    rtype = registry.get(kind)
    theirs = open_fields(ctx, rtype, getattr(record, f"{rtype.own.holder}_id")) if rtype.own else ()
    return ctx.actor.may(rtype.write_permission) or "status" in theirs


def _meetings(ctx: Context, scope: Scope) -> list[Preparation]:
    start = max(day_start(scope.today), ctx.now - timedelta(hours=1))
    end: datetime = day_start(scope.today + timedelta(days=MEETING_DAYS))
    rows = Meeting.objects.filter(
        ALIVE, status="scheduled", at__gte=start, at__lt=end, account__deleted_at__isnull=True
    )
    rows = rows.filter(Q(pk__in=_attended(scope)) | scope.of_accounts())
    return preparations(with_people(rows.select_related("account")).order_by("at", "pk")[:AT_MOST])


def _attended(scope: Scope) -> Any:
    return Meeting.attendees.through.objects.filter(user__in=scope.people).values("meeting")
