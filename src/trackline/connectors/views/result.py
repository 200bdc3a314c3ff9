"""The result of an import: what it did, the rows it rejected, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.connectors import services, sessions, storage
from trackline.connectors.models import ImportRun
from trackline.connectors.views.check import file_row, made_besides
from trackline.connectors.views.frame import frame
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound, Refused
from trackline.workspace.queries.currencies import without_rate
from trackline.workspace.web import page

_SHOWN = 200
_REJECTS_NAME = re.compile(r"[\w.-]{1,140}-rejected\.csv")


@page(permission=WRITE)
def result(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """What was imported, or how far the import is."""
    run = sessions.open_run(ctx, pk)
    if run.state == ImportRun.State.PLANNED:
        return htmx.redirect(request, f"/import/{pk}/columns")
    if run.state == ImportRun.State.RUNNING and sessions.is_busy(run):
        context = {**frame(run, 4), "title": "Importing", "progress": storage.read_progress(run.folder)}
        return render(request, "connectors/waiting.html", context)
    sessions.mark_broken(run)
    return render(request, "connectors/result.html", _context(run))


@page("GET", "HEAD", "POST", permission=WRITE)
def undo(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """GET asks, POST takes the import back."""
    run = sessions.open_run(ctx, pk)
    if request.method != "POST":
        return render(request, "connectors/undo.html", {"run": run, "figures": _figures(run)})
    try:
        services.undo_import(ctx, run.pk)
    except Refused as problem:
        return htmx.changed(htmx.toast(htmx.done(), problem.detail))
    return htmx.redirect(request, f"/import/{pk}")


@page(permission=WRITE)
def rejects(request: HttpRequest, ctx: Context, pk: int, name: str) -> HttpResponse:
    """The rejected rows of a file as CSV."""
    run = sessions.open_run(ctx, pk)
    path = storage.path_of(run.folder) / name
    if not _REJECTS_NAME.fullmatch(name) or not path.is_file():
        raise NotFound("There is no such file of rejected rows.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")  # type: ignore[return-value]


def _figures(run: ImportRun) -> dict[str, int]:
    return {
        "created": sum(run.result.get("created", {}).values()),
        "updated": sum(run.result.get("updated", {}).values()),
        "unchanged": sum(run.result.get("unchanged", {}).values()),
        "rejected": run.result.get("rejected_count", 0),
    }


def _context(run: ImportRun) -> dict[str, Any]:
    found = run.result
    figures = _figures(run)
    undone = found.get("undo")
    kinds = _by_kind(found.get("rejected", ()))
    return {
        **frame(run, 5),
        "title": _title(run, figures),
        "figures": figures,
        "files": [file_row(file) for file in found.get("files", ()) if not file["failed"]],
        "made": made_besides(found),
        "without_rate": without_rate(found["without_rate"]) if found.get("without_rate") else "",
        "skipped": found.get("skipped", ()),
        "failed": found.get("failed", ()),
        "questions": found.get("questions", ()),
        "rejected": kinds[:_SHOWN],
        "more_rejected": figures["rejected"] - sum(1 + kind["more"] for kind in kinds[:_SHOWN]),
        "warnings": found.get("warnings", [])[:_SHOWN],
        "warning_count": found.get("warning_count", 0),
        "undone": undone,
        "undone_figures": {
            "removed": sum(undone["removed"].values()),
            "restored": sum(undone["restored"].values()),
        }
        if undone
        else None,
        "can_undo": run.state in (ImportRun.State.DONE, ImportRun.State.FAILED)
        and bool(figures["created"] + figures["updated"]),
        "broken": run.state == ImportRun.State.FAILED and bool(found.get("files") or not found.get("failed")),
        "problem": storage.read_progress(run.folder).get("failed", ""),
    }


def _by_kind(rejected: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rejected rows that say the same as one: the first of them, and how many `more` there are."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in rejected:
        kind = tuple(str(each.get(name, "")) for name in ("file", "column", "value", "reason"))
        if kind in found:
            found[kind]["more"] += 1
        else:
            found[kind] = {**each, "more": 0}
    return list(found.values())


def _title(run: ImportRun, figures: dict[str, int]) -> str:
    if run.state == ImportRun.State.UNDONE:
        return "This import was taken back"
    if run.state == ImportRun.State.FAILED and not figures["created"] + figures["updated"]:
        return "Nothing was imported"
    if not figures["created"] + figures["updated"] + figures["rejected"]:
        return "Nothing has changed: all rows say what Trackline holds"
    parts = [f"{figures[name]:,} {name}" for name in ("created", "updated", "rejected") if figures[name]]
    if not figures["created"] + figures["updated"]:
        parts.insert(0, "Nothing has changed")
    return ", ".join(parts)
