"""A business case as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import workbook_of
from trackline.reveal.cases import results_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.account.business_case import case_page, lines_of, sheet_of
from trackline.workspace.web import page


@page()
def export(_request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download a business case as `csv` or `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending[:20]}; csv and xlsx are known.")
    case = get(ctx, registry.get("business_case"), pk)
    shown = case_page(case, results_of([case], ctx.today)[case.pk])
    name = f"business-case-{case.account.key}-{case.pk}-{ctx.today.isoformat()}"
    if ending == "xlsx":
        return workbook_download(workbook_of(sheet_of(shown)), name)
    return csv_download(csv_of(lines_of(shown)), name)
