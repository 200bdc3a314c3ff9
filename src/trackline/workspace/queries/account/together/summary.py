"""What each page of a group says, in a line: the group at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from trackline.choose.models import Play
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kit import formats
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.workspace.queries.account import kickoff, sponsors, track
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.needs import needs_page
from trackline.workspace.queries.account.together.competition import group_competition
from trackline.workspace.queries.account.together.coverage import group_coverage
from trackline.workspace.queries.account.together.execution import group_execution
from trackline.workspace.queries.account.together.forecast import GroupForecast, group_forecast
from trackline.workspace.queries.account.together.goals import group_goals
from trackline.workspace.queries.account.together.health import group_health
from trackline.workspace.queries.account.together.kpis import group_kpis
from trackline.workspace.queries.account.together.readiness import group_readiness
from trackline.workspace.queries.account.together.renewals import GroupRenewals, group_renewals
from trackline.workspace.queries.account.together.surveys import group_surveys
from trackline.workspace.queries.account.together.value import group_value
from trackline.workspace.queries.account.whitespace import whitespace_page


@dataclass(frozen=True)
class Whole:
    """The accounts that a page shows, and what more than one line is said of, read once."""

    ctx: Context
    head: Head

    @cached_property
    def forecast(self) -> GroupForecast:
        """What their open routes are worth."""
        return group_forecast(self.head)

    @cached_property
    def renewals(self) -> GroupRenewals:
        """What renews, with the use of running contracts."""
        return group_renewals(self.head)


Says = Callable[[Whole], str]


def summary_of(ctx: Context, head: Head) -> Mapping[tuple[str, str], str]:
    """Return what each page of the accounts that `head` shows says, by section and page; a fixed number of queries."""
    whole = Whole(ctx, head)
    return {page: says(whole) for page, says in SAYS.items()}


def _contacts(whole: Whole) -> str:
    lines = group_coverage(whole.head)
    gaps = [line.name for line in lines if line.c_level_gap]
    unknown = sum(line.value is None for line in lines)
    said = f"nobody in the C-suite of {', '.join(gaps)}" if gaps else "the C-suite is covered wherever it is known"
    return f"{said}; {formats.counted(unknown, 'account')} not computed" if unknown else said


def _needs(whole: Whole) -> str:
    found = needs_page(whole.head, whole.head.today)
    return found.finding if found.rows else "no open pain point"


def _value(whole: Whole) -> str:
    found = group_value(whole.head)
    return found.fall.finding if found.fall else "nothing is committed yet"


def _routes(whole: Whole) -> str:
    found = whole.forecast
    gross, weighted = (formats.money(amount, found.currency) for amount in (found.gross, found.weighted))
    said = f"{formats.counted(found.count, 'open route')} worth {gross}, {weighted} weighted"
    return f"{said}; {len(found.left_out)} left out" if found.left_out else said


def _forecast(whole: Whole) -> str:
    return f"{whole.forecast.finding.rstrip('.')}; {group_readiness(whole.head, whole.renewals.signed.uses).finding} for more"


def _plays(whole: Whole) -> str:
    days = list(
        Play.objects.filter(account__in=whole.head.ids, deleted_at__isnull=True, status__in=OPEN_PLAYS).values_list(
            "due_on", flat=True
        )
    )
    late = sum(day is not None and day < whole.head.today for day in days)
    return f"{formats.counted(len(days), 'open play')}{f', {late} late' if late else ''}"


def _meetings(whole: Whole) -> str:
    ahead = kickoff.meetings_ahead(whole.head, day_start(whole.head.today))
    if not ahead:
        return "no meeting ahead"
    waiting = sum(bool(one.missing) for one in ahead)
    first = ahead[0].meeting
    said = f"next {first.account.name}, {formats.day(first.at, whole.head.today)}"
    return f"{said}; {waiting} of the next {len(ahead)} not prepared" if waiting else said


def _cadences(whole: Whole) -> str:
    found = kickoff.rhythms(whole.head)
    late = sum(bool(one.overdue_days) for one in found)
    return f"{formats.counted(len(found), 'active cadence')}{f', {late} beyond their grace' if late else ''}"


def _sponsors(whole: Whole) -> str:
    found = sponsors.pairings(whole.head)
    return f"{sum(one.active for one in found)} of {formats.counted(len(found), 'pairing')} active"


def _execution(whole: Whole) -> str:
    found = group_execution(whole.head)
    told = [one for one in found.sums if one.found.band]
    red = [f"{one.label} {formats.percent(one.found.value, 0)}" for one in told if one.found.band == "red"]
    return f"below target: {', '.join(red)}" if red else f"{formats.counted(len(told), 'metric')}, none of them red"


def _goals(whole: Whole) -> str:
    found = group_goals(whole.head)
    sums = found.overall
    if sums.progress_pct is None:
        return f"{formats.counted(sums.active, 'active goal')}, none read yet" if sums.active else "no active goal"
    tail = f"; none in {', '.join(found.without)}" if found.without else ""
    return f"{formats.percent(sums.progress_pct, 0)} of the way on average, {sums.active} active{tail}"


SAYS: Mapping[tuple[str, str], Says] = {
    ("track", "contacts"): _contacts,
    ("track", "kpis"): lambda whole: group_kpis(whole.head).finding,
    ("track", "health"): lambda whole: group_health(whole.head).finding,
    ("track", "surveys"): lambda whole: group_surveys(whole.ctx, whole.head).finding,
    ("track", "issues"): lambda whole: track.risk_grid(*whole.head.ids).finding,
    ("track", "needs"): _needs,
    ("track", "competition"): lambda whole: group_competition(whole.head).finding,
    ("reveal", "goals"): _goals,
    ("reveal", "value"): _value,
    ("align", "routes"): _routes,
    ("align", "whitespace"): lambda whole: whitespace_page(whole.head, True).finding,
    ("align", "forecast"): _forecast,
    ("align", "contracts"): lambda whole: whole.renewals.finding,
    ("choose", "board"): _plays,
    ("kickoff", "meetings"): _meetings,
    ("kickoff", "cadences"): _cadences,
    ("kickoff", "sponsors"): _sponsors,
    ("kickoff", "metrics"): _execution,
}
"""What the pages of a group say, in the order of its sections."""
