"""The overview of an account: three facts a section, and what stands below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from trackline.accounts.completeness import Check, sections
from trackline.accounts.models import Contact, Kpi
from trackline.align.models import Route
from trackline.align.rules.gate import OPEN as OPEN_ROUTES
from trackline.choose.models import Play, Step
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kickoff.models import Action, Meeting
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.reveal.models import Goal, ValueOutcome
from trackline.reveal.rules.progress import CLOSED, elapsed_pct
from trackline.track.models import Issue
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.kickoff import Preparation, meetings_ahead
from trackline.workspace.queries.acts import Act
from trackline.workspace.queries.days import day_start

ALIVE = Q(deleted_at__isnull=True)
SHOWN = 6
"""So many rows of a list stand on the overview; the section has the rest."""
MEETINGS_DAYS = 90


@dataclass(frozen=True)
class Fact:
    """One line under a station; `band` draws the health shape of something that wants attention."""

    text: str
    band: str = ""
    strong: str = ""
    url: str = ""


@dataclass(frozen=True)
class SectionFacts:
    """What stands under a station: three facts, and the one next step with the reason for it."""

    key: str
    letter: str
    title: str
    percent: float
    url: str
    facts: Sequence[Fact]
    next: Act | None
    because: str


@dataclass(frozen=True)
class GoalRow:
    """An active goal with where it is and where it should be today, both in % of the way."""

    goal: Goal
    band: str
    expected_pct: Decimal | None
    last_check_in: date | None

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"goal/{self.goal.pk}"


@dataclass(frozen=True)
class Overview:
    """Everything on the overview that is not in the head or the timeline."""

    sections: Sequence[SectionFacts]
    goals: Sequence[GoalRow]
    kpis: Sequence[Kpi]
    kpi_total: int
    contacts: Sequence[Contact]
    contact_total: int
    routes: Sequence[Route]
    route_total: int
    meetings: Sequence[Preparation]
    gross: str = ""
    weighted: str = ""
    empty: bool = field(default=False)


GOAL_BANDS = {
    "on_track": "green",
    "achieved": "green",
    "at_risk": "amber",
    "off_track": "red",
    "missed": "red",
    "not_started": "unknown",
    "cancelled": "unknown",
}


def goal_rows(account_id: int, today: date, *, active: bool = True) -> list[GoalRow]:
    """Return the goals of an account with their expected progress and newest check-in, in one query."""
    goals = Goal.objects.filter(ALIVE, account_id=account_id).select_related("owner", "client_owner")
    if active:
        goals = goals.exclude(status__in=CLOSED)
    newest = Max("check_ins__on", filter=Q(check_ins__deleted_at__isnull=True))
    rows = []
    for goal in goals.annotate(last=newest).order_by("due_on", "pk"):
        dated = goal.start_on and goal.due_on
        expected = elapsed_pct(goal.start_on, goal.due_on, today) if dated else None
        band = GOAL_BANDS[goal.status] if goal.progress_pct is not None else "unknown"
        rows.append(GoalRow(goal, band, expected, goal.last))
    return rows


def on_target(kpi: Kpi) -> bool | None:
    """Tell whether a KPI has reached its target, or None where current or target is missing."""
    if kpi.current is None or kpi.target is None:
        return None
    return bool(kpi.current >= kpi.target if kpi.direction != "decrease" else kpi.current <= kpi.target)


def overview_of(ctx: Context, head: Head) -> Overview:
    """Return the overview; the number of queries does not depend on how much the account holds."""
    pk, today = head.account.pk, head.today
    goals = goal_rows(pk, today)
    kpis = list(Kpi.objects.filter(ALIVE, account_id=pk).select_related("metric").order_by("name"))
    people = Contact.objects.filter(ALIVE, account_id=pk, status="active")
    contacts = list(people.order_by("-influence", "name")[:SHOWN])
    routes = list(
        Route.objects.filter(ALIVE, account_id=pk, state__in=OPEN_ROUTES)
        .select_related("owner")
        .order_by("expected_close_on", "pk")
    )
    start = day_start(today)
    meetings = meetings_ahead(head, start)[:SHOWN]
    made = {
        "track": _track(pk, people, kpis, head),
        "reveal": _reveal(pk, goals, head),
        "align": _align(routes, head),
        "choose": _choose(pk, head),
        "kickoff": _kickoff(pk, meetings, head, start),
    }
    listed = []
    for section in sections():
        missing = head.completeness.missing(section.key)
        act, because = _next(head, section.key, missing)
        listed.append(
            SectionFacts(
                section.key, section.letter, section.title, head.completeness.pct(section.key),
                f"{head.url}/{section.key}", made[section.key], act, because,
            )
        )  # fmt: skip
    gross, weighted = route_sums(routes, head)
    return Overview(
        listed, goals, kpis[:SHOWN], len(kpis), contacts, people.count() if len(contacts) == SHOWN else len(contacts),
        routes[:SHOWN], len(routes), meetings, gross, weighted,
        empty=not (goals or kpis or contacts or routes or meetings),
    )  # fmt: skip


def route_sums(routes: Sequence[Route], head: Head) -> tuple[str, str]:
    """Return gross and weighted value of routes in words."""
    gross = head.rates.total((route.value, route.currency) for route in routes)
    weighted = head.rates.total(
        (route.value * (route.probability or 0) / 100 if route.value is not None else None, route.currency)
        for route in routes
    )
    return formats.money(gross.amount, gross.currency), formats.money(weighted.amount, weighted.currency)


def _next(head: Head, key: str, missing: Sequence[Check]) -> tuple[Act | None, str]:
    if not missing:
        return None, "Complete"
    return acts.for_check(head.account, key, missing[0]), missing[0].label


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _track(pk: int, people: QuerySet[Any], kpis: Sequence[Kpi], head: Head) -> list[Fact]:
    issues = Issue.objects.filter(ALIVE, account_id=pk, status__in=("open", "in_progress")).aggregate(
        all=Count("pk"), high=Count("pk", filter=Q(severity="high")), critical=Count("pk", filter=Q(severity="critical"))
    )
    found = people.aggregate(
        all=Count("pk"),
        champions=Count("pk", filter=Q(buying_role="champion")),
        buyers=Count("pk", filter=Q(buying_role="economic_buyer")),
    )
    worst = ", ".join(f"{issues[name]} {name}" for name in ("critical", "high") if issues[name])
    band = "red" if issues["critical"] else "amber" if issues["high"] else ""
    url = f"{head.url}/track"
    missing = [word for name, word in (("champions", "champion"), ("buyers", "economic buyer")) if not found[name]]
    roles = f", no {' or '.join(missing)}" if missing else ", key roles known"
    told = [reached for reached in map(on_target, kpis) if reached is not None]
    return [
        Fact(f" {_count(issues['all'], 'issue')[len(str(issues['all'])) + 1:]} open{', ' + worst if worst else ''}", band,
             str(issues["all"]), f"{url}/issues") if issues["all"] else Fact("No issue open", url=f"{url}/issues"),
        Fact(_count(found["all"], "contact") + roles if found["all"] else "No contacts yet", url=f"{url}/contacts"),
        Fact(f"{sum(told)} of {_count(len(told), 'KPI')} on target" if told else
             f"{_count(len(kpis), 'KPI')}, none with a target and a reading" if kpis else "No KPIs yet",
             url=f"{url}/kpis"),
    ]  # fmt: skip


def _reveal(pk: int, goals: Sequence[GoalRow], head: Head) -> list[Fact]:
    url = f"{head.url}/reveal"
    behind = [row for row in goals if row.goal.status in ("at_risk", "off_track")]
    worst = "red" if any(row.goal.status == "off_track" for row in behind) else "amber"
    value = ValueOutcome.objects.filter(ALIVE, account_id=pk).aggregate(
        verified=Sum("money", filter=Q(verified_on__isnull=False)), money=Sum("money"), committed=Sum("committed")
    )
    currency = head.account.currency
    base = value["committed"] or value["money"]
    worth = (
        f"{formats.money(value['verified'] or 0, currency)} of {formats.money(base, currency)} value verified"
        if base
        else "No value on record yet"
    )
    unread = [row for row in goals if row.goal.progress_pct is None]
    stale = [row for row in goals if row.last_check_in]
    third = (
        f"{unread[0].goal.title}: no reading" if unread
        else f"Last check-in {formats.since(max(row.last_check_in for row in stale if row.last_check_in), head.today)}"
        if stale else "No check-in yet" if goals else "Two or three outcomes are enough"
    )  # fmt: skip
    first = (
        Fact(f" of {_count(len(goals), 'goal')} behind plan", worst, str(len(behind)), url) if behind
        else Fact(f"{_count(len(goals), 'goal')}, none behind plan" if goals else "No goals yet", url=url)
    )  # fmt: skip
    return [first, Fact(worth, url=f"{url}/value"), Fact(third, url=url)]


def _align(routes: Sequence[Route], head: Head) -> list[Fact]:
    url = f"{head.url}/align"
    past = [route for route in routes if route.expected_close_on and route.expected_close_on < head.today]
    gross, weighted = route_sums(routes, head)
    if past:
        first = Fact(f" {'route' if len(past) == 1 else 'routes'} past the close date", "amber", str(len(past)), url)
    elif head.renewal_open:
        days = head.renews_in or 0
        text = f"Renewal in {days} d, not prepared" if days >= 0 else f"Renewal {-days} d ago, not settled"
        first = Fact(text, "amber", url=f"{url}/contracts")
    elif head.cycle:
        first = Fact(f"Renewal: {head.cycle.get_state_display().lower()}", url=f"{url}/contracts")
    else:
        first = Fact("No route past its date" if routes else "No open routes yet", url=url)
    if not routes:
        return [first, Fact("Nothing in the pipeline", url=url)]
    return [first, Fact(f"{_count(len(routes), 'open route')}, {gross}", url=url), Fact(f"Weighted {weighted}", url=url)]


def _choose(pk: int, head: Head) -> list[Fact]:
    url, today = f"{head.url}/choose", head.today
    plays = Play.objects.filter(ALIVE, account_id=pk, status__in=OPEN_PLAYS).aggregate(
        all=Count("pk"), soon=Count("pk", filter=Q(due_on__lte=today + timedelta(days=30)))
    )
    steps = list(
        Step.objects.filter(
            ALIVE, play__account_id=pk, play__deleted_at__isnull=True, play__status__in=OPEN_PLAYS, status="open"
        )
        .filter(due_on__isnull=False)
        .order_by("due_on", "position")
        .values_list("title", "due_on")
    )
    late = [due for _, due in steps if due < today]
    if late:
        days = (today - min(late)).days
        first = Fact(f" {'step' if len(late) == 1 else 'steps'} late by {days} d", "red", str(len(late)), url)
    else:
        first = Fact("No step late" if steps else "No dated steps", url=url)
    ahead = next(((title, due) for title, due in steps if due >= today), None)
    return [
        first,
        Fact(f"{_count(plays['all'], 'play')} open, {plays['soon']} due in 30 d" if plays["all"] else "No open plays yet",
             url=url),
        Fact(f"{_upper(formats.due(ahead[1], today))}: {ahead[0]}" if ahead else "No step ahead", url=url),
    ]  # fmt: skip


def _kickoff(pk: int, meetings: Sequence[Preparation], head: Head, start: Any) -> list[Fact]:
    url, today = f"{head.url}/kickoff", head.today
    actions = Action.objects.filter(ALIVE, account_id=pk, status="open").aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today))
    )
    past = Meeting.objects.filter(ALIVE, account_id=pk, at__lt=start, at__gte=start - timedelta(days=MEETINGS_DAYS))
    held = past.exclude(status="rescheduled").aggregate(all=Count("pk"), held=Count("pk", filter=Q(status="held")))
    if actions["late"]:
        first = Fact(f" of {_count(actions['all'], 'action')} late", "red", str(actions["late"]), f"{url}/actions")
    else:
        first = Fact(f"{_count(actions['all'], 'action')} open, none late" if actions["all"] else "No open actions",
                     url=f"{url}/actions")  # fmt: skip
    coming = meetings[0].meeting if meetings else None
    ahead = f"{coming.title or 'Meeting'}, {formats.day(coming.at, today)}" if coming else "No meeting ahead"
    return [
        first,
        Fact(ahead, "" if meetings else "amber", url=url),
        Fact(f"{held['held']} of {_count(held['all'], 'meeting')} held in {MEETINGS_DAYS} d" if held["all"]
             else f"No meeting in {MEETINGS_DAYS} d", url=url),
    ]  # fmt: skip
