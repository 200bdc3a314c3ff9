"""Pictures of section pages that show an account with all below it (`?group=1`): added up, or side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.workspace.queries.account import choose, kickoff, people, reporting, sponsors, track
from trackline.workspace.queries.account.contracts import contract_columns
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.needs import needs_page
from trackline.workspace.queries.account.together.churn import group_churn
from trackline.workspace.queries.account.together.competition import group_competition
from trackline.workspace.queries.account.together.coverage import group_coverage
from trackline.workspace.queries.account.together.execution import group_execution
from trackline.workspace.queries.account.together.forecast import group_forecast
from trackline.workspace.queries.account.together.goals import group_goals
from trackline.workspace.queries.account.together.health import group_health
from trackline.workspace.queries.account.together.journey import group_journey
from trackline.workspace.queries.account.together.kpis import group_kpis
from trackline.workspace.queries.account.together.readiness import group_readiness
from trackline.workspace.queries.account.together.renewals import group_renewals
from trackline.workspace.queries.account.together.surveys import group_surveys
from trackline.workspace.queries.account.together.value import group_value
from trackline.workspace.queries.calendar import WEEK, month, month_of
from trackline.workspace.views import account_align, account_routes
from trackline.workspace.views.account_columns import kpi_columns, reading_action, schedule_action, value_columns

Drawn = dict[str, Any]
PAGES = "workspace/account/together"

ALONE = frozenset({("track", "profile"), ("choose", "learning"), ("reveal", "priorities"), ("kickoff", "shared")})
"""The pages that show one account alone: what stands there does not add up."""

MONEY = frozenset(
    {
        ("track", "kpis"), ("track", "health"), ("track", "issues"), ("track", "competition"), ("reveal", "value"),
        ("align", "routes"), ("align", "whitespace"), ("align", "forecast"), ("align", "contracts"),
    }
)  # fmt: skip
"""The pages that add up money: they say in which currency."""


def contacts(request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the power grid of the people of all accounts, who reports to whom, and how each account is covered."""
    axis = "interest" if request.GET.get("axis") == "interest" else "sentiment"
    found = people.people_of(*head.ids)
    lines = reporting.lines_among(head.ids, found)
    return {
        "picture": f"{PAGES}/contacts.html",
        "grid": people.power_grid(head, found, axis),
        "chart": reporting.org_chart(head.ids, found, lines),
        "lines": lines,
        "together": True,
        "unfold": request.GET.get("unfold", ""),
        "axes": [{"key": one, "label": one.capitalize(), "current": one == axis} for one in people.AXES],
        "coverage": group_coverage(head),
    }


def health(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return health and journey of each account, and the money in each colour."""
    return {"picture": f"{PAGES}/health.html", "health": group_health(head), "gj": group_journey(head)}


def kpis(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return what is measured: each metric account by account, added up where its values make a sum."""
    found = group_kpis(head)
    urls = {pk: member.url for pk, member in head.members.items()}
    return {
        "picture": f"{PAGES}/kpis.html",
        "kpis": found,
        "columns": kpi_columns(found.kpis, urls),
        "row_actions": reading_action,
    }


def surveys(_request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    """Return the answers of all accounts taken together, and the newest wave of each."""
    return {"picture": f"{PAGES}/surveys.html", "page": group_surveys(ctx, head)}


def issues(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the risks of all accounts on one grid, and how likely each is to be lost."""
    return {"picture": f"{PAGES}/issues.html", "grid": track.risk_grid(*head.ids), "churn": group_churn(head)}


def needs(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the pain points of all accounts by impact and urgency."""
    return {"picture": "workspace/account/needs.html", "needs_page": needs_page(head, head.today)}


def competition(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the competitors of all accounts, each with the accounts where it stands."""
    return {"picture": f"{PAGES}/competition.html", "comp": group_competition(head)}


def goals(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the goals of all accounts, taken together and account by account."""
    return {"picture": f"{PAGES}/goals.html", "goals": group_goals(head)}


def value(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the value proven to the group, account by account."""
    return {"picture": f"{PAGES}/value.html", "value": group_value(head), "columns": value_columns()}


def forecast(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the pipeline of the group with its forecast, and how ready each account is for more."""
    return {
        "picture": f"{PAGES}/forecast.html",
        "forecast": group_forecast(head),
        "readiness": group_readiness(head),
    }


def contracts(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return what renews when, and what running contracts ask for."""
    found = group_renewals(head)
    return {
        "picture": f"{PAGES}/contracts.html",
        "renewals": found,
        "signed": found.signed,
        "columns": contract_columns(found.signed, head.today),
    }


def plays(request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the open plays of all accounts in 30, 60 and 90 days."""
    by = request.GET.get("by", "")
    by = by if by in ("horizon", "steps") else "days"
    base = f"{head.url}/choose/board?group=1"
    words = (
        ("days", "Plays by days left", ""),
        ("steps", "Steps", "&by=steps"),
        ("horizon", "By horizon", "&by=horizon"),
    )
    return {
        "picture": "workspace/account/play_board.html",
        "board": choose.horizon_board(head.ids, head.today, by=by),
        "unfold": request.GET.get("unfold", ""),
        "views": [{"label": label, "url": base + query, "current": by == key} for key, label, query in words],
    }


def meetings(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    """Return the meetings of all accounts, ahead or as a month (`?view=calendar`)."""
    base = f"{head.url}/kickoff/meetings?group=1"
    by_month = request.GET.get("view") == "calendar"
    drawn: Drawn = {
        "picture": "workspace/account/meetings.html",
        "views": [
            {"label": "List", "url": base, "current": not by_month},
            {"label": "Calendar", "url": f"{base}&view=calendar", "current": by_month},
        ],
    }
    if by_month:
        first = month_of(request.GET.get("month", ""), head.today)
        return drawn | {
            "instead": True,
            "weekdays": WEEK,
            "month": month(ctx, first, head.today, Q(account__in=head.ids)),
        }
    start = day_start(head.today)
    return drawn | {"ahead": kickoff.meetings_ahead(head, start), "unconfirmed": kickoff.unconfirmed(head, start)}


def cadences(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return how each rhythm of all accounts is kept."""
    return {
        "picture": "workspace/account/cadences.html",
        "rhythms": kickoff.rhythms(head),
        "row_actions": schedule_action,
    }


def pairings(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return who speaks with whom in all accounts."""
    return {"picture": "workspace/account/sponsors.html", "pairings": sponsors.pairings(head)}


def execution(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return how the rhythm is kept over all accounts, and in each."""
    found = group_execution(head)
    return {"picture": f"{PAGES}/execution.html", "kept": found, "rows": found.rows}


TOGETHER: Mapping[tuple[str, str], Callable[[HttpRequest, Context, Head], Drawn]] = {
    ("track", "contacts"): contacts,
    ("track", "kpis"): kpis,
    ("track", "health"): health,
    ("track", "surveys"): surveys,
    ("track", "issues"): issues,
    ("track", "needs"): needs,
    ("track", "competition"): competition,
    ("reveal", "goals"): goals,
    ("reveal", "value"): value,
    ("align", "routes"): account_routes.routes,
    ("align", "whitespace"): account_align.whitespace,
    ("align", "forecast"): forecast,
    ("align", "contracts"): contracts,
    ("choose", "board"): plays,
    ("kickoff", "meetings"): meetings,
    ("kickoff", "cadences"): cadences,
    ("kickoff", "sponsors"): pairings,
    ("kickoff", "metrics"): execution,
}
