"""Book, Surveys: rounds that ask many accounts at once; who is due, sending, and what came back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import formats, htmx
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records import services as records
from trackline.kit.records.bulk import BulkResult
from trackline.kit.records.exports import csv_of
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Sheet, columns_of, workbook_of
from trackline.track.models import SurveyRound
from trackline.track.surveys import rounds
from trackline.track.surveys.results import by_question
from trackline.track.surveys.round_results import Part, RoundResult, results_of_rounds, round_result
from trackline.track.surveys.waves import asked_in
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.records import addresses
from trackline.workspace.records.views.common import said
from trackline.workspace.views.book import tabs
from trackline.workspace.views.calendar import site_of
from trackline.workspace.views.waves import ASKED, asked_line
from trackline.workspace.web import page

PATH = "/book/surveys"
MOST = 60
"""So many rounds are listed, the newest first."""
PARTS = ("left_out", "without")


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The rounds, the newest first, with what they brought."""
    rtype = registry.get("survey_round")
    found = list(
        scoped(ctx, rtype).select_related("owner", "managed_by", "group").order_by("-created_at", "-pk")[:MOST]
    )
    results = results_of_rounds(ctx, found)
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [{"label": "Book", "url": "/book"}, {"label": "Surveys", "url": ""}],
        "tabs": tabs(PATH),
        "rows": [(one, segment_of(one.round)) for one in results],
        "finding": _finding(results),
        "new": addresses.new(rtype) if ctx.actor.may(WRITE) else "",
        "new_panel": addresses.new_panel(rtype),
        "today": ctx.today,
    }
    return render(request, "workspace/book/surveys.html", frame)


