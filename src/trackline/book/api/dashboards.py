"""Endpoints of dashboards: the gallery of tiles, what a dashboard shows, the rows behind a tile, a copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.query import NARROWED, Query
from trackline.book.dashboards import services
from trackline.book.dashboards.boards import board_of, rows_of
from trackline.book.dashboards.gallery import TileKind, gallery
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import resolve, stored_json
from trackline.kit.records.types import registry

router = Router()
TAG = "Dashboards"
_OBJECTS = {"type": "array", "items": {"type": "object"}}
_FOUND: dict[str, Any] = {
    "id": "t1", "kind": "arr", "shape": "figure", "title": "ARR", "unit": "currency", "currency": "EUR", "value": 23610000,
    "words": "€23.61m", "band": None, "detail": "26 accounts", "change": 4.2, "since": "in 12 months", "points": [],
    "as_of": "2026-11-23", "how": "The newest reading of the metric ARR, else the contracts in force.", "rule": None, "notes": [],
}  # fmt: skip


@router.get(
    "/dashboard-tiles",
    **operation(
        "list_dashboard_tiles",
        "Gallery of tiles",
        tag=TAG,
        permission=READ,
        description="The tiles that a dashboard may hold: what each answers, how it is computed, its usual size and what can be "
        "chosen of it. `key` is the `kind` of a tile.",
        answers={
            200: returns(
                "The gallery.",
                {"type": "object", "properties": {"tiles": _OBJECTS}, "required": ["tiles"]},
                {"tiles": [{"key": "arr", "shape": "figure", "group": "Revenue", "title": "ARR", "says": "What the accounts bring in a year.",
                            "how": "Added up at stored rates.", "rule": None, "w": 3, "h": 2, "options": []}]},
            )
        },
    ),
)  # fmt: skip
def tiles(request: HttpRequest) -> HttpResponse:
    """Answer the gallery."""
    ctx = context_of(request)
    ctx.require(READ)
    Query(request, ctx).done()
    return answer({"tiles": [_kind(kind) for kind in gallery().kinds.values()]})


def _kind(kind: TileKind) -> dict[str, Any]:
    return {
        "key": kind.key, "shape": kind.shape, "group": gallery().groups[kind.group], "title": kind.title, "says": kind.says,
        "how": kind.how, "rule": kind.rule or None, "w": kind.w, "h": kind.h,
        "options": [
            {"name": one.name, "label": one.label, "choices": dict(one.choices), "from": one.source or None,
             "default": one.default, "help": one.help}
            for one in kind.options.values()
        ],
    }  # fmt: skip


@router.get(
    "/dashboards/{id}/figures",
    **operation(
        "get_dashboard_figures",
        "What a dashboard shows",
        tag=TAG,
        permission=READ,
        description="Each tile with what it found now, of the accounts that the caller sees. A filter takes the place of those "
        "the dashboard keeps. `words` is the figure as it reads, `points` the picture, `missing` why there is none, `notes` "
        "what was left out.",
        parameters=NARROWED,
        answers={
            200: returns(
                "The tiles in their order.",
                {
                    "type": "object",
                    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "filters": {"type": "object"}, "as_of": {"type": "string", "format": "date"}, "tiles": _OBJECTS},
                    "required": ["id", "name", "filters", "as_of", "tiles"],
                },
                {"id": "3", "name": "Where the book stands", "filters": {"region": "EMEA"}, "as_of": "2026-11-23", "tiles": [_FOUND]},
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def figures(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer what a dashboard shows."""
    ctx = context_of(request)
    query = Query(request, ctx)
    filters = query.filters()
    query.done()
    board = board_of(ctx, id, filters or None)
    return answer(board.to_json())


@router.get(
    "/dashboards/{id}/tiles/{tile}/rows",
    **operation(
        "get_dashboard_rows",
        "Rows behind a tile",
        tag=TAG,
        permission=READ,
        description="What a figure, or with `part` one bar of a picture, is made of. `record` is the type and id of the record "
        "that a row tells of.",
        parameters=[parameter("part", {"type": "string"}, "The `key` of a point."), *NARROWED],
        answers={
            200: returns(
                "The rows.",
                {
                    "type": "object",
                    "properties": {"columns": _OBJECTS, "rows": _OBJECTS},
                    "required": ["columns", "rows"],
                },
                {
                    "columns": [{"label": "Account", "kind": "text"}, {"label": "ARR now", "kind": "money"}],
                    "rows": [{"record": ["account", "okada-brandt-mobility"], "part": "expansion", "cells": ["Okada Brandt Mobility", 2840000]}],
                },
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def rows(request: HttpRequest, id: str, tile: str) -> HttpResponse:  # noqa: A002
    """Answer the rows behind a tile."""
    ctx = context_of(request)
    query = Query(request, ctx)
    part, filters = query.text("part"), query.filters()
    query.done()
    found = rows_of(board_of(ctx, id, filters or None, only=tile).tile(tile), part)
    return answer(
        {
            "currency": found.currency or None,
            "columns": [{"label": column.label, "kind": column.kind} for column in found.columns],
            "rows": [
                {"record": list(map(str, row.record)) if row.record else None, "part": row.part or None, "cells": list(row.cells)}
                for row in found.rows
            ],
        }
    )  # fmt: skip


@router.post(
    "/dashboards/{id}/copy",
    **operation(
        "copy_dashboard",
        "Copy a dashboard",
        tag=TAG,
        permission=WRITE,
        description="Makes a dashboard of the caller's own out of one they see. It is private at first.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 80, "description": "Its name; that of the source and “copy” where absent."}},
            "additionalProperties": False,
        },
        example={"name": "My region"},
        optional_body=True,
        answers={201: returns("The copy.", ref("Dashboard"), ETag="Its version.")},
        problems=(404,),
    ),
)  # fmt: skip
def copy(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Copy a dashboard."""
    ctx = context_of(request)
    ctx.require(WRITE)
    rtype = registry.get("dashboard")
    source = resolve(ctx, rtype, id)
    body = body_of(request) if request.body else {}
    if set(body) - {"name"} or not isinstance(body.get("name", ""), str) or len(body.get("name", "")) > 80:
        raise Invalid.fields({"name": "A text of at most 80 characters is expected, and nothing else."})

    return once(request, ctx, body, lambda: _copied(ctx, source, body.get("name", "")))


def _copied(ctx: Context, source: int, name: str) -> HttpResponse:
    made = services.copy(ctx, source, name)
    found = stored_json(ctx, registry.get("dashboard"), made.pk)
    return answer(found, 201, {"ETag": etag(found["version"], encode(found))})
