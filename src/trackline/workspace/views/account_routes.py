"""Routes of an account, or of it with all below, by the stages of a pipeline: as board, as table, over time."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.http import urlencode

from trackline.align.models import Route
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.account import route_timeline
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.routes import Ladder, ladder_of, route_board, routes_of
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.tables import Computed

Drawn = dict[str, Any]
VIEWS = (("", "Board"), ("table", "Table"), ("timeline", "Timeline"))
SHAPES = {"": "route_board.html", "table": "routes_bar.html", "timeline": "route_timeline.html"}
FILTERS = ("pipeline", "owner", "type")


def routes(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    """Return the routes as board, as table (`?view=table`) or over time (`?view=timeline`).

    `?pipeline=` names one, or `all` for all of them by state; `owner` and `type` narrow.
    """
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    view = request.GET.get("view", "")
    view = view if view in SHAPES else ""
    ladder = ladder_of(head, asked["pipeline"])
    narrowed = bool(asked["owner"] or asked["type"])
    drawn: Drawn = {
        "picture": f"workspace/account/{SHAPES[view]}",
        "view": view,
        "views": _views(head, view, {name: value for name, value in asked.items() if value}),
        "filters": _filters(head, ladder, asked),
        "narrowed": narrowed,
        "clear": _query(head, view=view, pipeline=asked["pipeline"]),
        "add": acts.create("route", "Route", account=head.account.pk) if head.can_write else None,
        "instead": view != "table",
    }
    if view == "table":
        return drawn | {
            "filtered": _table_filters(ladder, asked),
            "columns": _columns(ladder),
            "address": request.get_full_path(),
            "order": request.GET.get("order", ""),
            "cursor": request.GET.get("cursor", ""),
        }
    if view == "timeline":
        return drawn | {"plan": route_timeline.route_timeline(head, ladder, _condition(asked))}
    board = route_board(head, ladder, narrowed=_condition(asked), can_reopen=ctx.actor.may(ADMIN))
    return drawn | {"board": board, "ladder": ladder}


def _query(head: Head, **values: str) -> str:
    """The query of a page of routes, with what is not empty; `?` alone stands for the page itself."""
    kept = {"group": "1"} if head.together else {}
    return "?" + urlencode(kept | {name: value for name, value in values.items() if value})


def _views(head: Head, view: str, asked: dict[str, str]) -> list[Drawn]:
    base = f"{head.url}/align/routes"
    return [
        {"label": label, "url": (base + _query(head, view=key, **asked)).rstrip("?"), "current": key == view}
        for key, label in VIEWS
    ]


def _filters(head: Head, ladder: Ladder, asked: dict[str, str]) -> list[FormField]:
    rows = routes_of(head).filter(owner__isnull=False).order_by("owner__name")
    owners = [(str(pk), name) for pk, name in rows.values_list("owner", "owner__name").distinct()]
    return [
        FormField(name="pipeline", kind="choice", label="Pipeline", choices=ladder.choices, value=ladder.key, required=True, widget="select"),
        FormField(name="owner", kind="choice", label="Owner", choices=owners, value=asked["owner"], placeholder="Owner: anyone"),
        FormField(name="type", kind="choice", label="Type", choices=Route.Type.choices, value=asked["type"], placeholder="Type: all"),
    ]  # fmt: skip


def _condition(asked: dict[str, str]) -> Q:
    found = Q()
    if asked["owner"].isdecimal() and len(asked["owner"]) < 19:
        found &= Q(owner=int(asked["owner"]))
    return found & Q(type=asked["type"]) if asked["type"] in Route.Type.values else found


def _table_filters(ladder: Ladder, asked: dict[str, str]) -> dict[str, str]:
    found = {"pipeline": str(ladder.pipeline.pk)} if ladder.pipeline else {}
    if asked["owner"].isdecimal() and len(asked["owner"]) < 19:
        found["owner"] = asked["owner"]
    return found | ({"type": asked["type"]} if asked["type"] in Route.Type.values else {})


def _columns(ladder: Ladder) -> tuple[str | Computed, ...]:
    """The columns of the table: the stage in its pipeline's words beside what routes always show."""

    def stage(item: Item, _facts: Facts) -> str:
        stages = ladder.steps.get(int(item["pipeline"]) if item["pipeline"] else 0, ())
        here = next((one for one in stages if one.key == item["stage"]), None)
        return here.name if here else ""

    shown = Computed("place", "Stage", stage, needs=("pipeline", "stage"))
    return ("title", shown, "type", "state", "value", "probability", "expected_close_on", "owner", "projects")
