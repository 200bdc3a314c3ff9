"""The rulebook: its list, the page of a rule with a form to try it, and the page on which administrators adjust it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.models import RuleOverride
from trackline.accounts.rulebook import pending
from trackline.accounts.rulebook.adjusting import LONGEST_REASON, draft, effect_of, rule_named, save
from trackline.accounts.rulebook.figures import figures
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.watched import watched_rule
from trackline.core.playbook import Rule
from trackline.core.playbook.describe import input_schema
from trackline.core.playbook.fields import read_day
from trackline.core.playbook.parameters import Misplaced, overlay
from trackline.core.playbook.rules import PRESET
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound, Problem
from trackline.watch.past import MONTHS, past_of
from trackline.workspace.queries.rulebook import adjust as adjusting
from trackline.workspace.queries.rulebook import entry, listing, parameters, past, what_if
from trackline.workspace.queries.rulebook import feeds as feeding
from trackline.workspace.queries.rulebook.page import page_of, start_of
from trackline.workspace.queries.rulebook.use import use_of
from trackline.workspace.queries.rulebook.words import about, room_label
from trackline.workspace.web import page

STEP_SECONDS = 1.0
"""A step through a large book takes about so long."""
LIST, RULE, ADJUST = ("workspace/rulebook/list.html", "workspace/rulebook/rule.html", "workspace/rulebook/adjust.html")


@page()
def rules(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List the rules by room, those with all words of `q`."""
    words, room = request.GET.get("q", "").replace("\x00", ""), request.GET.get("room", "")
    found = listing.rooms_of(words, room, ctx.today)
    known = [(key, room_label(key)) for key in listing.rooms()]
    context = {
        "nav_key": "rulebook",
        "crumbs": [{"label": "Rulebook", "url": ""}],
        "rooms": found,
        "q": words,
        "filters": [
            FormField(name="room", kind="choice", label="Room", choices=known, value=room, placeholder="Every room")
        ],
    }
    return htmx.render_partial(request, LIST, "list", context)


