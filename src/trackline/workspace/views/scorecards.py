"""Book, Scorecards: which there are, one of them with its metrics, the figures behind each, and answers to breaches."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.cards.answering import answer
from trackline.book.cards.keeping import keep_scorecards
from trackline.book.cards.presets import add_standard
from trackline.book.models import Scorecard, ScorecardResult
from trackline.book.queries.scorecards import SHOWN, Asked, clocks, judged_of, kept_of, listed
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import WRITE, Context, system_context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.exports import csv_of
from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue, parse_day
from trackline.kit.records.workbooks import workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.book import cards
from trackline.workspace.queries.dashboards.drawing import line_of
from trackline.workspace.records import addresses
from trackline.workspace.records.views.common import said
from trackline.workspace.views.account import frame
from trackline.workspace.views.book import tabs
from trackline.workspace.web import page

BOOK = {"label": "Book", "url": "/book"}
CRUMB = {"label": "Scorecards", "url": cards.PATH}
ROWS = 200
"""So many rows behind a figure are shown; the file of its dashboard or list holds all."""
PAST = 12
"""So many results past are offered."""


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The scorecards with their newest results, and the breaches that wait for an answer."""
    asked = cards.asked_of(request.GET)
    rows, total = listed(ctx, asked)
    waiting = clocks(ctx)
    narrowed = bool(asked.level or asked.state or asked.q)
    context = {
        "nav_key": "book",
        "crumbs": [BOOK, CRUMB | {"url": ""}],
        "tabs": tabs(cards.PATH),
        "rows": rows,
        "total": total,
        "finding": _finding(rows, total),
        "waiting": waiting,
        "late": sum(one.late for one in waiting),
        "asked": asked,
        "narrowed": narrowed,
        "q": asked.q,
        "filters": [
            FormField(name="level", kind="choice", label="Of", choices=list(cards.LEVELS), value=asked.level, placeholder="Of anything"),
            FormField(name="state", kind="choice", label="State", choices=list(cards.STATES), value=asked.state, placeholder="In use"),
        ],
        "previous_url": _at(asked, asked.page - 1) if asked.page > 1 else "",
        "next_url": _at(asked, asked.page + 1) if asked.page * SHOWN < total else "",
        "first": (asked.page - 1) * SHOWN + 1,
        "last": (asked.page - 1) * SHOWN + len(rows),
        "query": request.GET.urlencode(),
        "offers": cards.offers(ctx) if ctx.actor.may(WRITE) else None,
        "new": addresses.new(registry.get("scorecard")),
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }  # fmt: skip
    return htmx.render_partial(request, "workspace/book/scorecards.html", "list", context)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download what the filters show as `csv` or `xlsx`."""
    _known(ending)
    asked = cards.asked_of(request.GET)
    rows: list[Any] = []
    for number in range(1, 201):
        part, total = listed(ctx, Asked(asked.level, asked.state, asked.q, number))
        rows += part
        if len(rows) >= total or not part:
            break
    name = f"scorecards-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of(cards.list_lines(rows)), name)
    return workbook_download(workbook_of(cards.sheet_of("Scorecards", cards.list_lines(rows))), name)


@page()
def card(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """A scorecard: its metrics by domain, what they add up to, breaches with their clocks; with `on` what was found then."""
    context = _card(request, ctx, pk)
    one: Scorecard = context["card"]
    context |= {"nav_key": "book", "crumbs": [BOOK, CRUMB, {"label": one.name, "url": ""}]}
    context["recent"] = {"label": one.name, "meta": "Scorecard"}
    return render(request, "workspace/book/scorecard.html", context)


@page()
def of_account(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """The scorecard of an account on its own pages; where it has none, the way to one."""
    head = head_of(ctx, key)
    rows = Scorecard.objects.alive().filter(account=head.account.pk).exclude(state="archived")
    found = list(rows.order_by("pk"))
    chosen = next((one for one in found if str(one.pk) == request.GET.get("card")), None)
    chosen = chosen or next((one for one in found if one.state == "live"), found[0] if found else None)
    context = frame(head, top="scorecard") | {
        "others": [one for one in found if one != chosen],
        "can_write": ctx.actor.may(WRITE),
    }
    if chosen is not None:
        context |= _card(request, ctx, chosen.pk, here=f"{head.url}/scorecard")
    return render(request, "workspace/account/scorecard.html", context)


def _card(request: HttpRequest, ctx: Context, pk: int, here: str = "") -> dict[str, Any]:
    on = _day(request.GET.get("on", ""))
    here = here or f"{cards.PATH}/{pk}"
    past = list(
        ScorecardResult.objects.filter(scorecard=pk, locked=True).order_by("-on").values_list("on", flat=True)[:PAST]
    )
    found = judged_of(ctx, pk)
    one = found.card
    trend = list(
        ScorecardResult.objects.filter(scorecard=pk, value__isnull=False).order_by("on").values_list("on", "value")
    )
    waiting = clocks(ctx, card=pk, every=True)
    lines = registry.get("scorecard_line")
    context: dict[str, Any] = {
        "card": one,
        "c": found,
        "groups": cards.groups_of(found),
        "finding": cards.finding_of(found),
        "trend": trend,
        "waiting": waiting,
        "alarms": cards.alarms_of(waiting),
        "ready": cards.readiness(one, ctx.today),
        "past": past,
        "kept": kept_of(ctx, pk, on) if on else None,
        "here": here,
        "path": f"{cards.PATH}/{one.pk}",
        "record": f"/r/scorecard/{one.pk}",
        "panel": f"scorecard/{one.pk}",
        "new_line": f"{addresses.new(lines)}?{urlencode({'scorecard': one.pk})}",
        "new_line_panel": f"{addresses.new_panel(lines)}?{urlencode({'scorecard': one.pk})}",
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }
    if context["kept"]:
        context["kept_words"] = cards.kept_words(context["kept"])
    return context


@page()
def behind(request: HttpRequest, ctx: Context, pk: int, line: int) -> HttpResponse:
    """The figures behind a metric of a scorecard."""
    found = judged_of(ctx, pk)
    one = next((each for each in found.lines if each.line.pk == line), None)
    if one is None:
        raise NotFound(f"{found.card.name} has no such metric.")
    rows = one.found.behind()
    context = {
        "nav_key": "book",
        "crumbs": [BOOK, CRUMB, {"label": found.card.name, "url": f"{cards.PATH}/{pk}"}, {"label": one.line.name, "url": ""}],
        "card": found.card,
        "row": cards.row_of(one),
        "rows": rows,
        "lines": [line_of(rows, row, ctx.today) for row in rows.rows[:ROWS]],
        "shown": ROWS,
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/book/scorecard_rows.html", context)


@page()
def export_card(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download a scorecard as `csv` or `xlsx`."""
    _known(ending)
    found = judged_of(ctx, pk)
    name = f"scorecard-{pk}-{found.on.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of(cards.card_lines(found)), name)
    return workbook_download(workbook_of(cards.sheet_of("Scorecard", cards.card_lines(found))), name)


