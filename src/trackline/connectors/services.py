"""Imports as use cases: plan, look, run, undo. Command line and pages call these."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction

from trackline.book.scoring.keeping import refresh_ranking
from trackline.connectors import storage
from trackline.connectors.engine.result import Result
from trackline.connectors.engine.run import SCORING, Progress, execute, nobody_watches
from trackline.connectors.engine.undo import Undone, undo_batch
from trackline.connectors.known import types_of
from trackline.connectors.mapping.build import build_plan, silent
from trackline.connectors.mapping.plan import ImportPlan
from trackline.connectors.mapping.saved import SavedMap
from trackline.connectors.models import ImportRun
from trackline.connectors.readers import Limits, Reading, read_paths
from trackline.kit.garbage import few_collections
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.kit.problems import NotFound, Refused

ReadingProgress = Callable[[str, int], None]


def read_files(paths: Iterable[Path], saved: SavedMap, limits: Limits | None = None) -> Reading:
    """Open files, folders and archives as the map says. Bad files are listed, not raised."""
    return read_paths(paths, saved.options, limits)


def plan_import(
    paths: Iterable[Path],
    saved: SavedMap | None = None,
    *,
    source: str = "auto",
    progress: ReadingProgress = silent,
) -> tuple[Reading, ImportPlan]:
    """Find out what files are and where their columns go; reads every row once."""
    saved = saved or SavedMap()
    reading = read_files(paths, saved)
    with few_collections():
        return reading, build_plan(reading, saved, source=source, types_of=types_of, progress=progress)


def preview(
    ctx: Context, reading: Reading, plan: ImportPlan, *, folder: Path | None = None, progress: Progress = nobody_watches
) -> Result:
    """Tell what an import would do, row by row. Nothing is written."""
    return execute(ctx, reading, plan, folder=folder, dry_run=True, progress=progress)


def start_run(ctx: Context, name: str, plan: ImportPlan, data: Mapping[str, Any], folder: str = "") -> ImportRun:
    """Note a run before it starts."""
    ctx.require(WRITE)
    run: ImportRun = ImportRun.objects.create(
        name=name[:200],
        via=ctx.via,
        folder=folder or storage.new_folder(),
        batch=ctx.batch or uuid.uuid4(),
        plan=plan.to_json(),
        map=dict(data),
        created_at=ctx.now,
        created_by_id=ctx.actor.user_id,
    )
    return run


def run_import(
    ctx: Context, run: ImportRun, reading: Reading, plan: ImportPlan, *, progress: Progress = nobody_watches
) -> Result:
    """Import, and keep the result with the run. What is done of a run that breaks off stands in it and can be undone.

    Raises `Refused` where somebody has started the run already.
    """
    ctx = replace(ctx, batch=run.batch)
    claimed = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.PLANNED).update(
        state=ImportRun.State.RUNNING, started_at=ctx.now, plan=plan.to_json()
    )
    if not claimed:
        raise Refused("This import has been started already.")

    def keep(result: Result) -> None:
        ImportRun.objects.filter(pk=run.pk).update(result=result.to_json(differences=True))

    result = execute(ctx, reading, plan, folder=storage.path_of(run.folder), progress=progress, committed=keep)
    result.run, result.folder = run.pk, str(storage.path_of(run.folder))
    run.state = ImportRun.State.DONE if result.files or not result.failed else ImportRun.State.FAILED
    run.result = result.to_json(differences=True)
    run.finished_at = ctx.now
    run.plan = plan.to_json()
    run.save(update_fields=["state", "result", "finished_at", "plan"])
    return result


def import_paths(
    ctx: Context,
    paths: Iterable[Path],
    saved: SavedMap | None = None,
    *,
    source: str = "auto",
    dry_run: bool = False,
    reading_progress: ReadingProgress = silent,
    progress: Progress = nobody_watches,
) -> Result:
    """Import files in one go, as the command line does: plan, then look or run."""
    ctx.require(WRITE)
    listed = [Path(path) for path in paths]
    reading, plan = plan_import(listed, saved, source=source, progress=reading_progress)
    if dry_run:
        return preview(ctx, reading, plan, progress=progress)
    name = ", ".join(path.name or str(path) for path in listed)
    run = start_run(ctx, name, plan, {})

    def tell(table: str, done: int, total: int) -> None:
        # As imports of the pages do, so that the list of imports knows a run that goes on from one that was killed.
        unit = "accounts" if table == SCORING else "rows"
        storage.write_progress(run.folder, {"table": table, "done": done, "total": total, "unit": unit})
        progress(table, done, total)

    tell("", 0, sum(table.rows for table in plan.tables))
    try:
        return run_import(ctx, run, reading, plan, progress=tell)
    finally:
        storage.write_progress(run.folder, {"finished": True})


def undo_import(ctx: Context, run_id: int) -> Undone:
    """Take a run back, note it, and rank the book without it. Raises `NotFound`, `Refused` where it is undone already, `Forbidden`."""
    ctx.require(WRITE)
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
        if run is None:
            raise NotFound(f"There is no import {run_id}.")
        if run.state in (ImportRun.State.UNDONE, ImportRun.State.PLANNED):
            state = "was undone already" if run.state == ImportRun.State.UNDONE else "has not been run"
            raise Refused(f"Import {run_id} {state}.")
        if run.created_by_id != ctx.actor.user_id:
            ctx.require(ADMIN)
        undone = undo_batch(ctx, run.batch)
        refresh_ranking(ctx, ctx.today)
        run.state, run.undone_at, run.undone_by_id = ImportRun.State.UNDONE, ctx.now, ctx.actor.user_id
        run.result = {**run.result, "undo": undone.to_json()}
        run.save(update_fields=["state", "undone_at", "undone_by", "result"])
    return undone
