"""The scoring model: what it weighs, its versions, and the form in which administrators change it, with the effect first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.models import User
from trackline.accounts.rulebook.adjusting import LONGEST_REASON
from trackline.book.editing import draft_model, effect_of_model, save_model
from trackline.book.models import ScoringModel
from trackline.book.rules.scoring_model import shipped
from trackline.book.scoring.signatures import SIDES, needed, sign, unsign, waits_for
from trackline.book.versions import model_in_force
from trackline.kit import htmx
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Problem
from trackline.workspace.queries.book import figures, model, model_effect, model_sheet
from trackline.workspace.queries.book.ranking import latest_run
from trackline.workspace.web import page

READ, CHANGE = "workspace/book/model.html", "workspace/book/model_change.html"
CRUMBS = ({"label": "Book", "url": "/book"}, {"label": "Scoring model", "url": "/book/model"})
PARTS = (
    ("Model", "/book/model"),
    ("Figures", "/book/model/figures-used"),
    ("Back-test", "/book/model/back-test"),
    ("Scenarios", "/book/model/scenarios"),
)


def parts(current: str) -> list[dict[str, Any]]:
    """Return the pages about the scoring model."""
    return [{"label": label, "url": url, "current": url == current} for label, url in PARTS]


@page()
def read(request: HttpRequest, ctx: Context) -> HttpResponse:
    """What the model in force weighs, and its versions."""
    run = latest_run()
    fed_by = {row["key"]: row["fed_by"] or "" for row in run.criteria} if run else {}
    told = model.told(ctx, fed_by)
    context = {
        "nav_key": "book",
        "crumbs": [CRUMBS[0], {"label": "Scoring model", "url": ""}],
        "parts": parts("/book/model"),
        "told": told,
        "stale": bool(run and told and run.model_id != told.row.pk),
        "can_change": ctx.actor.may(ADMIN),
        "today": ctx.today,
        "waiting": [line for line in told.lines if line.waits_for] if told else [],
    }
    return render(request, READ, context)


@page("GET", "HEAD", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context) -> HttpResponse:
    """GET shows the model in force, or with `from` another version, as a form; POST saves it as a new version."""
    if request.method == "POST":
        return _save(request, ctx)
    held = _held(ctx, request.GET.get("from", ""))
    newest = ScoringModel.objects.alive().select_related(*SIDES).order_by("-pk").first()
    context = _form(held, signers={side: getattr(newest, side, None) for side in SIDES}) | {
        "least": needed(),
        "nav_key": "book",
        "crumbs": [*CRUMBS, {"label": "Change", "url": ""}],
        "today": ctx.today,
        "after": newest.pk if newest else "",
        "longest": LONGEST_REASON,
    }
    return render(request, CHANGE, context)


@page("POST")
def signature(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Sign a version for the side whose field is sent as true, or take that signature back."""
    side = next((side for side in SIDES if f"{side}_signed" in request.POST), "")
    if request.POST.get(f"{side}_signed") == "true":
        made = sign(ctx, pk, side)
        waits = ", ".join(SIDES[one] for one in waits_for(made))
        words = f"Signed; it waits for signatures: {waits}" if waits else f"{made.name} is signed"
    else:
        made, words = unsign(ctx, pk, side), "The signature is taken back"
    return htmx.changed(htmx.toast(htmx.done(), words))


@page("POST", permission=ADMIN)
def form(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Draw the criteria anew with one more, or without the one that `less` names."""
    posted = request.POST.dict()
    asked = model_sheet.asked_model(_held(ctx), posted, less=posted.get("less", ""))
    return render(request, f"{CHANGE}#criteria", _form(asked, more="more" in posted))


@page("POST", permission=ADMIN)
def effect(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Say what the model of the form would do to the book; stores nothing."""
    posted = request.POST.dict()
    held = _held(ctx)
    asked = model_sheet.asked_model(held, posted)
    try:
        draft = draft_model(ctx, asked | {"from_on": posted.get("from_on", "")})
        before = model_in_force(ctx.today)
        known = {one.value: one for one in figures.choices()}
        moves = model.moves_of(before, draft, known) if before else []
        told = model_effect.effect_told(effect_of_model(ctx, draft), moves) if moves or not before else None
    except Problem as refused:
        if refused.status != 422:
            raise
        told = model_effect.refused(refused.errors, asked["criteria"])
    return render(request, f"{CHANGE}#effect", {"told": told})


@page(permission=ADMIN)
def offered(request: HttpRequest, _ctx: Context) -> HttpResponse:
    """Figures that match what was typed."""
    query = request.GET.get("q", "").replace("\x00", "")
    found, more = figures.offered(query)
    options = [{"value": one.value, "label": one.label, "meta": one.meta} for one in found]
    return render(request, "kit/c/options.html", {"options": options, "more": more, "query": query})


def _save(request: HttpRequest, ctx: Context) -> HttpResponse:
    posted = request.POST.dict()
    asked = model_sheet.asked_model(_held(ctx), posted)
    after = posted.get("after", "")
    try:
        made = save_model(
            ctx,
            asked | {"from_on": posted.get("from_on", "")},
            reason=posted.get("reason", ""),
            after=int(after) if after.isdecimal() and len(after) < 19 else None,
            signers={side: posted[side] for side in SIDES if side in posted},
        )
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        told = model_effect.refused(problem.errors, asked["criteria"])
        return render(request, f"{CHANGE}#effect", {"told": told}, status=problem.status)
    response = htmx.redirect(request, "/book/model")
    waits = ", ".join(SIDES[side] for side in waits_for(made))
    said = f"A new version of {made.name} is saved"
    return htmx.toast(response, f"{said}; it waits for signatures: {waits}" if waits else said)


def _held(ctx: Context, pk: str = "") -> Mapping[str, Any]:
    """Return a version, else the model in force, else the shipped one."""
    found = None
    if pk.isdecimal() and len(pk) < 19:
        found = ScoringModel.objects.alive().filter(pk=pk).first()
    found = found or model_in_force(ctx.today)
    if found is None:
        return dict(shipped())
    return {name: getattr(found, name) for name in ("name", "normaliser", "cutoffs", "criteria")}


def _form(
    held: Mapping[str, Any], *, more: bool = False, signers: Mapping[str, User | None] | None = None
) -> dict[str, Any]:
    return {"sheet": model_sheet.sheet(held, more=more, signers=signers)}
