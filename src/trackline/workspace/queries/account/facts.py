"""Three facts a section, in a few words each: what stands under the stations of the overview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from trackline.accounts.models import Kpi
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Route
from trackline.choose.models import Play, Step
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kickoff.models import Action, Meeting
from trackline.kit import formats
from trackline.reveal.proof import proof_of
from trackline.track.models import Issue
from trackline.workspace.queries.account.goals import GoalRow
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.kickoff import Preparation
from trackline.workspace.queries.account.track import on_target

ALIVE = Q(deleted_at__isnull=True)
SOON_DAYS = 30
MEETINGS_DAYS = 90


@dataclass(frozen=True)
class Fact:
    """One line under a station, the number in `strong` first; `band` draws the shape of what wants attention."""

    text: str
    url: str
    band: str = ""
    strong: str = ""


def of_track(pk: int, people: Mapping[str, int], kpis: Sequence[Kpi], head: Head) -> list[Fact]:
    """Tell of issues, contacts and KPIs. `people` counts `all, champions, buyers`."""
    url = f"{head.url}/track"
    issues = Issue.objects.filter(ALIVE, account_id=pk, status__in=("open", "in_progress")).aggregate(
        all=Count("pk"),
        high=Count("pk", filter=Q(severity="high")),
        critical=Count("pk", filter=Q(severity="critical")),
    )
    first = Fact("No issue open", f"{url}/issues")
    if issues["all"]:
        worst = "".join(f", {issues[name]} {name}" for name in ("critical", "high") if issues[name])
        band = "red" if issues["critical"] else "amber" if issues["high"] else ""
        first = Fact(f" {_noun(issues['all'], 'issue')} open{worst}", f"{url}/issues", band, str(issues["all"]))
    second = "No contacts yet"
    if people["all"]:
        absent = [words for key, words in (("champions", "champion"), ("buyers", "economic buyer")) if not people[key]]
        known = f"no {' or '.join(absent)}" if absent else "key roles known"
        second = f"{_count(people['all'], 'contact')}, {known}"
    told = [reached for reached in map(on_target, kpis) if reached is not None]
    third = "No KPIs yet"
    if told:
        third = f"{sum(told)} of {_count(len(told), 'KPI')} on target"
    elif kpis:
        third = f"{_count(len(kpis), 'KPI')}, none with a target and a reading"
    return [first, Fact(second, f"{url}/contacts"), Fact(third, f"{url}/kpis")]


def of_reveal(goals: Sequence[GoalRow], head: Head) -> list[Fact]:
    """Tell of goals behind plan, value verified, and what was looked at last."""
    url, currency = f"{head.url}/reveal", head.account.currency
    behind = [row for row in goals if row.goal.status in ("at_risk", "off_track")]
    first = Fact(f"{_count(len(goals), 'goal')}, none behind plan" if goals else "No goals yet", url)
    if behind:
        band = "red" if any(row.goal.status == "off_track" for row in behind) else "amber"
        first = Fact(f" of {_count(len(goals), 'goal')} behind plan", url, band, str(len(behind)))
    proof = proof_of(head.account, head.today, Overrides({}))
    second = "No value on record yet"
    if proof.committed:
        verified, committed = (formats.money(amount, currency) for amount in (proof.verified, proof.committed))
        second = f"{verified} of {committed} value verified"
    elif proof.outcomes:
        second = f"{_count(len(proof.outcomes), 'value outcome')}, none with a committed worth"
    return [first, Fact(second, f"{url}/value"), Fact(_reading(goals, head), url)]


def _reading(goals: Sequence[GoalRow], head: Head) -> str:
    if not goals:
        return "Two or three outcomes are enough"
    unread = next((row for row in goals if row.goal.progress_pct is None), None)
    if unread:
        return f"{unread.goal.title}: no reading"
    days = [row.last_check_in for row in goals if row.last_check_in]
    return f"Last check-in {formats.since(max(days), head.today)}" if days else "No check-in yet"


def of_align(routes: Sequence[Route], head: Head) -> list[Fact]:
    """Tell of routes past their date or the renewal, and of the open pipeline."""
    url = f"{head.url}/align"
    past = [route for route in routes if route.expected_close_on and route.expected_close_on < head.today]
    first = Fact("No route past its date" if routes else "No open routes yet", url)
    if past:
        first = Fact(f" {_noun(len(past), 'route')} past the close date", url, "amber", str(len(past)))
    elif head.renewal_open:
        days = head.renews_in or 0
        words = f"Renewal in {days} d, not prepared" if days >= 0 else f"Renewal {-days} d ago, not settled"
        first = Fact(words, f"{url}/contracts", "amber")
    elif head.cycle:
        first = Fact(f"Renewal: {head.cycle.get_state_display().lower()}", f"{url}/contracts")
    if not routes:
        return [first, Fact("Nothing in the pipeline", url)]
    gross, weighted = route_sums(routes, head)
    return [first, Fact(f"{_count(len(routes), 'open route')}, {gross}", url), Fact(f"Weighted {weighted}", url)]


def route_sums(routes: Sequence[Route], head: Head) -> tuple[str, str]:
    """Return gross and weighted value of routes in words."""
    gross = head.rates.total((route.value, route.currency) for route in routes)
    weighted = head.rates.weighted(routes)
    return formats.money(gross.amount, gross.currency), formats.money(weighted.amount, weighted.currency)


def of_choose(pk: int, head: Head) -> list[Fact]:
    """Tell of late steps, open plays, and the step that comes next."""
    url, today = f"{head.url}/choose", head.today
    plays = Play.objects.filter(ALIVE, account_id=pk, status__in=OPEN_PLAYS).aggregate(
        all=Count("pk"), soon=Count("pk", filter=Q(due_on__lte=today + timedelta(days=SOON_DAYS)))
    )
    open_steps = Step.objects.filter(
        ALIVE, play__account_id=pk, play__deleted_at__isnull=True, play__status__in=OPEN_PLAYS, status="open"
    )
    steps = list(open_steps.filter(due_on__isnull=False).order_by("due_on", "position").values_list("title", "due_on"))
    late = [due for _, due in steps if due < today]
    first = Fact("No step late" if steps else "No dated steps", url)
    if late:
        days = (today - min(late)).days
        first = Fact(f" {_noun(len(late), 'step')} late by {days} d", url, "red", str(len(late)))
    second = "No open plays yet"
    if plays["all"]:
        second = f"{_count(plays['all'], 'play')} open, {plays['soon']} due in {SOON_DAYS} d"
    third = "No step ahead"
    if ahead := next(((title, due) for title, due in steps if due >= today), None):
        when = formats.due(ahead[1], today)
        third = f"{when[0].upper()}{when[1:]}: {ahead[0]}"
    return [first, Fact(second, url), Fact(third, url)]


def of_kickoff(pk: int, meetings: Sequence[Preparation], head: Head, start: datetime) -> list[Fact]:
    """Tell of late actions, the meeting that comes next, and how many were held."""
    url, today = f"{head.url}/kickoff", head.today
    actions = Action.objects.filter(ALIVE, account_id=pk, status="open").aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today))
    )
    words = f"{_count(actions['all'], 'action')} open, none late" if actions["all"] else "No open actions"
    first = Fact(words, f"{url}/actions")
    if actions["late"]:
        text = f" of {_count(actions['all'], 'action')} late"
        first = Fact(text, f"{url}/actions", "red", str(actions["late"]))
    second = Fact("No meeting ahead", url, "amber")
    if meetings:
        coming = meetings[0].meeting
        second = Fact(f"{coming.title or 'Meeting'}, {formats.day(coming.at, today)}", url)
    past = Meeting.objects.filter(ALIVE, account_id=pk, at__lt=start, at__gte=start - timedelta(days=MEETINGS_DAYS))
    held = past.exclude(status="rescheduled").aggregate(all=Count("pk"), held=Count("pk", filter=Q(status="held")))
    third = f"No meeting in {MEETINGS_DAYS} d"
    if held["all"]:
        third = f"{held['held']} of {_count(held['all'], 'meeting')} held in {MEETINGS_DAYS} d"
    return [first, second, Fact(third, url)]


def _count(number: int, noun: str) -> str:
    return f"{number} {_noun(number, noun)}"


def _noun(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"