@page("POST", permission=WRITE)
def add(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Make a standard scorecard and show it."""
    of = request.POST.get("of", "")
    key, _, which = of.partition(":")
    if not key:
        raise Invalid.fields({"of": "Choose what it is of."})
    made = add_standard(ctx, key, account=which or None, manager=which or None)
    _judge_now(ctx, made)
    response = htmx.redirect(request, f"{cards.PATH}/{made.pk}")
    word = "is live" if made.state == "live" else "is a draft: its page says what it lacks"
    return htmx.toast(response, f"{made.name} {word}")


@page("POST", permission=WRITE)
def move(request: HttpRequest, ctx: Context, pk: int, to: str) -> HttpResponse:
    """Bring a scorecard into another state."""
    made = records.update(ctx, registry.get("scorecard"), pk, {"state": to})
    _judge_now(ctx, made)
    told = said(htmx.done(), f"{made.name} is {made.get_state_display().lower()}", getattr(made, "last_change", None))
    return htmx.changed(told)


@page("POST", permission=WRITE)
def answered(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Answer a breach, with an action on the account where one is named."""
    due = request.POST.get("due_on", "").strip()
    one = answer(
        ctx, pk, request.POST.get("answer", "").replace("\x00", ""),
        action=request.POST.get("action", "").replace("\x00", ""), due_on=_day(due, "due_on") if due else None,
    )  # fmt: skip
    return htmx.changed(said(htmx.done(), f"Answered: {one.line.name}", getattr(one, "last_change", None)))


def _judge_now(ctx: Context, made: Scorecard) -> None:
    """Let a card that was just brought into use have its first result."""
    keep_scorecards(system_context(ctx.now), only=[made.pk], breaches=False)


def _day(text: str, name: str = "on") -> date | None:
    if not text:
        return None
    try:
        return parse_day(text)
    except BadValue as bad:
        raise Invalid.fields({name: str(bad)}) from None


def _known(ending: str) -> None:
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")


def _at(asked: Asked, number: int) -> str:
    told = {"level": asked.level, "state": asked.state, "q": asked.q, "page": number if number > 1 else ""}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{cards.PATH}?{query}" if query else cards.PATH


def _finding(rows: list[Any], total: int) -> str:
    """Say in one sentence what the page found."""
    if not total:
        return "No scorecard yet"
    if total > len(rows):
        return f"{total} scorecards"
    red = sum(one.band == "red" for one in rows)
    green = sum(one.band == "green" for one in rows)
    counted = "1 scorecard" if total == 1 else f"{total} scorecards"
    return f"{counted}, {green} green, {red} red"
