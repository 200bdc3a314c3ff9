"""What records choose from: products, pipelines and their stages, metrics, journey dimensions, playbooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse

from trackline.align.models import Pipeline, Route, Stage
from trackline.kit.policy import Context
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses, tables
from trackline.workspace.records.cells import may_edit
from trackline.workspace.records.labels import with_article
from trackline.workspace.views.settings.frame import draw
from trackline.workspace.web import page

OWN = ("panel",)


@page()
def pipelines(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show each pipeline with its stages, and how many routes stand in each."""
    stage = registry.get("stage")
    counts = _routes_by_stage()
    columns = (
        "name",
        "state",
        "probability",
        "position",
        tables.Computed("routes", "Routes", _routes(counts), css="right"),
    )
    whole = tables.build(ctx, stage, params=ListParams(order="position", limit=200), columns=columns, name="stages")
    rows: dict[int, list[tables.Row]] = {}
    for row in whole.rows:
        rows.setdefault(int(row.item["pipeline"]), []).append(row)
    shown = []
    for pipeline in Pipeline.objects.alive().order_by("-active", "-is_default", "name"):
        routes = sum(count for (owner, _key), count in counts.items() if owner == pipeline.pk)
        shown.append({"pipeline": pipeline, "t": _part(whole, pipeline, rows.get(pipeline.pk, [])), "routes": routes})
    context = {"shown": shown, "can_edit": may_edit(ctx, stage), "rtype": registry.get("pipeline")}
    if context["can_edit"]:
        context["tool"] = _add(registry.get("pipeline"))
    return draw(request, ctx, "pipelines", "workspace/settings/pipelines.html", context)


def listing(key: str, name: str, columns: tuple[str, ...] = ()) -> Callable[..., HttpResponse]:
    """Make the page of one record type: a table that is searched, edited in place and added to."""

    @page()
    def view(request: HttpRequest, ctx: Context) -> HttpResponse:
        rtype = registry.get(name)
        asked = {field: value for field, value in request.GET.dict().items() if field not in OWN and value}
        table = tables.build(
            ctx,
            rtype,
            params=ListParams.of(asked),
            columns=columns,
            url=request.get_full_path(),
            name="list",
            add_key="n",
        )
        context: dict[str, Any] = {
            "t": table,
            "rtype": rtype,
            "q": asked.get("q", ""),
            "can_edit": may_edit(ctx, rtype),
            "tool": _add(rtype) if may_edit(ctx, rtype) else None,
            "extra": [(field, value) for field, value in asked.items() if field not in ("q", "cursor")],
        }
        return draw(request, ctx, key, "workspace/settings/catalogue.html", context)

    return view


products = listing("products", "product")
metrics = listing("metrics", "metric", ("name", "key", "unit", "direction", "refresh", "account", "active"))
journey = listing("journey", "journey_dimension")
playbooks = listing("playbooks", "playbook")


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


def _add(rtype: RecordType) -> dict[str, str]:
    label = f"Add {with_article(rtype)}"
    return {
        "label": label,
        "icon": "plus",
        "url": addresses.new(rtype),
        "panel": addresses.new_panel(rtype),
        "key": "n",
    }


def _routes_by_stage() -> dict[tuple[int, str], int]:
    rows = Route.objects.filter(deleted_at__isnull=True, pipeline__isnull=False).exclude(stage="")
    counted = rows.order_by().values_list("pipeline_id", "stage").annotate(n=Count("pk"))
    return {(pipeline, stage): count for pipeline, stage, count in counted}


def _routes(counts: dict[tuple[int, str], int]) -> Callable[..., str]:
    keys = dict(Stage.objects.filter(Q(deleted_at__isnull=True)).values_list("pk", "key"))

    def draw_count(item: Any, _facts: Any) -> str:
        return str(counts.get((int(item["pipeline"]), keys.get(int(item["id"]), "")), 0))

    return draw_count
