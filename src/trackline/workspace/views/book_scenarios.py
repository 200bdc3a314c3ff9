"""Scenarios of the ranking: what would be under other weights, figures, cut-offs or room in tiers. Nothing live changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.models import ScoringScenario
from trackline.book.queries.scenarios import effect_of
from trackline.book.scoring.scenarios import samples, supposing
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Problem
from trackline.kit.records import services
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.queries.book import model_effect, scenarios
from trackline.workspace.views.book_model import CRUMBS, parts
from trackline.workspace.web import page

PATH = "/book/model/scenarios"
FIELDS = ("name", "note", "weights", "figures", "cutoffs", "cuts", "capacities")
LIST, ONE = "workspace/book/scenarios.html", "workspace/book/scenario.html"


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The saved scenarios, each with what it would do, and samples to start from."""
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [*CRUMBS, {"label": "Scenarios", "url": ""}],
        "parts": parts(PATH),
        "saved": scenarios.saved(ctx),
        "samples": samples(),
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }
    return render(request, LIST, frame)


@page("GET", "HEAD", "POST", permission=WRITE)
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """GET shows an empty scenario, or with `from` a sample, as a form; POST saves it."""
    if request.method == "POST":
        return _save(request, ctx, None)
    return _form(request, ctx, scenarios.start_of(request.GET.get("from", "")), None)


@page("GET", "HEAD", "POST")
def one(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """GET shows a saved scenario; POST saves what was changed of it."""
    held: ScoringScenario = get(ctx, registry.get("scoring_scenario"), str(pk))
    if request.method == "POST":
        ctx.require(WRITE)
        return _save(request, ctx, held)
    return _form(request, ctx, {name: getattr(held, name) for name in FIELDS}, held)


@page("POST")
def effect(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Say what the form supposes would do to the ranking; stores nothing."""
    asked = scenarios.asked_scenario(request.POST.dict())
    try:
        what = supposing(asked)
        told = None
        if what.anything:
            told = model_effect.effect_told(effect_of(ctx, what), scenarios.moves_of(ctx, what))
    except Problem as refused:
        if refused.status != 422:
            raise
        told = _refused(ctx, refused)
    return render(request, f"{ONE}#effect", {"told": told})


@page("POST", permission=WRITE)
def discard(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Delete a scenario; it can be taken back."""
    rtype = registry.get("scoring_scenario")
    held = get(ctx, rtype, str(pk))
    services.delete(ctx, rtype, held.pk)
    return htmx.toast(htmx.redirect(request, PATH), f"{held.name} is discarded")


def _form(request: HttpRequest, ctx: Context, start: Mapping[str, Any], held: ScoringScenario | None) -> HttpResponse:
    frame = {
        "nav_key": "book",
        "crumbs": [*CRUMBS, {"label": "Scenarios", "url": PATH}, {"label": held.name if held else "New", "url": ""}],
        "sheet": scenarios.sheet(ctx, start),
        "held": held,
        "action": f"{PATH}/{held.pk}" if held else f"{PATH}/new",
        "can_write": ctx.actor.may(WRITE),
        "today": ctx.today,
    }
    return render(request, ONE, frame)


def _save(request: HttpRequest, ctx: Context, held: ScoringScenario | None) -> HttpResponse:
    posted = request.POST.dict()
    data = scenarios.asked_scenario(posted) | {name: posted.get(name, "").strip() for name in ("name", "note")}
    rtype = registry.get("scoring_scenario")
    version = posted.get("version", "")
    try:
        if held is None:
            made: ScoringScenario = services.create(ctx, rtype, data)
        else:
            expected = int(version) if version.isdecimal() and len(version) < 10 else None
            made = services.update(ctx, rtype, held.pk, data, expected_version=expected)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        return render(request, f"{ONE}#effect", {"told": _refused(ctx, problem)}, status=problem.status)
    return htmx.toast(htmx.redirect(request, f"{PATH}/{made.pk}"), f"{made.name} is saved; the live ranking stays")


def _refused(ctx: Context, problem: Problem) -> model_effect.ModelEffectTold:
    labels = scenarios.labels(ctx)
    words = {
        "weights": "factor on the weight", "figures": "factor on the figure", "cuts": "tier begins at",
        "capacities": "most accounts in tier", "cutoffs": "Cut-offs", "name": "Name", "note": "What it asks",
    }  # fmt: skip
    told = []
    for error in problem.errors or [{"loc": [], "msg": str(problem)}]:
        loc = [str(part) for part in error["loc"]]
        place = words.get(loc[0], "") if loc else ""
        at = labels.get(loc[1], f"Tier {loc[1]}") if len(loc) > 1 else ""
        told.append((f"{at}, {place}" if at else place, str(error["msg"])))
    return model_effect.ModelEffectTold(refused=told)
