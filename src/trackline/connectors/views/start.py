"""The start of an import: past runs, and the upload."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.connectors import sessions
from trackline.connectors.models import ImportRun, SavedMap
from trackline.connectors.profiles import sources
from trackline.connectors.views.frame import STEPS
from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid
from trackline.workspace.web import page

ACCEPTED = ".csv,.tsv,.tab,.txt,.xlsx,.xlsm,.json,.jsonl,.ndjson,.zip"


@page("GET", "HEAD", "POST", permission=WRITE)
def start(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Past imports and the form; uploads lead to their columns."""
    if request.method != "POST":
        return _form(request, ctx)
    files = [sessions.Upload(file.name or "", file.size or 0, file.chunks()) for file in request.FILES.getlist("files")]
    source = request.POST.get("source", "auto")
    try:
        run = sessions.upload(
            ctx, files, source=source if source in sources() else "auto", saved_map=request.POST.get("map", "")
        )
    except Invalid as problem:
        return _form(request, ctx, problem)
    return htmx.redirect(request, f"/import/{run.pk}/columns")


def _form(request: HttpRequest, ctx: Context, problem: Invalid | None = None) -> HttpResponse:
    context = {
        "nav_key": "import",
        "crumbs": [{"label": "Import", "url": "/import"}],
        "runs": [_row(run) for run in sessions.runs(ctx)],
        "maps": SavedMap.objects.values("pk", "name"),
        "sources": [{"value": name, "label": source.label} for name, source in sources().items()],
        "steps": STEPS,
        "accepted": ACCEPTED,
        "errors": [error["msg"] for error in problem.errors] if problem else [],
    }
    return render(request, "connectors/start.html", context, status=problem.status if problem else 200)


def _row(run: ImportRun) -> dict[str, Any]:
    sessions.mark_broken(run)
    planned = run.state == ImportRun.State.PLANNED
    result = run.result
    return {
        "run": run,
        "url": f"/import/{run.pk}/columns" if planned else f"/import/{run.pk}",
        "created": sum(result.get("created", {}).values()),
        "updated": sum(result.get("updated", {}).values()),
        "rejected": result.get("rejected_count", 0),
        "state": run.get_state_display(),
        "planned": planned,
        "undone": run.state == ImportRun.State.UNDONE,
        "failed": run.state == ImportRun.State.FAILED,
    }
