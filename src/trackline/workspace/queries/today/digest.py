"""The week in a letter: what Today says, for somebody who has not opened it yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from trackline.accounts.access import actor_of
from trackline.accounts.rates import Rates, rates_in_force
from trackline.book.quality.stewards import alarms
from trackline.kit import formats
from trackline.kit.policy import READ, Context
from trackline.workspace.queries.next_action import RENEWAL_WINDOW_DAYS
from trackline.workspace.queries.today import needs, watch, week
from trackline.workspace.queries.today.scope import Scope, reports_of, scope_of

SHOWN = 5
RHYTHM_DAYS = 7
"""What entered the renewal window since the letter before is told."""


@dataclass(frozen=True)
class Line:
    """One line of the letter, and where it leads; `action` is what to do."""

    head: str
    text: str
    path: str
    action: str = ""


@dataclass(frozen=True)
class Part:
    """Lines under a heading; `count` is how many there are in all, `more` the page that lists them."""

    title: str
    lines: Sequence[Line]
    count: int
    more: str = "/"

    @property
    def rest(self) -> int:
        """How many are not told."""
        return max(self.count - len(self.lines), 0)


@dataclass(frozen=True)
class Digest:
    """A letter. Without parts nothing matters, and nothing is sent."""

    name: str
    email: str
    as_of: datetime
    parts: Sequence[Part] = field(default_factory=tuple)

    @property
    def matters(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.parts)

    @property
    def subject(self) -> str:
        """The first two things that it tells, counted."""
        told = ", ".join(f"{part.title.lower()} {part.count}" for part in self.parts[:2])
        return f"Your week: {told}" if told else "Your week: nothing needs you"


def digest_of(user: Any, now: datetime) -> Digest:
    """Return the letter for a user as of a moment, from what they may see. A fixed number of queries.

    Somebody who owns accounts reads of these; who has people below them also of the team, but for what was told before.
    """
    ctx = Context(actor_of(user), now)
    if not ctx.actor.may(READ):
        return Digest(user.name, user.email, now)
    rates = rates_in_force(ctx.today)
    reports = reports_of(user.pk)
    mine = scope_of(ctx, team=False)
    parts = _parts(ctx, mine, rates)
    if reports:
        parts += _team(scope_of(ctx, team=True, reports=reports), rates, user.pk)
    return Digest(user.name, user.email, now, tuple(part for part in parts if part.count))


def _parts(ctx: Context, scope: Scope, rates: Rates) -> list[Part]:
    days = week.week_of(ctx, scope)
    things = [thing for day in days.days for thing in day.things]
    return [
        _needs("Accounts that need you", scope, rates, "/?of=me"),
        _alerts(ctx, scope),
        _breaches(ctx, scope),
        Part(
            "Due this week" if scope.is_this_week else "Due by the end of next week",
            [
                Line(
                    thing.title,
                    f"{thing.about}, {formats.due(thing.due_on, scope.today)}",
                    f"/r/{thing.kind}/{thing.pk}",
                )
                for thing in things[:SHOWN]
            ],
            days.things,
        ),
        _meetings(days),
        _entering(scope, rates),
        _silent(scope),
        _stale(scope),
        _quality(scope),
        _stale_texts(ctx, scope),
    ]


def _team(scope: Scope, rates: Rates, me: int) -> list[Part]:
    """What the accounts of others need; one's own are told already."""
    others = Scope(True, scope.me, scope.people, scope.accounts.exclude(owner_id=me), scope.today)
    return [_needs("Accounts that need your team", others, rates, "/?of=team", owners=True)]


def _needs(title: str, scope: Scope, rates: Rates, more: str, *, owners: bool = False) -> Part:
    found = needs.needs_of(scope, rates)
    lines = []
    for need in found.rows:
        one, action = need.account, need.action
        facts = [formats.money(one.arr, one.currency) if one.arr is not None else "no ARR"]
        if owners:
            facts.append(one.owner.name if one.owner else "without an owner")
        head = f"{one.name} ({', '.join(facts)})"
        lines.append(Line(head, action.because, f"/accounts/{one.key}", f"{action.title}."))
    return Part(title, lines, found.count, more)


