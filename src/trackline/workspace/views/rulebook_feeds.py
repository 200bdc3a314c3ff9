"""The page on which administrators choose what feeds a rule, with the effect on the book before it is saved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.rulebook.adjusting import LONGEST_REASON, rule_named, said_why
from trackline.accounts.rulebook.fed import shipped_feeds
from trackline.accounts.rulebook.rewiring import change_feeds, effect_of_feeds
from trackline.core.playbook import Rule
from trackline.kit import htmx
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.workspace.queries.rulebook import feeds as feeding
from trackline.workspace.queries.rulebook.adjust import Seen, Told, told_of
from trackline.workspace.queries.rulebook.words import about, words_of
from trackline.workspace.views.rulebook import STEP_SECONDS, day_of
from trackline.workspace.web import page

PAGE, TOLD = "workspace/rulebook/feeds.html", "workspace/rulebook/adjust.html#told"
NAMES = {"reason": "Why", "from_on": "In force from"}


@page("GET", "HEAD", "POST", permission=ADMIN)
def feeds(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """GET shows what feeds a rule as a form; POST saves it with a reason."""
    found = rule_named(rule_id)
    sheet = feeding.sheet_of(found, ctx.today, reset="reset" in request.GET)
    if sheet is None:
        raise NotFound(f"There is nothing to choose of what feeds {found.title}.")
    if request.method == "POST":
        return _save(request, ctx, found)
    context = {
        "nav_key": "rulebook",
        "crumbs": [
            {"label": "Rulebook", "url": "/rulebook"},
            {"label": found.title, "url": f"/rulebook/{found.id}"},
            {"label": "Feeds", "url": ""},
        ],
        "rule": about(found),
        "sheet": sheet,
        "today": ctx.today,
        "back": f"/rulebook/{found.id}",
        "longest": LONGEST_REASON,
    }
    return render(request, PAGE, context)


@page("POST", permission=ADMIN)
def effect(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """Say what the feeds of the form would do to the book; stores nothing."""
    found, posted = rule_named(rule_id), request.POST.dict()
    changes, seen = feeding.asked_feeds(found, posted), Seen.read(posted.get("seen", ""))
    since = max(day_of(posted, ctx.today, "from_on"), ctx.today)
    try:
        told = told_of(
            found,
            [],
            effect_of_feeds(ctx, found.id, changes, from_on=since, after=seen.after, seconds=STEP_SECONDS),
            seen,
        )
    except Invalid as refused:
        told = _refused(found, refused)
    return _told(request, found, told)


def _save(request: HttpRequest, ctx: Context, rule: Rule) -> HttpResponse:
    posted = request.POST.dict()
    try:
        reason = said_why(posted.get("reason", ""))
        from_on = day_of(posted, ctx.today, "from_on")
        change_feeds(ctx, rule.id, feeding.asked_feeds(rule, posted), from_on=from_on, reason=reason)
    except Invalid as refused:
        return _told(request, rule, _refused(rule, refused), status=422)
    return htmx.toast(htmx.redirect(request, f"/rulebook/{rule.id}"), f"What feeds {rule.title} is changed")


def _told(request: HttpRequest, rule: Rule, told: Told, status: int = 200) -> HttpResponse:
    return render(request, TOLD, {"told": told, "rule": about(rule), "feeds": True}, status=status)


def _refused(rule: Rule, problem: Invalid) -> Told:
    """Each fault beside the input that it is about."""
    return Told(
        refused=[(_label(rule, [str(part) for part in error["loc"]]), error["msg"]) for error in problem.errors]
    )


def _label(rule: Rule, loc: list[str]) -> str:
    if loc[0] == "inputs" and len(loc) > 1:
        feeds = shipped_feeds(rule.id)
        return feeds.inputs[loc[1]].label if feeds and loc[1] in feeds.inputs else words_of(loc[1])
    if loc[0] == "max_age_days" and len(loc) > 1:
        return words_of(loc[1])
    return NAMES.get(loc[0], words_of(loc[0]))
