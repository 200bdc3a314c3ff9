"""Starting a playbook and moving an anchor date, each in a dialog that shows first what it will do; dating from the board."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.dateparse import parse_date

from trackline.choose import moving
from trackline.choose.dating import to_column
from trackline.kit import formats, htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound, Problem
from trackline.kit.records import services
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.watch.services import start_play
from trackline.workspace.queries import playing
from trackline.workspace.records import addresses
from trackline.workspace.records.views.common import done, touched
from trackline.workspace.web import page


@page("GET", "POST")
def start(request: HttpRequest, ctx: Context) -> HttpResponse:
    """GET: the plan of a playbook on an account, drawn anew with each entry. POST: starts it."""
    ctx.require(registry.get("play").write_permission)
    sent = request.GET if request.method == "GET" else request.POST
    asked = _asked(ctx, sent)
    form = playing.start_form(ctx, asked)
    if request.method == "GET":
        return render(request, "workspace/records/start.html", {"form": form})
    try:
        play = _started(ctx, form)
    except Problem as problem:
        return render(
            request, "workspace/records/start.html", {"form": form, "problem": problem}, status=problem.status
        )
    count = play.steps.filter(deleted_at__isnull=True).count()
    text = f"{play.title}: {count} steps, from {formats.day(play.start_on)}"
    response = htmx.toast(htmx.done(), text, addresses.undo(play.last_change.pk))
    return htmx.close_dialog(touched(htmx.changed(response), registry.get("play"), play))


@page("GET", "POST")
def move(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """GET: what moving the anchor date does (`to`). POST: moves it."""
    rtype = registry.get("play")
    ctx.require(rtype.write_permission)
    play = get(ctx, rtype, pk)
    sent = request.GET if request.method == "GET" else request.POST
    to = _day(sent.get("to", "")) or play.anchor_on or ctx.today
    if request.method == "GET":
        context = {"move": moving.preview(ctx, pk, to), "today": ctx.today, "url": addresses.act(rtype, pk, "move")}
        return render(request, "workspace/records/move.html", context)
    moved = moving.move(ctx, pk, to)
    change = getattr(moved, "last_change", None)
    if change is None:
        return htmx.close_dialog(htmx.done())
    text = f"{moved.title}: now counted from {formats.day(to)}"
    response = htmx.toast(htmx.done(), text, addresses.undo_batch(change.batch))
    return htmx.close_dialog(touched(htmx.changed(response), rtype, moved))


@page("POST")
def redate(request: HttpRequest, ctx: Context, name: str, pk: int) -> HttpResponse:
    """Date a play or a step by the column of the board (`to`) that its card was moved to."""
    if name not in ("play", "step"):
        raise NotFound("There is no such page.")
    rtype = registry.get(name)
    ctx.require(rtype.write_permission)
    before = get(ctx, rtype, pk).due_on
    record = to_column(ctx, name, pk, request.POST.get("to", ""))
    change = getattr(record, "last_change", None)
    if change is None:
        return htmx.changed(htmx.done())
    was = f", was {formats.day(before, ctx.today)}" if before else ""
    return done(f"{record}: due {formats.day(record.due_on, ctx.today)}{was}", rtype, record, change)


def _started(ctx: Context, form: playing.StartForm) -> Any:
    asked = form.asked
    if asked.playbook is None or form.plan is None or form.owner is None:
        raise Invalid.fields({"playbook": "Choose a playbook."})
    data: dict[str, Any] = {
        "playbook": asked.playbook.pk,
        "anchor_on": form.plan.anchor_on,
        "start_on": ctx.today,
        "status": "planned",
        "owner": int(form.owner.value) if form.owner.value else None,
        "owners": {role: str(pk) for role, pk in asked.owners.items()},
        "left_out": playing.left_out(asked),
    }
    if asked.alert:
        title = f"{asked.playbook.title}: {asked.alert.title}"[:250]
        return start_play(ctx, asked.alert.pk, chosen=data | {"title": title})
    data |= {"account": asked.account.pk, "renewal": asked.renewal.pk if asked.renewal else None}
    data |= {"routes": [asked.route.pk] if asked.route else []}
    return services.create(ctx, registry.get("play"), data)


def _asked(ctx: Context, sent: QueryDict) -> playing.Asked:
    found = {name: playing.origin_of(ctx, name, sent[name]) for name in playing.FROM if sent.get(name)}
    if sent.get("account"):
        account = get(ctx, registry.get("account"), sent["account"])
    elif found:
        account = next(iter(found.values())).account
    else:
        raise NotFound("There is no such account.")
    if any(record.account_id != account.pk for record in found.values()):
        raise NotFound("There is no such record on this account.")
    book = get(ctx, registry.get("playbook"), sent["playbook"]) if sent.get("playbook") else None
    typed = {name: str(value) for name, value in sent.items()}
    owners = {
        name.removeprefix("owner_"): int(value)
        for name, value in typed.items()
        if name.startswith("owner_") and _is_id(value)
    }
    owner = typed.get("owner", "")
    return playing.Asked(
        account=account,
        playbook=book,
        anchor_on=_day(sent.get("anchor_on", "")),
        owner=int(owner) if _is_id(owner) else None,
        owners=owners,
        step=sent.getlist("step") if sent.get("chosen") == (str(book.pk) if book else "") else None,
        **{name: found.get(name) for name in playing.FROM},
    )


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
