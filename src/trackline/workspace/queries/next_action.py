"""What an account needs first, and why: one list of candidates in a fixed order, for the account page and for Today.

The order, which `ORDER` words for the reader:

1. an alert of critical or high severity waits: nobody has acknowledged it, or its cause is unknown past its time;
2. something is late: an issue of high severity first, then steps and actions, then plays and other issues; within
   each the longest first;
3. the renewal lies within 180 days (or has passed) and nothing prepares it: no cycle, no renewal route, no play;
4. a goal is off track, or at risk, without a check-in within its rhythm (REV-07);
5. a condition of a complete section fails, in TRACK order.

What somebody put off waits until its day, and is counted nowhere until then.
The first candidate of the first kind that has one is the next best action; of a section the first among those that belong
there. On Today alerts stand in a list of their own, so they are left out there. Nothing here writes or keeps anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from trackline.accounts.completeness import Check, Completeness, sections
from trackline.accounts.models import Account, PutOff
from trackline.align.models import OPEN_CYCLES, RenewalCycle, Route
from trackline.align.rules.gate import OPEN as OPEN_ROUTES
from trackline.choose.models import Play, Step
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kickoff.models import Action
from trackline.kit import formats
from trackline.reveal.models import Goal
from trackline.reveal.queries import past_rhythm, with_rhythm
from trackline.reveal.rules.progress import elapsed_pct
from trackline.track.models import Issue
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions
from trackline.workspace.queries import acts
from trackline.workspace.queries.acts import Act
from trackline.workspace.queries.alerts.rows import GRAVITY, OPEN, clock_of, late

ALIVE = Q(deleted_at__isnull=True)
RENEWAL_WINDOW_DAYS = 180
AT_MOST = 400
"""So many late things are looked at; beyond that their order hardly matters."""


class Rank(IntEnum):
    """The kinds of candidates in their order."""

    ALERT = 1
    LATE = 2
    RENEWAL = 3
    GOAL = 4
    GAP = 5


ORDER: Mapping[Rank, str] = {
    Rank.ALERT: "Critical and high alerts that nobody has acknowledged, or whose cause is unknown past its time",
    Rank.LATE: "What is late: severe issues, then steps and actions, then plays and other issues; the longest first",
    Rank.RENEWAL: f"A renewal within {RENEWAL_WINDOW_DAYS} d that nothing prepares",
    Rank.GOAL: "Goals off track or at risk without a recent check-in",
    Rank.GAP: "What a section still misses, from left to right",
}


@dataclass(frozen=True)
class NextAction:
    """One candidate: what to do, why, and the button that does it. `sort` orders within a rank, smallest first."""

    account_id: int
    rank: Rank
    sort: tuple[int, ...]
    title: str
    because: str
    icon: str
    do: Act
    second: Act | None = None
    due_on: date | None = None
    section: str = ""
    """The TRACK section that it belongs to."""
    what: str = ""
    """Names the action while its reason stands, like `step:12`: by that it is put off."""

    @property
    def fills_a_gap(self) -> bool:
        """Whether it completes a section, rather than answering to something that happened."""
        return self.rank is Rank.GAP


@dataclass
class Candidates:
    """All candidates of one account, by rank."""

    by_rank: dict[Rank, list[NextAction]] = field(default_factory=dict)
    put_off: dict[str, PutOff] = field(default_factory=dict)
    later: list[tuple[NextAction, PutOff]] = field(default_factory=list)

    def add(self, found: NextAction) -> None:
        """Take a candidate in; one that was put off waits among the `later` ones."""
        waits = self.put_off.get(found.what)
        if waits:
            self.later.append((found, waits))
        else:
            self.by_rank.setdefault(found.rank, []).append(found)

    @property
    def first(self) -> NextAction | None:
        """The next best action, or None where nothing is to be done."""
        for rank in Rank:
            if self.by_rank.get(rank):
                return min(self.by_rank[rank], key=lambda item: item.sort)
        return None

    def first_of(self, section: str) -> NextAction | None:
        """The next best action of a section, or None where nothing is to be done there."""
        for rank in Rank:
            here = [one for one in self.by_rank.get(rank, ()) if one.section == section]
            if here:
                return min(here, key=lambda item: item.sort)
        return None

    @property
    def explained(self) -> list[tuple[str, int, bool]]:
        """Each rank in words with the number of its candidates, and whether the first one comes from it."""
        first = self.first
        return [
            (words, len(self.by_rank.get(rank, ())), first is not None and first.rank == rank)
            for rank, words in ORDER.items()
        ]


def candidates(
    accounts: QuerySet[Any], today: date, now: datetime | None = None, *, section: str = ""
) -> dict[int, Candidates]:
    """Return the candidates of all ranks but the last for each of the accounts that has one, in nine queries.

    Alerts are looked at only where `now` is given, in one query more. With `section` only what belongs there is read.
    """
    found: dict[int, Candidates] = {}
    running = PutOff.objects.filter(account__in=accounts.values("pk"), ended_at__isnull=True, until__gt=today)
    for waits in running.select_related("by").order_by("until"):
        found.setdefault(waits.account_id, Candidates()).put_off[waits.what] = waits
    for item in _alerts(accounts, today, now) if now else ():
        found.setdefault(item.account_id, Candidates()).add(item)
    for place, read in _READ.items():
        for item in read(accounts, today) if section in ("", place) else ():
            found.setdefault(item.account_id, Candidates()).add(item)
    return found


def add_gaps(found: Candidates, account: Account, complete: Completeness) -> Candidates:
    """Add what the sections of an account miss."""
    for number, section in enumerate(sections()):
        for place, check in enumerate(complete.missing(section.key)):
            act = acts.for_check(account, section.key, check, short=True)
            because = f"{section.title} is {formats.percent(complete.pct(section.key), 0)} complete. {section.question}"
            what = f"gap:{section.key}.{check.key}"
            found.add(
                NextAction(
                    account.pk,
                    Rank.GAP,
                    (number, place),
                    check.missing,
                    because,
                    _icon(check),
                    act,
                    section=section.key,
                    what=what,
                )
            )
    return found


def _icon(check: Check) -> str:
    return acts.icon_of(check.record) if check.record else "arrow-right"


# -- 1: alerts -----------------------------------------------------------------------------------------------------


def _alerts(accounts: QuerySet[Any], today: date, now: datetime) -> Iterable[NextAction]:
    """What SIG-42 asks for: acknowledge at once, know the cause within a day."""
    meant = definitions(today)
    grave = Alert.objects.filter(OPEN, account__in=accounts.values("pk"), severity__in=("critical", "high"))
    waiting = grave.filter(Q(state="open") | late(now)).select_related("owner").order_by("ack_due_at", "pk")
    for place, alert in enumerate(waiting[:AT_MOST]):
        signal, clock = meant.get(alert.rule), clock_of(alert, now)
        new = alert.state == "open"
        said = f"{alert.get_severity_display()} alert{_whose(alert.owner)}"
        first = f" {signal.action}" if signal else ""
        take: Act = {"label": "Acknowledge", "post": f"/r/alert/{alert.pk}/acknowledge"}
        see = acts.open_record("alert", alert.pk, "Open the alert")
        yield NextAction(
            alert.account_id,
            Rank.ALERT,
            (GRAVITY[alert.severity], place),
            f"Acknowledge “{alert.title}”" if new else f"Name the cause of “{alert.title}”",
            f"{said}{f': {clock.words}' if clock else ''}.{first}",
            "bell",
            take if new else see,
            see if new else None,
            section=signal.place.partition("/")[0] if signal else "track",
            what=f"alert:{alert.pk}",
        )


# -- 2: late -------------------------------------------------------------------------------------------------------


def _late_lines(accounts: QuerySet[Any], today: date) -> Iterable[NextAction]:
    """Steps and plays past their day."""
    pks, past = accounts.values("pk"), Q(due_on__lt=today)
    # A step that was due before it was made is due, not late (RNW-07).
    steps = Step.objects.filter(ALIVE, past, status="open", play__account__in=pks, play__deleted_at__isnull=True)
    steps = steps.filter(play__status__in=OPEN_PLAYS, due_on__gte=F("created_at__date"))
    for step in steps.select_related("play", "owner").order_by("due_on")[:AT_MOST]:
        because = f"A step of {step.play.title}, due {formats.day(step.due_on)}{_whose(step.owner)}."
        yield _late_one(step.play.account_id, "step", step, because, today)
    plays = Play.objects.filter(ALIVE, past, account__in=pks, status__in=OPEN_PLAYS).select_related("owner")
    for play in plays.order_by("due_on")[:AT_MOST]:
        because = f"A play that was to end on {formats.day(play.due_on)}{_whose(play.owner)}."
        yield _late_one(play.account_id, "play", play, because, today)


def _late_actions(accounts: QuerySet[Any], today: date) -> Iterable[NextAction]:
    actions = Action.objects.filter(ALIVE, account__in=accounts.values("pk"), due_on__lt=today, status="open")
    for action in actions.select_related("owner", "client_owner").order_by("due_on")[:AT_MOST]:
        because = f"An action due {formats.day(action.due_on)}{_whose(action.owner or action.client_owner)}."
        yield _late_one(action.account_id, "action", action, because, today)


def _late_issues(accounts: QuerySet[Any], today: date) -> Iterable[NextAction]:
    issues = Issue.objects.filter(
        ALIVE, account__in=accounts.values("pk"), due_on__lt=today, status__in=("open", "in_progress")
    )
    for issue in issues.select_related("assignee").order_by("due_on")[:AT_MOST]:
        severity = issue.get_severity_display().lower()
        because = (
            f"An issue of {severity} severity, to be solved by {formats.day(issue.due_on)}{_whose(issue.assignee)}."
        )
        yield _late_one(issue.account_id, "issue", issue, because, today)


def _late_one(account_id: int, kind: str, record: Any, because: str, today: date) -> NextAction:
    days = (today - record.due_on).days
    verb = {"step": "Finish", "play": "Finish", "action": "Do", "issue": "Solve"}[kind]
    return NextAction(
        account_id,
        Rank.LATE,
        (_weight(kind, record), -days, record.pk),
        f"{verb} “{record.title}”, {formats.due(record.due_on, today)}",
        because,
        acts.icon_of(kind),
        acts.open_record(kind, record.pk, f"Open the {kind}"),
        due_on=record.due_on,
        section={"step": "choose", "play": "choose", "action": "kickoff", "issue": "track"}[kind],
        what=f"{kind}:{record.pk}",
    )


def _weight(kind: str, record: Any) -> int:
    if kind == "issue":
        return 0 if record.severity in ("critical", "high") else 2
    return 1 if kind in ("step", "action") else 2


def _whose(person: Any) -> str:
    return f", with {person.name}" if person is not None else ", without an owner"


# -- 3: renewals ---------------------------------------------------------------------------------------------------


def unprepared(accounts: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Return the accounts whose renewal lies within the window or has passed, while nothing prepares it."""
    cycle = RenewalCycle.objects.filter(ALIVE, account=OuterRef("pk"), state__in=OPEN_CYCLES)
    route = Route.objects.filter(ALIVE, account=OuterRef("pk"), type="renewal", state__in=OPEN_ROUTES)
    play = Play.objects.filter(ALIVE, account=OuterRef("pk"), anchor_on=OuterRef("renewal_date"), status__in=OPEN_PLAYS)
    soon = accounts.filter(renewal_date__lte=today + timedelta(days=RENEWAL_WINDOW_DAYS))
    return soon.exclude(status__in=("churned", "archived", "prospect")).filter(
        ~Exists(cycle), ~Exists(route), ~Exists(play)
    )