@page()
def rule(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """Show a rule; `preset` chooses whose figures, `account` where the what-if form starts."""
    found = rule_named(rule_id)
    shown = page_of(ctx, found, request.GET.get("preset", ""))
    context = {
        "nav_key": "rulebook",
        "crumbs": [{"label": "Rulebook", "url": "/rulebook"}, {"label": found.title, "url": ""}],
        "recent": {"label": found.title, "meta": "Rule"},
        "p": shown,
        "rule": about(found),
        "use": use_of(ctx, found),
        "today": ctx.today,
        "can_adjust": ctx.actor.may(ADMIN),
        "bringing": pending.progress_of(found.id, ctx.today),
        "feeds": feeding.feeds_of(found, ctx.today),
    }
    context |= _form(ctx, found, _number(request.GET.get("account", "")))
    return render(request, RULE, context)


# -- what if -----------------------------------------------------------------------------------------------------------


@page("GET", "HEAD", "POST")
def try_it(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """GET draws the form anew, from an account or the example; POST runs the rule on what the form holds."""
    found = rule_named(rule_id)
    if request.method != "POST":
        return render(request, f"{RULE}#what-if", _form(ctx, found, _number(request.GET.get("account", ""))))
    posted = request.POST.dict()
    start = start_of(ctx, found, _number(posted.get("start", "")))
    schema = input_schema(found)
    inputs = entry.read(schema, posted)
    if "more" in posted or "less" in posted:
        context = _form(ctx, found, start.account, entry.without_row(inputs, posted.get("less", "")), posted)
        return render(request, f"{RULE}#what-if", context)
    preset = posted.get("drawn", "")
    base = _figures(found, start, preset if preset in found.data.presets else "", ctx.today)
    outcome = what_if.run(found, start, inputs, parameters.changes_of(base, posted), day_of(posted, ctx.today))
    return render(
        request, f"{RULE}#outcome", {"rule": about(found), "start": start, "o": outcome, "clock": found.reads_clock}
    )


def _form(
    ctx: Context, rule: Rule, account: int | None, inputs: Any = None, posted: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return what the form holds: filled from where it starts, or with what was entered so far."""
    sent = posted or {}
    start = start_of(ctx, rule, account)
    given = start.inputs if inputs is None else inputs
    on = day_of(sent, ctx.today)
    preset = sent.get("drawn") or given.get(PRESET) or ""
    base = _figures(rule, start, preset if preset in rule.data.presets else "", ctx.today)
    laid = parameters.changes_of(base, sent)
    try:
        held = overlay(base, laid)
    except Misplaced:
        held = base
    chosen = [{"value": str(start.account), "label": start.account_name}] if start.account else []
    return {
        "rule": about(rule),
        "start": start,
        "items": entry.items_of(input_schema(rule), given, more=sent.get("more", "")),
        "groups": parameters.groups_of(rule, held, base),
        "open_figures": bool(laid),
        "drawn": preset,
        "o": what_if.run(rule, start, given, laid, on) if given else None,
        "clock": rule.reads_clock,
        "on": FormField(name="as_of", kind="date", label="As of", value=on.isoformat(), required=True),
        "account": FormField(
            name="account",
            kind="ref",
            label="Start from an account",
            selected=chosen,
            options_url="/r/account/options",
            placeholder="Start from an account",
        ),
        "live": live_rule(rule.id) is not None,
    }


def _figures(rule: Rule, start: what_if.Start, preset: str, on: date) -> dict[str, Any]:
    try:
        return figures(rule, on, preset, start.changes)
    except Misplaced:  # laid over an earlier version of the rule
        return figures(rule, on, preset)


def day_of(posted: dict[str, str], today: date, name: str = "as_of") -> date:
    """Return the day that a form names, or today where it names none that can be read."""
    try:
        return read_day(posted.get(name, ""))
    except ValueError:
        return today


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


# -- adjusting ---------------------------------------------------------------------------------------------------------


@page("GET", "HEAD", "POST", permission=ADMIN)
def adjust(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """GET shows the figures of a scope as a form; POST saves them as a new version."""
    found = rule_named(rule_id)
    if request.method == "POST":
        return _save(request, ctx, found)
    target = adjusting.target_of(ctx, found, request.GET.dict())
    sheet = adjusting.sheet_of(found, target, ctx.today, reset="reset" in request.GET)
    last = RuleOverride.objects.filter(rule=found.id).order_by("-number").values_list("number", flat=True).first() or 0
    context = {
        "nav_key": "rulebook",
        "crumbs": [
            {"label": "Rulebook", "url": "/rulebook"},
            {"label": found.title, "url": f"/rulebook/{found.id}"},
            {"label": "Adjust", "url": ""},
        ],
        "rule": about(found),
        "sheet": sheet,
        "target": target,
        "last": last,
        "save": f"Save v{last + 1}",
        "keep": f"Keep v{last}" if last else "Keep as shipped",
        "back": f"/rulebook/{found.id}",
        "longest": LONGEST_REASON,
        "today": ctx.today,
        "signal": watched_rule(found.id) is not None,
        "months": MONTHS,
    }
    return render(request, ADJUST, context)


@page("POST", permission=ADMIN)
def effect(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """Say what the figures of the form would do to the book; stores nothing. A large book takes several steps, and what
    they found so far is shown."""
    found = rule_named(rule_id)
    posted = request.POST.dict()
    target = adjusting.target_of(ctx, found, posted)
    changes = adjusting.asked_changes(found, target, ctx.today, posted)
    if not changes and not adjusting.sheet_of(found, target, ctx.today).adjusted:
        return render(request, f"{ADJUST}#told", {"told": None, "rule": about(found)})
    try:
        from_on = max(day_of(posted, ctx.today, "from_on"), ctx.today)
        drafted = draft(found, target, changes, from_on=from_on, today=ctx.today)
        seen = adjusting.Seen.read(posted.get("seen", ""))
        looked = effect_of(drafted, ctx, after=seen.after, seconds=STEP_SECONDS)
        told = adjusting.told_of(found, drafted.moves, looked, seen)
    except Invalid as refused:
        told = adjusting.refused_of(found, refused)
    return render(request, f"{ADJUST}#told", {"told": told, "rule": about(found)})


@page("POST", permission=ADMIN)
def look_back(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """Say when a signal would have fired over the last `months` with the figures of the form; stores nothing."""
    found = rule_named(rule_id)
    if watched_rule(found.id) is None:
        raise NotFound(f"{found.title} raises no alerts.")
    posted = request.POST.dict()
    target = adjusting.target_of(ctx, found, posted)
    changes = adjusting.asked_changes(found, target, ctx.today, posted)
    months, seen = past.months_of(posted.get("months", "")), past.Seen.read(posted.get("past_seen", ""))
    context = {"rule": about(found), "months": MONTHS, "chosen": months}
    try:
        if changes:
            draft(found, target, changes, from_on=ctx.today, today=ctx.today)
    except Invalid as refused:
        return render(request, f"{ADJUST}#past", context | {"refused": adjusting.refused_of(found, refused).refused})
    looked = past_of(found, target.slot, changes, ctx.today, months, after=seen.at, seconds=STEP_SECONDS)
    context["past"] = past.past_told(looked, seen, changed=bool(changes))
    return render(request, f"{ADJUST}#past", context)


@page("GET", "POST")
def bringing(request: HttpRequest, ctx: Context, rule_id: str) -> HttpResponse:
    """GET says how far a change of the rule has come on the book; POST, an administrator's, brings it on by a step."""
    found = rule_named(rule_id)
    if request.method == "POST":
        ctx.require(ADMIN)
        pending.begin(ctx.today)
        pending.settle(ctx.now, ctx.today)
    context = {"rule": about(found), "can_adjust": ctx.actor.may(ADMIN), "after": True}
    return render(request, f"{RULE}#bringing", context | {"bringing": pending.progress_of(found.id, ctx.today)})


def _save(request: HttpRequest, ctx: Context, rule: Rule) -> HttpResponse:
    posted = request.POST.dict()
    target = adjusting.target_of(ctx, rule, posted)
    changes = adjusting.asked_changes(rule, target, ctx.today, posted)
    from_on, after = day_of(posted, ctx.today, "from_on"), _number(posted.get("after", ""))
    try:
        row = save(ctx, rule, target, changes, reason=posted.get("reason", ""), from_on=from_on, after=after)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        told = adjusting.refused_of(rule, problem)
        return render(request, f"{ADJUST}#told", {"told": told, "rule": about(rule)}, status=problem.status)
    response = htmx.redirect(request, f"/rulebook/{rule.id}")
    return htmx.toast(response, f"Version {row.number} of {rule.title} is saved")
