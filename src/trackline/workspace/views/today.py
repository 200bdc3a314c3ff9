"""Today: what needs me now, and why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.rates import rates_in_force
from trackline.book.quality.stewards import alarms
from trackline.book.scoring.tested import to_reweigh
from trackline.kit import formats
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries import acts
from trackline.workspace.queries.next_action import ORDER, RENEWAL_WINDOW_DAYS, Rank
from trackline.workspace.queries.today import needs, watch, week
from trackline.workspace.queries.today.scope import Scope, book_of, reports_of, scope_of, scope_of_report
from trackline.workspace.web import page


@page()
def today(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The day of the signed-in person, of the team (`?of=team`) or of somebody below them (`?of=` their id); who owns nothing
    starts with the team, then the book. Raises `NotFound` for somebody who does not report to the person.
    """
    of = request.GET.get("of")
    reports = reports_of(ctx.actor.user_id) if ctx.actor.user_id is not None else []
    report = next((one for one in reports if str(one.pk) == of), None)
    if of and of.isascii() and of.isdecimal() and report is None:
        raise NotFound("Nobody with this number reports to you.")
    team = of == "team" or report is not None
    frame = {
        "nav_key": "today",
        "today": ctx.today,
        "can_write": ctx.actor.may(WRITE),
        "team": team,
        "reports": reports,
        "report": report,
        "log": _log_menu(),
    }
    if not scoped(ctx, registry.get("account")).exists():
        return render(request, "workspace/today.html", frame | {"first_run": True})
    scope = scope_of_report(ctx, report) if report else scope_of(ctx, team=team, reports=reports)
    if of is None and not scope.accounts.exists():
        scope = scope_of(ctx, team=True, reports=reports)
        if not scope.accounts.exists():
            scope = book_of(ctx)
        frame |= {"team": True, "instead": "book" if scope.book else "team"}
    rates = rates_in_force(ctx.today)
    days = week.week_of(ctx, scope)
    context = {
        "week": days,
        "finding": _finding(days, scope),
        "until": scope.until,
        "this_week": scope.is_this_week,
        "needs": needs.needs_of(scope, rates),
        "order": [words for rank, words in ORDER.items() if rank not in (Rank.ALERT, Rank.GAP)],
        "alerts": watch.alerts(ctx, scope),
        "breaches": watch.breaches(ctx, scope),
        "portfolio": watch.portfolio(scope, rates),
        "renewals": watch.renewals(scope, rates),
        "window": RENEWAL_WINDOW_DAYS,
        "check_ins": watch.overdue_check_ins(scope),
        "silent": watch.silent_contacts(scope),
        "stale": watch.stale_views(scope),
        "reweigh": to_reweigh(ctx),
        "quality": alarms(scope.people, ctx.today),
        "texts": watch.stale_texts(ctx, scope),
    }
    return render(request, "workspace/today.html", frame | context)


def _finding(days: week.Week, scope: Scope) -> str:
    """Say in one sentence what the page found."""
    when = "this week" if scope.is_this_week else f"by {formats.day(scope.until, scope.today)}"
    if not days.things:
        return f"Nothing is due {when}"
    things = "1 thing is" if days.things == 1 else f"{days.things} things are"
    late = f", {days.late} of them late" if 0 < days.late < days.things else ", all late" if days.late else ""
    if days.things == 1 and days.late:
        late = " and late"
    return f"{things} due {when}{late}"


def _log_menu() -> list[acts.Act]:
    return [
        acts.create("note", "Note") | {"icon": "notebook-pen"},
        acts.create("interaction", "Interaction") | {"icon": "message-circle"},
        acts.create("issue", "Issue") | {"icon": "circle-alert"},
        acts.create("action", "Action") | {"icon": "list-todo"},
    ]
