"""The account workspace: overview, sections, timeline, history, group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.completeness import sections
from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.kickoff import services as kickoff_services
from trackline.kickoff.models import Cadence
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.kit.records.queries import ListParams, scoped
from trackline.kit.records.types import RecordType, registry
from trackline.reveal.goals import figures_for
from trackline.watch.rules.definitions import placed
from trackline.workspace.queries import acts, changes, next_action, playing, timeline
from trackline.workspace.queries.account import (
    choose,
    group,
    health,
    kickoff,
    profile,
    reveal,
    sponsors,
    track,
)
from trackline.workspace.queries.account.alerts import alerts_of
from trackline.workspace.queries.account.cards.strip import cards_of
from trackline.workspace.queries.account.head import Head, head_of, section_of
from trackline.workspace.queries.account.metric import read_metrics
from trackline.workspace.queries.account.overview import overview_of
from trackline.workspace.queries.account.recovery import recovery_card
from trackline.workspace.queries.account.tabs import TABS, Listed, tab_counts, tab_of
from trackline.workspace.queries.account.together.summary import summary_of
from trackline.workspace.queries.account.why import SPANS
from trackline.workspace.queries.calendar import month, month_of
from trackline.workspace.records import tables
from trackline.workspace.records.labels import in_sentence
from trackline.workspace.views import account_align, account_routes, account_scores, account_surveys, calendar
from trackline.workspace.views.account_columns import kpi_columns, reading_action, schedule_action
from trackline.workspace.views.account_together import ALONE, MONEY, TOGETHER
from trackline.workspace.views.documents import files_of
from trackline.workspace.views.putting_off import PUT_OFF_FOR
from trackline.workspace.web import page

NEWEST = 10
"""So many entries of the timeline stand beside the overview."""

Drawn = dict[str, Any]


@page()
def overview(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """The account at a glance."""
    head = head_of(ctx, key)
    found = _candidates(ctx, head)
    story = timeline.stream(ctx, head.account, limit=NEWEST)
    found_health = health.health_of(head.account, ctx.today, request.GET.get("span", ""))
    context = {
        "overview": overview_of(ctx, head, found),
        "scopes": _scopes(head, head.url, f"{head.url}/group"),
        "health": found_health,
        "health_spans": [
            {"key": key, "label": words, "url": f"{head.url}?span={key}", "current": found_health.span == key}
            for key, (_days, words) in SPANS.items()
        ] if found_health else [],
        "cards": cards_of(head),
        "recovery": recovery_card(head),
        "alerts": alerts_of(ctx, head.account.pk),
        "health_metrics": health.metric_ids(found_health),
        "next": found.first,
        "why": found.explained,
        "later": found.later,
        "put_off_for": PUT_OFF_FOR,
        "stream": story,
        "entry_count": timeline.entry_count(ctx, head.account.pk),
        "acts": {
            name: acts.create(name, label, account=head.account.pk)
            for name, label in (
                ("goal", "Add a goal"), ("kpi", "Add a KPI"), ("contact", "Add a contact"), ("route", "Add a route"),
                ("meeting", "Set a meeting"),
            )
        },
    }  # fmt: skip
    return render(request, "workspace/account/overview.html", frame(head) | context)


def _candidates(ctx: Context, head: Head, *, alerts: bool = True, section: str = "") -> next_action.Candidates:
    only = Account.objects.filter(pk=head.account.pk)  # the head was read within the scope
    now = ctx.now if alerts else None
    found = next_action.candidates(only, ctx.today, now, section=section).get(head.account.pk)
    return next_action.add_gaps(found or next_action.Candidates(), head.account, head.completeness)


def _firsts(ctx: Context, head: Head) -> list[tuple[str, str, next_action.NextAction]]:
    """The next best action of each account that a page shows: its name and address, the most pressing first."""
    only = Account.objects.filter(pk__in=head.ids)  # the head was read within the scope
    found = next_action.candidates(only, ctx.today, ctx.now)
    firsts = []
    for account in head.accounts:
        own = next_action.add_gaps(
            found.get(account.pk) or next_action.Candidates(), account, head.complete[account.pk]
        )
        if own.first:
            firsts.append((account.name, head.members[account.pk].url, own.first))
    return sorted(firsts, key=lambda one: (one[2].rank, one[2].sort, one[0].casefold()))


@page()
def section(request: HttpRequest, ctx: Context, key: str, section: str, tab: str = "") -> HttpResponse:
    """A TRACK section with its pages."""
    head = head_of(ctx, key)
    chosen_section = section_of(section)
    chosen = tab_of(section, tab)
    asked = bool(head.below) and request.GET.get("group") == "1"
    alone = (section, chosen.key) in ALONE
    head = replace(head, together=asked and not alone, in_group=asked)
    counts = {} if head.together else tab_counts(ctx, section, head.account.pk)
    base = f"{head.url}/{section}"
    show_all = request.GET.get("show") == "all"
    pictured = (TOGETHER if head.together else _PICTURES).get((section, chosen.key))
    drawn = pictured(request, ctx, head) if pictured else {}
    switch = next((one for one in chosen.tables if one.open), None)
    listed: list[Drawn] = [
        {
            "listed": one,
            "switch": one is switch,
            "title": one.title or registry.get(one.type).labels,
            "t": _table(
                ctx,
                head,
                one,
                show_all,
                drawn if one is chosen.tables[0] else drawn.get("beside", {}).get(one.type, {}),
            ),
        }
        for one in chosen.tables
        if not drawn.get("instead")
    ]
    if listed and not listed[0]["t"].total:
        begun = drawn.get("begins", ())  # the picture says already how these begin
        listed = [one for one in listed if one["t"].total or not (one["listed"].follows or one["listed"].type in begun)]
    checks = head.completeness.checks[section]
    alerts = alerts_of(ctx, *head.ids, rules=placed(ctx.today, section, chosen.key))
    following = None
    if not head.together:
        following = _candidates(ctx, head, alerts=alerts is None, section=section).first_of(section)
    missing = [acts.for_check(head.account, section, check) for check in checks if not check.passed]
    if following and following.fills_a_gap:
        missing = [act for act in missing if act["label"] != following.title]  # the line above says it
    context = {
        "section": chosen_section,
        "tab": chosen,
        "tabs": [
            {
                "label": one.label,
                "url": f"{base}/{one.key}" + ("?group=1" if asked else ""),
                "current": one.key == chosen.key,
                "count": counts.get(one.key),
            }
            for one in TABS[section]
        ],
        "scopes": _scopes(head, f"{base}/{chosen.key}", f"{base}/{chosen.key}?group=1"),
        "alone": asked and alone,
        "alerts": alerts,
        "next": following,
        "checks": checks,
        "missing": missing,
        "passed": sum(check.passed for check in checks),
        "onward": _onward(head, section),
        "listed": listed,
        "show_all": show_all,
        "here": f"{base}/{chosen.key}",
        "together": head.together,
        "summed": head.together and (section, chosen.key) in MONEY,
    }
    return render(request, "workspace/account/section.html", frame(head, current=section) | context | drawn)


@page()
def timeline_page(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Everything that happened, filtered and paged."""
    head = head_of(ctx, key)
    wanted = timeline.filter_of(request.GET.get("of", ""))
    story = timeline.stream(ctx, head.account, wanted, cursor=request.GET.get("cursor", ""))
    context = {
        "stream": story,
        "filters": [
            {"label": one.label, "url": f"{head.url}/timeline" + (f"?of={one.key}" if one.key else ""),
             "current": one.key == wanted.key}
            for one in timeline.FILTERS
        ],
        "wanted": wanted,
        "later": bool(request.GET.get("cursor")),
    }  # fmt: skip
    return render(request, "workspace/account/timeline.html", frame(head, top="timeline") | context)


