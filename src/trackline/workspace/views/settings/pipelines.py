"""Pipelines with their stages: order, gate, and what becomes of the routes of a stage that goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.align.models import Pipeline, Route, Stage
from trackline.align.pipelines import move_stage, retire_stage
from trackline.align.rules.stage_checks import CHECKS
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Problem
from trackline.kit.records import services
from trackline.kit.records.queries import ListParams, get
from trackline.kit.records.types import registry
from trackline.kit.templatetags.tl import icon
from trackline.workspace.records import addresses, tables
from trackline.workspace.records.cells import may_edit
from trackline.workspace.records.views.common import done
from trackline.workspace.views.settings.catalogue import add_button
from trackline.workspace.views.settings.frame import Dialog, draw, show_dialog
from trackline.workspace.web import page


@page()
def pipelines(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show each pipeline with its stages, and how many routes stand in each."""
    stage = registry.get("stage")
    counts = _routes_by_stage()
    columns = (
        "name",
        "state",
        "probability",
        tables.Computed("gate", "Gate", _gate(), css="wrap"),
        tables.Computed("routes", "Routes", _routes(counts), css="right"),
    )
    whole = tables.build(
        ctx,
        stage,
        params=ListParams(order="position", limit=200),
        columns=columns,
        name="stages",
        removable=False,
        actions=_actions if may_edit(ctx, stage) else None,
    )
    rows: dict[int, list[tables.Row]] = {}
    for row in whole.rows:
        rows.setdefault(int(row.item["pipeline"]), []).append(row)
    shown = []
    for pipeline in Pipeline.objects.alive().order_by("-active", "-is_default", "name"):
        routes = sum(count for (owner, _key), count in counts.items() if owner == pipeline.pk)
        shown.append({"pipeline": pipeline, "t": _part(whole, pipeline, rows.get(pipeline.pk, [])), "routes": routes})
    context = {"shown": shown, "can_edit": may_edit(ctx, stage), "rtype": registry.get("pipeline")}
    if context["can_edit"]:
        context["tool"] = add_button(registry.get("pipeline"))
    return draw(request, ctx, "pipelines", "workspace/settings/pipelines.html", context)