def _renewals(accounts: QuerySet[Any], today: date) -> Iterable[NextAction]:
    for account in unprepared(accounts, today).order_by("renewal_date")[:AT_MOST]:
        on, days = account.renewal_date, (account.renewal_date - today).days
        money = formats.money(account.arr, account.currency) if account.arr is not None else "The contract"
        when = f"renews in {days} d" if days > 0 else "renews today" if days == 0 else f"was to renew {-days} d ago"
        yield NextAction(
            account.pk,
            Rank.RENEWAL,
            (days, account.pk),
            f"Prepare the renewal of {formats.day(on)}",
            f"{money} {when}, and no renewal cycle, renewal route or play prepares it.",
            "refresh-cw",
            acts.create(
                "renewal_cycle",
                "Start the renewal",
                account=account.pk,
                renewal_date=on.isoformat(),
                arr_up=account.arr,
            ),
            due_on=on,
            section="align",
            what=f"renewal:{on.isoformat()}",
        )


# -- 4: goals ------------------------------------------------------------------------------------------------------


def _goals(accounts: QuerySet[Any], today: date) -> Iterable[NextAction]:
    goals = Goal.objects.filter(ALIVE, account__in=accounts.values("pk"), status__in=("off_track", "at_risk"))
    silent = with_rhythm(goals).filter(past_rhythm(today, lambda day: Q(last__isnull=True) | Q(last__lt=day)))
    for goal in silent.select_related("owner").order_by("due_on")[:AT_MOST]:
        done = "no reading" if goal.progress_pct is None else f"{formats.percent(goal.progress_pct, 0)} of the way"
        time = ""
        if goal.start_on and goal.due_on:
            time = f", {formats.percent(elapsed_pct(goal.start_on, goal.due_on, today), 0)} of the time"
        last = f"Last check-in {formats.since(goal.last, today)}." if goal.last else "No check-in yet."
        yield NextAction(
            goal.account_id,
            Rank.GOAL,
            (0 if goal.status == "off_track" else 1, goal.pk),
            f"Check in on “{goal.title}”",
            f"{goal.get_status_display()}: {done}{time}. {last}",
            "circle-check",
            acts.create("check_in", "Check in", goal=goal.pk),
            acts.open_record("goal", goal.pk, "Open the goal"),
            section="reveal",
            what=f"goal:{goal.pk}",
        )


_READ: Mapping[str, Callable[[QuerySet[Any], date], Iterable[NextAction]]] = {
    "track": _late_issues, "reveal": _goals, "align": _renewals, "choose": _late_lines, "kickoff": _late_actions,
}  # fmt: skip
"""What is read for each section."""