@page()
def history_page(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Every change of every record of the account, with its way back."""
    head = head_of(ctx, key)
    before, readings = request.GET.get("before", ""), request.GET.get("readings") == "1"
    context = {
        "history": changes.history_page(ctx, head.account.pk, before=before, readings=readings),
        "later": bool(before),
        "readings": readings,
    }
    return render(request, "workspace/account/history.html", frame(head, top="history") | context)


@page()
def group_page(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """The account with all below it, added up."""
    head = replace(head_of(ctx, key, whole=True), in_group=True)
    whole = replace(head, together=True)
    says = summary_of(ctx, whole) if head.below else {}
    context = {
        "group": group.group_of(whole),
        "scopes": _scopes(head, head.url, f"{head.url}/group"),
        "firsts": _firsts(ctx, whole),
        "alerts": alerts_of(ctx, *whole.ids),
        "rates": whole.used_rates,
        "pages": [
            (
                one,
                [
                    (tab_of(section, tab).label, f"{head.url}/{section}/{tab}?group=1", said)
                    for (section, tab), said in says.items()
                    if section == one.key
                ],
            )
            for one in sections()
        ],
    }
    return render(request, "workspace/account/group.html", frame(head, top="group") | context)


def frame(head: Head, *, current: str | None = None, top: str = "") -> Drawn:
    """Return what every page of an account gives to its template."""
    url = head.url
    tops = [
        {"key": "plan", "label": "Plan", "url": f"{url}/plan"},
        {"key": "scorecard", "label": "Scorecard", "url": f"{url}/scorecard"},
        {"key": "timeline", "label": "Timeline", "url": f"{url}/timeline"},
        {"key": "history", "label": "History", "url": f"{url}/history"},
    ]
    if head.below:
        tops.insert(0, {"key": "group", "label": f"Group, {len(head.below) + 1}", "url": f"{url}/group"})
    return {
        "head": head,
        "account": head.account,
        "today": head.today,
        "nav_key": "accounts",
        "crumbs": [{"label": "Accounts", "url": "/accounts"}, {"label": head.account.name, "url": url}],
        "recent": {"label": head.account.name, "meta": "Account"},
        "tops": tops,
        "top": top,
        "current": current if current is not None else ("" if not top else "none"),
        "sections": head.stations,
        "total": head.completeness.total,
        "overview_url": f"{url}/group" if head.in_group else url,
        "log": log_menu(head),
        "files": files_of(url),
    }


def log_menu(head: Head) -> list[acts.Act]:
    """Return what "+ Log" offers: what one writes down in passing."""
    pk = head.account.pk
    return [
        acts.create("note", "Note", account=pk) | {"icon": "notebook-pen"},
        acts.create("interaction", "Interaction", account=pk) | {"icon": "message-circle"},
        acts.create("issue", "Issue", account=pk) | {"icon": "circle-alert"},
        acts.create("action", "Action", account=pk) | {"icon": "list-todo"},
    ]


def _scopes(head: Head, alone: str, together: str) -> list[Drawn]:
    """The switch between an account and it with all below; none for an account without any."""
    if not head.below:
        return []
    return [
        {"label": "This account", "url": alone, "current": not head.in_group},
        {"label": f"With {len(head.below)} below", "url": together, "current": head.in_group},
    ]


def _onward(head: Head, key: str) -> acts.Act | None:
    """Return the first gap of the sections to the right, then to the left: where to go on from a complete one."""
    order = [one.key for one in sections()]
    at = order.index(key)
    for other in [*order[at + 1 :], *order[:at]]:
        missing = head.completeness.missing(other)
        if missing:
            act = acts.for_check(head.account, other, missing[0])
            return act | {"label": f"{section_of(other).title}: {act['label'][0].lower()}{act['label'][1:]}"}
    return None


def _table(ctx: Context, head: Head, one: Listed, show_all: bool, drawn: Drawn) -> tables.Table:
    rtype = registry.get(one.type)
    pk = head.account.pk
    narrowed = bool(one.open) and not show_all
    filters = {**(one.open if narrowed else {}), **drawn.get("filtered", {})}
    columns, order, cursor = drawn.get("columns", one.columns), one.order, ""
    only = one.among(pk) if one.among else None
    if head.together:
        columns = _with_account(rtype, columns)
        if rtype.account == "account":
            filters["account"] = ",".join(map(str, head.ids))
        else:
            only = Q(**{f"{rtype.account_pk_path}__in": head.ids})
    if drawn.get("address"):
        order, cursor = drawn["order"] or one.order, drawn["cursor"]
    found = tables.build(
        ctx,
        rtype,
        params=ListParams(filters=filters, order=order, cursor=cursor, limit=one.limit),
        only=only,
        account=pk if rtype.account and not head.together else None,
        columns=columns,
        actions=drawn.get("row_actions") if head.can_write else None,
        name=f"{rtype.resource}-of",
        url=drawn.get("address", ""),
        add=one.add and not head.together,
        empty_text=one.empty,
    )
    if head.together and not found.rows and not narrowed:
        found = replace(found, narrowed=False, empty_title=f"No {in_sentence(rtype, plural=True)} in these accounts")
    if narrowed and not found.rows:
        # None is open: that is no search without a match, and a new one can be added at once.
        found = replace(found, narrowed=False)
        if scoped(ctx, rtype).filter(**{f"{rtype.account_pk_path}__in": head.ids}).exists():
            title = f"No {one.word} {in_sentence(rtype, plural=True)}"
            found = replace(found, empty_title=title, second={"label": "Show all", "url": "?show=all"})
    return found


def _with_account(rtype: RecordType, columns: Sequence[Any]) -> Sequence[Any]:
    """The columns of a table that shows records of several accounts: whose each is stands behind its name."""
    shown = [column for column in (columns or rtype.columns) if column != "account"]
    return [shown[0], "account", *shown[1:]] if rtype.account == "account" else shown


# -- pictures ------------------------------------------------------------------------------------------------------


def _profile(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    return {"picture": "workspace/account/profile.html", "groups": profile.profile_of(ctx, head.account), "edits": True}


def _kpis(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    rows = {row.kpi.pk: row for row in track.kpi_rows(head.ids, head.today)}
    return {
        "picture": "workspace/account/metrics.html",
        "metrics": read_metrics(head.account.pk),
        "columns": kpi_columns(rows, {head.account.pk: head.url}),
        "row_actions": reading_action,
    }


def _goals(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    every = {"days": setting("goal.checkin_days"), "lagging": setting("goal.checkin_lagging_days")}
    held = figures_for(head.account, Overrides.load(head.today), head.today)
    limits = {"at_risk": -held.echo["at_risk_gap"], "off_track": -held.echo["off_track_gap"]}
    cards = reveal.goal_cards(head)
    return {
        "picture": "workspace/account/goals.html",
        "cards": cards,
        "overall": reveal.together(cards),
        "every": every,
        "limits": limits,
    }


def _plays(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    by = request.GET.get("by", "")
    by = by if by in ("horizon", "steps") else "days"
    base = f"{head.url}/choose/board"
    start = playing.start_url("account", head.account.pk) if head.can_write else ""
    board, recovery = choose.horizon_board(head.ids, head.today, by=by), recovery_card(head)
    saving = recovery.play.pk if recovery and recovery.play else None
    return {
        "picture": "workspace/account/play_board.html",
        "board": board,
        "unfold": request.GET.get("unfold", ""),
        "recovery": recovery,
        "recovering": saving if any(line.play.pk == saving for line in board.lines) else None,
        "views": [
            {"label": "Plays by days left", "url": base, "current": by == "days"},
            {"label": "Steps", "url": f"{base}?by=steps", "current": by == "steps"},
            {"label": "By horizon", "url": f"{base}?by=horizon", "current": by == "horizon"},
        ],
        "add": acts.create("play", "Add a play", account=head.account.pk) if head.can_write else None,
        "start": start,
        "start_one": {"label": "Start a playbook", "icon": "play", "get": start} if start else None,
    }


def _cadences(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    return {
        "picture": "workspace/account/cadences.html",
        "row_actions": schedule_action,
        "rhythms": kickoff.rhythms(head),
        "defaults": kickoff_services.defaults_for(head.account) if head.can_write else (),
        "frequencies": dict(Cadence.Frequency.choices),
    }


def _sponsors(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    return {"picture": "workspace/account/sponsors.html", "pairings": sponsors.pairings(head)}


def _meetings(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    base = f"{head.url}/kickoff/meetings"
    by_month = request.GET.get("view") == "calendar"
    drawn: Drawn = {
        "picture": "workspace/account/meetings.html",
        "views": [
            {"label": "List", "url": base, "current": not by_month},
            {"label": "Calendar", "url": f"{base}?view=calendar", "current": by_month},
        ],
        **calendar.feed_facts(request, ctx, head.account.pk),
    }
    if by_month:
        first = month_of(request.GET.get("month", ""), head.today)
        shown = month(ctx, first, head.today, Q(account=head.account))
        return drawn | {"instead": True, "month": shown}
    start = day_start(head.today)
    return drawn | {
        "ahead": kickoff.meetings_ahead(head, start),
        "unconfirmed": kickoff.unconfirmed(head, start),
    }


_PICTURES: Mapping[tuple[str, str], Callable[[HttpRequest, Context, Head], Drawn]] = {
    ("track", "profile"): _profile,
    ("track", "contacts"): account_scores.contacts,
    ("track", "kpis"): _kpis,
    ("track", "health"): account_scores.health,
    ("track", "needs"): account_scores.needs,
    ("track", "competition"): account_scores.competition,
    ("track", "surveys"): account_surveys.surveys,
    ("track", "issues"): account_scores.issues,
    ("reveal", "goals"): _goals,
    ("reveal", "value"): account_scores.value,
    ("align", "routes"): account_routes.routes,
    ("align", "whitespace"): account_align.whitespace,
    ("align", "forecast"): account_scores.forecast,
    ("align", "contracts"): account_scores.contracts,
    ("choose", "board"): _plays,
    ("kickoff", "meetings"): _meetings,
    ("kickoff", "cadences"): _cadences,
    ("kickoff", "sponsors"): _sponsors,
    ("kickoff", "metrics"): account_scores.execution,
}