@page("POST", permission=ADMIN)
def move(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Move a stage one place `to=up` or `to=down`."""
    stage = move_stage(ctx, pk, -1 if request.POST.get("to") == "up" else 1)
    text, batch = f"{stage.name} moved", stage.last_change.batch
    return htmx.changed(htmx.toast(htmx.done(), text, addresses.undo_batch(batch)))


@page("GET", "POST", permission=ADMIN)
def gate(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Choose what a stage requires of a route that enters it, and what it advises."""
    rtype = registry.get("stage")
    stage = get(ctx, rtype, pk)
    chosen = {
        name: request.POST.getlist(name) if request.method == "POST" else getattr(stage, name)
        for name in ("needs", "advises")
    }
    dialog = Dialog(
        title=f"Gate of {stage.name}",
        text=f"What the state {stage.get_state_display()} asks for always holds; this comes on top when a route moves forward.",
        action=f"/settings/pipelines/stage/{pk}/gate",
        confirm="Save the gate",
        fields=[
            FormField(name="needs", label="Required: no move without", kind="several", choices=list(CHECKS.items()), value=chosen["needs"]),
            FormField(name="advises", label="Advised: a move warns", kind="several", choices=list(CHECKS.items()), value=chosen["advises"]),
        ],
    )  # fmt: skip
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        data = {name: [key for key in keys if key] for name, keys in chosen.items()}
        saved = services.update(ctx, rtype, pk, data)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return htmx.close_dialog(done(f"Gate of {saved.name} saved", rtype, saved, getattr(saved, "last_change", None)))


@page("GET", "POST", permission=ADMIN)
def remove(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Remove a stage; its routes go to the stage chosen, all of it in one batch that can be undone."""
    stage = get(ctx, registry.get("stage"), pk)
    count = Route.objects.filter(pipeline_id=stage.pipeline_id, stage=stage.key, deleted_at__isnull=True).count()
    others = Stage.objects.alive().filter(pipeline_id=stage.pipeline_id).exclude(pk=pk).order_by("position")
    near = sorted(others, key=lambda one: (one.state != stage.state, abs(one.position - stage.position)))
    fields = [
        FormField(
            name="to", label=f"Its {count} route{'s go' if count > 1 else ' goes'} to", kind="choice", required=True,
            choices=[(str(one.pk), one.name) for one in near],
            value=request.POST.get("to", str(near[0].pk) if near else ""),
        )
    ] if count else []  # fmt: skip
    dialog = Dialog(
        title=f"Remove {stage.name}",
        text="" if count else "No route stands in it.",
        action=f"/settings/pipelines/stage/{pk}/remove",
        confirm="Remove the stage",
        fields=fields,
        danger=True,
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    to = request.POST.get("to", "")
    try:
        batch = retire_stage(ctx, pk, int(to) if to.isdecimal() and len(to) < 19 else None)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    moved = f", {count} route{'s' if count > 1 else ''} moved" if count else ""
    response = htmx.toast(htmx.done(), f"{stage.name} removed{moved}", addresses.undo_batch(batch))
    return htmx.close_dialog(htmx.changed(response))


def _gate() -> Callable[..., SafeString]:
    """A cell that says what a stage asks for."""

    def draw_gate(item: Any, _facts: Any) -> SafeString:
        needs = [CHECKS.get(key, key) for key in item["needs"]]
        advises = [CHECKS.get(key, key) for key in item["advises"]]
        parts = [", ".join(needs)] if needs else []
        parts += [f"advised: {', '.join(one[0].lower() + one[1:] for one in advises)}"] if advises else []
        if not parts:
            return mark_safe('<span class="text-3">of its state</span>')
        return format_html('<span class="small">{}</span>', "; ".join(parts))

    return draw_gate


def _actions(item: Any) -> SafeString:
    """Buttons of a stage: up, down, its gate, removing it."""
    return format_html(
        '<span class="row nowrap"><button class="btn ghost icon-only small" type="button" hx-post="/settings/pipelines/stage/{0}/move" '
        "hx-vals='{{\"to\": \"up\"}}' hx-swap=\"none\" data-focus=\"up-{0}\"><span class=\"sr\">Move {1} up</span>{2}</button>"
        '<button class="btn ghost icon-only small" type="button" hx-post="/settings/pipelines/stage/{0}/move" '
        "hx-vals='{{\"to\": \"down\"}}' hx-swap=\"none\" data-focus=\"down-{0}\"><span class=\"sr\">Move {1} down</span>{3}</button>"
        '<button class="btn ghost small" type="button" hx-get="/settings/pipelines/stage/{0}/gate" hx-target="#dialog" '
        'hx-swap="innerHTML">Gate<span class="sr"> of {1}</span></button>'
        '<button class="btn ghost small" type="button" hx-get="/settings/pipelines/stage/{0}/remove" hx-target="#dialog" '
        'hx-swap="innerHTML">Remove<span class="sr"> {1}</span></button></span>',
        item["id"], item["name"], icon("chevron-up"), icon("chevron-down"),
    )  # fmt: skip


def _part(whole: tables.Table, pipeline: Pipeline, rows: list[tables.Row]) -> tables.Table:
    """The stages of one pipeline out of the table of all: one reading, whatever the number of pipelines."""
    given = {"pipeline": pipeline.pk}
    add = whole.add and replace(
        whole.add,
        id=f"add-stage-{pipeline.pk}",
        url=addresses.new(whole.rtype, given),
        panel=addresses.new_panel(whole.rtype, given),
    )
    headers = [replace(header, url="", state="none") for header in whole.headers]
    return replace(
        whole,
        id=f"stages-{pipeline.pk}",
        label=f"Stages of {pipeline.name}",
        headers=headers,
        rows=rows,
        add=add,
        next_url="",
        empty_text="A pipeline needs at least one stage for routes to stand in.",
    )


def _routes_by_stage() -> dict[tuple[int, str], int]:
    rows = Route.objects.filter(deleted_at__isnull=True, pipeline__isnull=False).exclude(stage="")
    counted = rows.order_by().values_list("pipeline_id", "stage").annotate(n=Count("pk"))
    return {(pipeline, stage): count for pipeline, stage, count in counted}


def _routes(counts: dict[tuple[int, str], int]) -> Callable[..., str]:
    keys = dict(Stage.objects.filter(Q(deleted_at__isnull=True)).values_list("pk", "key"))

    def draw_count(item: Any, _facts: Any) -> str:
        return str(counts.get((int(item["pipeline"]), keys.get(int(item["id"]), "")), 0))

    return draw_count
