"""A list of records as a file: all of its pages, with every field."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse

from trackline.kickoff import calendars
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound, Refused
from trackline.kit.records import exports
from trackline.kit.records.queries import ListParams, filtered, get
from trackline.kit.records.types import RecordType, registry
from trackline.kit.records.workbooks import EXCEL, IN_MEMORY_BYTES
from trackline.workspace.downloads import CSV
from trackline.workspace.records.views.common import type_of
from trackline.workspace.views.calendar import ICS, site_of
from trackline.workspace.web import page

KINDS = {"xlsx": EXCEL, "csv": CSV, "json": "application/json", "ics": ICS}


@page("GET")
def export(request: HttpRequest, ctx: Context, name: str, ending: str) -> HttpResponse:
    """Download all records of a list as `xlsx`, `csv` or `json`, meetings also as `ics`; the address narrows as the list's does."""
    rtype = type_of(name)
    if ending not in KINDS or (ending == "ics" and rtype.name != "meeting"):
        raise NotFound(f"There is no export as {ending[:20]}; xlsx, csv and json are known.")
    query = {key: value for key, value in request.GET.dict().items() if key not in ("columns", "panel") and value}
    of = query.pop("of", "")
    query.pop("cursor", None)
    params, only, called = ListParams.of(query), None, rtype.resource
    if of:
        account = get(ctx, registry.get("account"), of)
        only, called = Q(**{rtype.account_pk_path: account.pk}), f"{account.key}-{rtype.resource}"
    file = _file(ctx, rtype, params, only, ending, site_of(request))
    named = f"{called}-{ctx.today.isoformat()}.{ending}"
    return FileResponse(file, as_attachment=True, filename=named, content_type=KINDS[ending])  # type: ignore[return-value]


def _file(ctx: Context, rtype: RecordType, params: ListParams, only: Q | None, ending: str, site: str) -> IO[bytes]:
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed with the answer
    if ending == "ics":
        rows = filtered(ctx, rtype, params, only).select_related("account").order_by("at", "pk")
        file.write(calendars.calendar_of(rtype.labels, rows, site))
    elif ending == "xlsx":
        try:
            exports.write_workbook(file, ctx, [(rtype, exports.rows(ctx, rtype, params, only))])
        except ValueError as problem:
            raise Refused(str(problem)) from problem
    else:
        items = exports.rows(ctx, rtype, params, only)
        for piece in exports.csv_pieces(ctx, rtype, items) if ending == "csv" else exports.json_pieces(items):
            file.write(piece.encode())
    file.seek(0)
    return file
