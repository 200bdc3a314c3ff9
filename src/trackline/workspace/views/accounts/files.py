"""What the Accounts list shows, as a file."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from trackline.accounts.models import User
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.workspace.downloads import CSV, workbook_download
from trackline.workspace.queries.accounts import files
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.page import remembered_columns
from trackline.workspace.web import page


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download all accounts of the filter with the columns shown, as `csv`, `xlsx` or `json`."""
    asked = Asked.of(request.GET)
    columns = remembered_columns(cast(User, request.user).preferences)
    name = f"accounts-{ctx.today.isoformat()}"
    if ending == "xlsx":
        return workbook_download(files.workbook(ctx, asked, columns), name)
    if ending not in ("csv", "json"):
        raise NotFound(f"There is no export as {ending}; csv, xlsx and json are known.")
    lines = files.csv_lines(ctx, asked, columns) if ending == "csv" else files.json_lines(ctx, asked, columns)
    kind = CSV if ending == "csv" else "application/json"
    response = StreamingHttpResponse(lines, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response  # type: ignore[return-value]  # pages answer with any kind of response