def _alerts(ctx: Context, scope: Scope) -> Part:
    found = watch.alerts(ctx, scope)
    lines = []
    for row in found.rows:
        clock = f", {row.clock.words}" if row.clock else ""
        text = f"{row.alert.get_severity_display()} since {formats.day(row.alert.fired_at, scope.today)}{clock}."
        lines.append(Line(f"{row.alert.account.name}: {row.subject}", text, f"/r/alert/{row.alert.pk}", row.action))
    return Part("Alerts", lines, found.total, "/alerts?owner=me")


def _breaches(ctx: Context, scope: Scope) -> Part:
    found = watch.breaches(ctx, scope)
    lines = [
        Line(
            f"{one.of}: {one.breach.title}",
            f"{one.words.capitalize()}.",
            f"/book/scorecards/{one.breach.line.scorecard_id}",
        )
        for one in found[:SHOWN]
    ]
    return Part("Scorecards: answers asked of you", lines, len(found), "/book/scorecards")


def _meetings(days: week.Week) -> Part:
    bare = [one for day in days.days for one in day.meetings if one.missing]
    lines = [
        Line(
            f"{one.meeting.title or 'Meeting'} with {one.meeting.account.name}",
            f"{formats.day(one.meeting.at)}: {one.words}.",
            f"/meetings/{one.meeting.pk}",
        )
        for one in bare[:SHOWN]
    ]
    return Part("Meetings that lack preparation", lines, len(bare))


def _entering(scope: Scope, rates: Rates) -> Part:
    """Renewals that came into the window since the letter before, and those within it that nothing prepares."""
    found = watch.renewals(scope, rates)
    entered = RENEWAL_WINDOW_DAYS - RHYTHM_DAYS
    rows = [row for row in found.rows if row.days > entered or not row.prepared]
    lines = []
    for row in rows[:SHOWN]:
        money = formats.money(row.account.arr, row.account.currency) if row.account.arr is not None else "no ARR"
        new = "entered the window of " if row.days > entered else "within "
        state = f"prepared by {' and '.join(row.exists)}" if row.prepared else "nothing prepares it yet"
        text = f"{money} renews {formats.day(row.account.renewal_date)}, {new}{RENEWAL_WINDOW_DAYS} d: {state}."
        lines.append(Line(row.account.name, text, f"/accounts/{row.account.key}/align"))
    return Part("Renewals", lines, len(rows))


def _silent(scope: Scope) -> Part:
    found = watch.silent_contacts(scope)
    lines = [
        Line(
            f"{row.contact.name}, {row.contact.account.name}",
            f"No two-way contact for {row.days} d, the limit is {row.limit}.",
            f"/r/contact/{row.contact.pk}",
        )
        for row in found.rows[:SHOWN]
    ]
    return Part("Contacts gone silent", lines, found.count)


def _stale(scope: Scope) -> Part:
    found = watch.stale_views(scope)
    lines = [
        Line(
            row.account.name,
            f"Last health view {formats.since(row.last, scope.today)}." if row.last else "No health view yet.",
            f"/accounts/{row.account.key}/track",
        )
        for row in found.rows[:SHOWN]
    ]
    return Part(f"Health views older than {found.max_age} d", lines, found.count)


def _quality(scope: Scope) -> Part:
    found = alarms(scope.people, scope.today)
    lines = [
        Line(
            f"{one.label}: {one.dimension.lower()}",
            f"{formats.percent(one.share, 1)} of the checks pass, too few for {one.days} days.",
            f"/book/quality?domain={one.domain}&dimension={one.dimension.lower()}",
        )
        for one in found[:SHOWN]
    ]
    return Part("Data too poor in what you answer for", lines, len(found))


def _stale_texts(ctx: Context, scope: Scope) -> Part:
    found = watch.stale_texts(ctx, scope)
    lines = [
        Line(
            f"{row.section}, {row.section.account.name}",
            f"Last written {row.days} d ago, {f'kept by {row.section.owner.name}' if row.section.owner else 'without an owner'}.",
            f"/accounts/{row.section.account.key}/plan#plan-{row.section.section}",
        )
        for row in found.rows[:SHOWN]
    ]
    return Part(f"Texts of plans older than {found.max_age} d", lines, found.count)


def due_since(now: datetime) -> datetime:
    """Return the moment after which a letter counts as this week's: one sent later is not sent again."""
    return now - timedelta(days=RHYTHM_DAYS - 1)
