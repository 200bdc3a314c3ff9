"""What each page of a group says, in a line: the group at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
from trackline.workspace.queries.account.together.forecast import group_forecast
from trackline.workspace.queries.account.together.goals import group_goals
from trackline.workspace.queries.account.together.health import group_health
from trackline.workspace.queries.account.together.kpis import group_kpis
from trackline.workspace.queries.account.together.readiness import group_readiness
from trackline.workspace.queries.account.together.renewals import group_renewals
from trackline.workspace.queries.account.together.surveys import group_surveys
from trackline.workspace.queries.account.together.value import group_value
from trackline.workspace.queries.account.whitespace import whitespace_page

Says = Callable[[Context, Head], str]


def summary_of(ctx: Context, head: Head) -> Mapping[tuple[str, str], str]:
    """Return what each page of the accounts that `head` shows says, by section and page; a fixed number of queries."""
    return {page: says(ctx, head) for page, says in SAYS.items()}


def _contacts(_ctx: Context, head: Head) -> str:
    lines = group_coverage(head)
    gaps = [line.name for line in lines if line.c_level_gap]
    unknown = sum(line.value is None for line in lines)
    said = f"nobody in the C-suite of {', '.join(gaps)}" if gaps else "the C-suite is covered wherever it is known"
    return f"{said}; {formats.counted(unknown, 'account')} not computed" if unknown else said


def _needs(_ctx: Context, head: Head) -> str:
    found = needs_page(head, head.today)
    return found.finding if found.rows else "no open pain point"


def _value(_ctx: Context, head: Head) -> str:
    found = group_value(head)
    return found.fall.finding if found.fall else "nothing is committed yet"


def _routes(_ctx: Context, head: Head) -> str:
    found = group_forecast(head)
    gross, weighted = (formats.money(amount, found.currency) for amount in (found.gross, found.weighted))
    said = f"{formats.counted(found.count, 'open route')} worth {gross}, {weighted} weighted"
    return f"{said}; {len(found.left_out)} left out" if found.left_out else said


def _forecast(_ctx: Context, head: Head) -> str:
    return f"{group_forecast(head).finding.rstrip('.')}; {group_readiness(head).finding} for more"


def _plays(_ctx: Context, head: Head) -> str:
    days = list(
        Play.objects.filter(account__in=head.ids, deleted_at__isnull=True, status__in=OPEN_PLAYS).values_list(
            "due_on", flat=True
        )
    )
    late = sum(day is not None and day < head.today for day in days)
    return f"{formats.counted(len(days), 'open play')}{f', {late} late' if late else ''}"


def _meetings(_ctx: Context, head: Head) -> str:
    ahead = kickoff.meetings_ahead(head, day_start(head.today))
    if not ahead:
        return "no meeting ahead"
    waiting = sum(bool(one.missing) for one in ahead)
    first = ahead[0].meeting
    said = f"next {first.account.name}, {formats.day(first.at, head.today)}"
    return f"{said}; {waiting} of the next {len(ahead)} not prepared" if waiting else said


def _cadences(_ctx: Context, head: Head) -> str:
    found = kickoff.rhythms(head)
    late = sum(bool(one.overdue_days) for one in found)
    return f"{formats.counted(len(found), 'active cadence')}{f', {late} beyond their grace' if late else ''}"


def _sponsors(_ctx: Context, head: Head) -> str:
    found = sponsors.pairings(head)
    return f"{sum(one.active for one in found)} of {formats.counted(len(found), 'pairing')} active"


def _execution(_ctx: Context, head: Head) -> str:
    found = group_execution(head)
    told = [one for one in found.sums if one.found.band]
    red = [f"{one.label} {formats.percent(one.found.value, 0)}" for one in told if one.found.band == "red"]
    return f"below target: {', '.join(red)}" if red else f"{formats.counted(len(told), 'metric')}, none of them red"


def _goals(_ctx: Context, head: Head) -> str:
    found = group_goals(head)
    sums = found.overall
    if sums.progress_pct is None:
        return f"{formats.counted(sums.active, 'active goal')}, none read yet" if sums.active else "no active goal"
    tail = f"; none in {', '.join(found.without)}" if found.without else ""
    return f"{formats.percent(sums.progress_pct, 0)} of the way on average, {sums.active} active{tail}"


SAYS: Mapping[tuple[str, str], Says] = {
    ("track", "contacts"): _contacts,
    ("track", "kpis"): lambda _ctx, head: group_kpis(head).finding,
    ("track", "health"): lambda _ctx, head: group_health(head).finding,
    ("track", "surveys"): lambda ctx, head: group_surveys(ctx, head).finding,
    ("track", "issues"): lambda _ctx, head: track.risk_grid(*head.ids).finding,
    ("track", "needs"): _needs,
    ("track", "competition"): lambda _ctx, head: group_competition(head).finding,
    ("reveal", "goals"): _goals,
    ("reveal", "value"): _value,
    ("align", "routes"): _routes,
    ("align", "whitespace"): lambda _ctx, head: whitespace_page(head, True).finding,
    ("align", "forecast"): _forecast,
    ("align", "contracts"): lambda _ctx, head: group_renewals(head).finding,
    ("choose", "board"): _plays,
    ("kickoff", "meetings"): _meetings,
    ("kickoff", "cadences"): _cadences,
    ("kickoff", "sponsors"): _sponsors,
    ("kickoff", "metrics"): _execution,
}
"""What the pages of a group say, in the order of its sections."""