@page()
def one(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """A round: who is asked, what has to be ready, and what came back."""
    rtype = registry.get("survey_round")
    found: SurveyRound = get(ctx, rtype, pk)
    result = round_result(ctx, found)
    plans = rounds.plan_of(ctx, found)
    due = [plan for plan in plans if plan.wave is None and plan.asked]
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [
            {"label": "Book", "url": "/book"}, {"label": "Surveys", "url": PATH}, {"label": found.title, "url": ""},
        ],
        "tabs": tabs(PATH),
        "r": result,
        "round": found,
        "panel": addresses.panel(rtype, found.pk),
        "set_url": addresses.act(rtype, found.pk, "set"),
        "here": f"{PATH}/{found.pk}",
        "segment": segment_of(found),
        "plans": [plan for plan in plans if plan.wave is None],
        "due": due,
        "outside": list(scoped(ctx, registry.get("account")).filter(left_out_of=found).order_by("name")),
        "people": sum(len(plan.asked) for plan in due),
        "ready": rounds.launch(found, due),
        "finding": _said(result, due),
        "by_question": by_question(result.groups),
        "hidden": [group for group in result.groups if group.hidden],
        "remind_now": result.remind_on is not None and result.remind_on <= ctx.today and result.total.silent > 0,
        "can_write": ctx.actor.may(WRITE),
        "is_admin": ctx.actor.may(ADMIN),
        "query": request.GET.urlencode(),
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/book/survey_round.html", frame)


@page("POST", permission=WRITE)
def send(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Open the waves of a round in all accounts that are due."""
    result = rounds.send(ctx, _round(ctx, pk), request.POST.get("reason", ""))
    count = len(result.changed)
    return _told(f"Sent to {count} account{'s' if count != 1 else ''}: the links are ready", result)


@page("POST", permission=WRITE)
def deed(request: HttpRequest, ctx: Context, pk: int, what: str) -> HttpResponse:
    """Note a reminder in all open waves of a round, or close them."""
    deeds: dict[str, tuple[str, Callable[[Context, SurveyRound], BulkResult]]] = {
        "remind": ("Reminder noted", rounds.remind), "close": ("Round closed", rounds.close),
    }  # fmt: skip
    if what not in deeds:
        raise NotFound("There is no such deed.")
    words, do = deeds[what]
    return _told(words, do(ctx, _round(ctx, pk)))


@page("POST", permission=WRITE)
def leave_out(request: HttpRequest, ctx: Context, pk: int, part: str, other: int) -> HttpResponse:
    """Leave a person (`left_out`) or an account (`without`) out of a round, or take them in again."""
    if part not in PARTS:
        raise NotFound("There is no such part.")
    found = _round(ctx, pk)
    target = get(ctx, registry.get(rounds.LEFT_OUT[part]), other)
    there = set(scoped(ctx, registry.get(rounds.LEFT_OUT[part])).filter(left_out_of=found).values_list("pk", flat=True))
    out = request.POST.get("out") == "1"
    ids = there | {target.pk} if out else there - {target.pk}
    changed = records.update(ctx, registry.get("survey_round"), pk, {part: sorted(ids)})
    words = f"{target} is {'left out' if out else 'asked again'}"
    return htmx.changed(said(htmx.done(), words, getattr(changed, "last_change", None)))


@page(permission=WRITE)
def people(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download who is asked in all open waves, with their links, as `csv`: what a mail program needs."""
    if ending != "csv":
        raise NotFound(f"There is no export as {ending[:20]}; csv is known.")
    waves = rounds.waves_of(ctx, _round(ctx, pk))
    site, asked = site_of(request), asked_in(ctx, waves)
    rows = [["Account", *ASKED]]
    for wave in waves:
        rows += [[wave.account.name, *asked_line(person, site)] for person in asked[wave.pk]]
    return csv_download(csv_of(rows), f"survey-round-{pk}")


@page()
def export(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download what a round brought, account by account, as `csv` or `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending[:20]}; csv and xlsx are known.")
    result = round_result(ctx, _round(ctx, pk))
    heading = [
        "Key", "Account", "Asked", "Answered", "Rate %", "Levels", "NPS", "Satisfaction", "Effort", "Index", "Answers until",
    ]  # fmt: skip
    lines = [_line(row) for row in [*result.rows, result.total]]
    name = f"survey-round-{pk}-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of([heading, *lines]), name)
    return workbook_download(workbook_of(Sheet("Round", columns_of(heading), lines)), name)


def _line(row: Part) -> list[Any]:
    scores = (row.scores.nps, row.scores.csat, row.scores.ces, row.scores.rhi)
    return [
        row.account.key if row.account else "", row.account.name if row.account else "All accounts", row.asked,
        row.answered, None if row.rate is None else round(row.rate, 1), row.levels,
        *(round(score.value, 2) if isinstance(score.value, Decimal) else score.value for score in scores),
        row.wave.closes_on if row.wave else None,
    ]  # fmt: skip


def segment_of(found: SurveyRound) -> str:
    """Say which accounts a round asks."""
    parts = [
        f"tier {found.tier}" if found.tier else "",
        found.region,
        found.industry,
        found.segment,
        f"accounts of {found.managed_by.name}" if found.managed_by else "",
        f"the group of {found.group.name}" if found.group else "",
    ]
    return ", ".join(part for part in parts if part) or "all accounts"


def _round(ctx: Context, pk: int) -> SurveyRound:
    found: SurveyRound = get(ctx, registry.get("survey_round"), pk)
    return found


def _told(words: str, result: BulkResult) -> HttpResponse:
    return htmx.changed(htmx.toast(htmx.done(), words, addresses.undo_batch(result.batch)))


def _finding(results: list[RoundResult]) -> str:
    if not results:
        return "No survey round yet"
    running = [one for one in results if one.state == "open"]
    if not running:
        return f"{len(results)} survey round{'s' if len(results) != 1 else ''}, none is open"
    first = running[0].total
    rate = f", {formats.percent(first.rate, 0)}" if first.rate is not None else ""
    return f"{running[0].round.title}: {first.answered} of {first.asked} answered{rate}"


def _said(result: RoundResult, due: list[rounds.AccountPlan]) -> str:
    if result.state == "planned":
        people = sum(len(plan.asked) for plan in due)
        if not people:
            return "Nobody is due in these accounts"
        return f"{people} {'person' if people == 1 else 'people'} in {len(due)} account{'s' if len(due) != 1 else ''} would be asked today"
    total = result.total
    rate = f", {formats.percent(total.rate, 0)}" if total.rate is not None else ""
    nps = f"; NPS {formats.number(total.scores.nps.value, 0)}" if total.scores.nps.value is not None else ""
    return f"{total.answered} of {total.asked} answered{rate}{nps}"
