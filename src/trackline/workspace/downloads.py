"""Answers that are files to keep, named for what they hold."""

from __future__ import annotations

from typing import IO

from django.http import FileResponse, HttpResponse

from trackline.documents.papers.blocks import Paper
from trackline.documents.papers.files import format_of
from trackline.kit.records.workbooks import EXCEL

CSV = "text/csv; charset=utf-8"


def csv_download(text: str, name: str) -> HttpResponse:
    """Answer a text as the CSV file `name`, without its ending."""
    return HttpResponse(text, content_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})


def workbook_download(file: IO[bytes], name: str) -> HttpResponse:
    """Answer a workbook as the Excel file `name`, without its ending."""
    named = f"{name}.xlsx"
    return FileResponse(file, as_attachment=True, filename=named, content_type=EXCEL)  # type: ignore[return-value]


def paper_download(paper: Paper, ending: str, name: str) -> HttpResponse:
    """Answer a document as the file `name` in the format of an ending. Raises `NotFound` for one that is not known."""
    kind = format_of(ending)
    disposition = f'attachment; filename="{name}.{ending}"'
    return HttpResponse(kind.draw(paper), content_type=kind.content_type, headers={"Content-Disposition": disposition})
