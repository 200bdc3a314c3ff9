"""An import as it takes shape on the pages: uploads, decisions about columns, looks at the outcome, then the run.

Every decision is kept in the run's map, in the form of a saved map, so that it can be used for the next export too.
"""

from __future__ import annotations

import glob
import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from trackline.connectors import services, storage
from trackline.connectors.engine.run import SCORING
from trackline.connectors.known import types_of
from trackline.connectors.mapping.build import build_plan
from trackline.connectors.mapping.plan import ImportPlan, TablePlan
from trackline.connectors.mapping.saved import SavedMap as MapData
from trackline.connectors.mapping.saved import parse_map
from trackline.connectors.models import ImportRun, SavedMap
from trackline.connectors.readers import Reading
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.kit.problems import Invalid, NotFound, Problem, Refused

_CHECK = "check.json"
#: Up to this many rows a look or a run is done within the request; longer ones go on beside it.
ROWS_AT_ONCE = 5_000
_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the browser sends it."""

    name: str
    size: int
    chunks: Iterable[bytes]


def open_run(ctx: Context, pk: int) -> ImportRun:
    """The run, for whoever started it and for administrators. Raises `NotFound`."""
    ctx.require(WRITE)
    run = ImportRun.objects.select_related("created_by", "undone_by").filter(pk=pk).first()
    if run is None or (run.created_by_id != ctx.actor.user_id and not ctx.actor.may(ADMIN)):
        raise NotFound("There is no such import.")
    return run


def runs(ctx: Context) -> list[ImportRun]:
    """The runs a person may see, newest first; planned ones only where they are the person's own."""
    found = ImportRun.objects.select_related("created_by").order_by("-pk")
    if not ctx.actor.may(ADMIN):
        found = found.filter(created_by_id=ctx.actor.user_id)
    return list(found[:200])


def upload(ctx: Context, files: list[Upload], *, source: str, saved_map: str) -> ImportRun:
    """Keep the uploads and plan their import. Raises `Invalid`."""
    ctx.require(WRITE)
    if not files:
        raise Invalid.fields({"files": "Choose at least one file."})
    if sum(file.size for file in files) > settings.MAX_UPLOAD_BYTES:
        most = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
        raise Invalid.fields({"files": f"Together the files are larger than {most} MB. Import them one after another."})
    data = dict(SavedMap.objects.get(pk=int(saved_map)).data) if saved_map.isdecimal() else {}
    if source != "auto":
        data["source"] = source
    folder = storage.new_folder()
    try:
        kept = [_keep(folder, file) for file in files]
        name = kept[0].name if len(kept) == 1 else f"{kept[0].name} and {len(kept) - 1} more"
        plan = build_plan(
            services.read_files([storage.uploads_of(folder)], parse_map(data)), parse_map(data), types_of=types_of
        )
        return services.start_run(ctx, name, plan, data, folder)
    except Exception:
        storage.remove(folder)
        raise


def _keep(folder: str, file: Upload) -> Path:
    """Write one upload under its own name; directories in a name are dropped."""
    base = (
        file.name.replace("\\", "/").rsplit("/", 1)[-1].lstrip(".").replace("\x00", "")[:_NAME_LENGTH] or "upload.csv"
    )
    place = storage.uploads_of(folder)
    path, number = place / base, 2
    while path.exists():
        path = place / f"{number}-{base}"
        number += 1
    with path.open("wb") as kept:
        _copy(file.chunks, kept)
    return path


def _copy(chunks: Iterable[bytes], target: IO[bytes]) -> None:
    for chunk in chunks:
        target.write(chunk)


class Session:
    """A planned import: its files, its plan, and the decisions made so far."""

    def __init__(self, run: ImportRun) -> None:
        if run.state != ImportRun.State.PLANNED:
            raise Refused("This import has been run. Start a new one to import again.")
        self.run = run
        self.plan = ImportPlan.from_json(run.plan)

    @property
    def map(self) -> MapData:
        """The decisions made so far."""
        return parse_map(self.run.map)

    def reading(self) -> Reading:
        """The uploaded files, opened anew."""
        return services.read_files([storage.uploads_of(self.run.folder)], self.map)

    def table(self, name: str) -> TablePlan:
        """The plan of a table. Raises `NotFound`."""
        found = next((table for table in self.plan.tables if table.name == name and not table.embedded), None)
        if found is None:
            raise NotFound(f"There is no file {name} in this import.")
        return found

    # -- decisions -------------------------------------------------------------------------------------------------

    def set_type(self, name: str, type_name: str) -> None:
        """Say what a file is; "skip" leaves it out, "" lets it be found out."""
        entry = self._entry(name)
        entry.pop("columns", None)
        if type_name:
            entry["type"] = type_name
        else:
            entry.pop("type", None)
        self._decided(name)

    def set_column(self, name: str, heading: str, target: str) -> None:
        """Say where a column goes."""
        if not any(column.heading == heading for column in self.table(name).columns):
            raise NotFound(f"There is no column {heading} in {name}.")
        self._entry(name).setdefault("columns", {})[heading] = target
        self._decided(name)

    def answer(self, name: str, question: str, value: str) -> None:
        """Answer a question of a file."""
        kind, _, rest = question.partition(":")
        entry = self._entry(name)
        if kind in ("date_order", "decimal"):
            entry[kind] = value
        elif kind == "stage":
            entry.setdefault("stages", {})[rest] = value
        else:
            raise NotFound("There is no such question.")
        self._decided(name)

    def fix(self, name: str, heading: str, value: str, meant: str) -> None:
        """Say what a cell of a column means, wherever it stands."""
        table = self.table(name)
        column = next((each for each in table.columns if each.heading == heading), None)
        if column is None:
            raise NotFound(f"There is no column {heading} in {name}.")
        entry = self._entry(name)
        if column.kind == "stage" and meant:
            entry.setdefault("stages", {})[value] = meant
        else:
            entry.setdefault("values", {}).setdefault(heading, {})[value] = meant
        self._decided(name)

    def set_options(self, mode: str, create_accounts: bool) -> None:
        """Say what rows may do, and whether accounts that are only named are created."""
        self.run.map = {**self.run.map, "mode": mode, "create_accounts": create_accounts}
        parse_map(self.run.map)
        self.plan.mode, self.plan.create_accounts = mode, create_accounts
        self._save()

    def _entry(self, name: str) -> dict[str, Any]:
        files: dict[str, dict[str, Any]] = self.run.map.setdefault("files", {})
        key = glob.escape(name)
        if key not in files:
            said = self.map.of(self.table(name).file, name)
            # What a saved map says of the file goes on to count beside the new decision.
            files[key] = {k: v for k, v in _plain(said).items() if v}
        # The first pattern that fits counts: the exact name goes first.
        self.run.map["files"] = {key: files[key], **{other: files[other] for other in files if other != key}}
        return files[key]

    def _decided(self, name: str) -> None:
        """Plan the table anew with the map as it is now."""
        reading = self.reading()
        found = [table for table in reading.tables if table.name == name]
        planned = build_plan(Reading(tables=found), self.map, source=self._source(name), types_of=types_of)
        others = [table for table in self.plan.tables if table.name != name]
        self.plan.tables = sorted(others + planned.tables, key=lambda table: _place(table, reading))
        self._save()

    def _source(self, name: str) -> str:
        return self.map.source or self.table(name).source

    def _save(self) -> None:
        self.run.plan = self.plan.to_json()
        self.run.save(update_fields=["plan", "map"])
        (storage.path_of(self.run.folder) / _CHECK).unlink(missing_ok=True)

    def keep_map(self, ctx: Context, name: str) -> SavedMap:
        """Keep the decisions under a name for the next export; the same name is replaced. Raises `Invalid`."""
        if not name.strip():
            raise Invalid.fields({"name": "Give the map a name."})
        data = {**self.run.map, "files": {_pattern(key): entry for key, entry in self.run.map.get("files", {}).items()}}
        kept, _ = SavedMap.objects.update_or_create(
            name=name.strip()[:_NAME_LENGTH],
            defaults={"data": data, "created_at": ctx.now, "created_by_id": ctx.actor.user_id},
        )
        return kept

    # -- look and run ----------------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """Rows of all tables that are imported."""
        return sum(table.rows for table in self.plan.tables if table.recognised and not table.embedded)

    def check(self, ctx: Context) -> None:
        """Find out what the import would do, here or beside the request."""
        self._beside(lambda: self._check(ctx))

    def _check(self, ctx: Context) -> None:
        folder = storage.path_of(self.run.folder)
        result = services.preview(ctx, self.reading(), self.plan, folder=folder, progress=self._tell)
        (folder / _CHECK).write_text(json.dumps(result.to_json(differences=True), default=str), encoding="utf-8")

    def checked(self) -> dict[str, Any] | None:
        """What the last look found, if nothing was decided since."""
        try:
            text = (storage.path_of(self.run.folder) / _CHECK).read_text(encoding="utf-8")
        except OSError:
            return None
        found: dict[str, Any] = json.loads(text)
        return found

    def import_now(self, ctx: Context) -> None:
        """Import, here or beside the request."""

        def work() -> None:
            services.run_import(ctx, self.run, self.reading(), self.plan, progress=self._tell)
            storage.remove_uploads(self.run.folder)

        self._beside(work)

    def _tell(self, table: str, done: int, total: int) -> None:
        unit = "accounts" if table == SCORING else "rows"
        storage.write_progress(self.run.folder, {"table": table, "done": done, "total": total, "unit": unit})

    def _beside(self, work: Any) -> None:
        """Do short work at once, long work in a thread that the page watches through the progress file."""
        folder = self.run.folder
        if not storage.path_of(folder).is_dir():
            raise Refused("The uploaded files are no longer kept. Upload them again.")
        storage.write_progress(folder, {"table": "", "done": 0, "total": self.rows})
        if self.rows <= ROWS_AT_ONCE:
            try:
                work()
            finally:
                storage.write_progress(folder, {"finished": True})
            return

        def run() -> None:
            try:
                work()
            except Problem as problem:
                storage.write_progress(folder, {"finished": True, "failed": problem.detail})
            except Exception as error:  # the thread's edge: whatever went wrong must reach the page
                storage.write_progress(folder, {"finished": True, "failed": f"The import broke off: {error}"})
                raise
            else:
                storage.write_progress(folder, {"finished": True})
            finally:
                connection.close()

        threading.Thread(target=run, name=f"import-{self.run.pk}", daemon=True).start()

    def discard(self) -> None:
        """Drop the plan and the uploads."""
        storage.remove(self.run.folder)
        self.run.delete()


def is_busy(run: ImportRun) -> bool:
    """Whether a look or an import of the run goes on beside the request."""
    progress = storage.read_progress(run.folder)
    return bool(progress) and not progress.get("finished") and storage.progress_age(run.folder) < _SILENCE


#: Seconds without a word after which the process that ran it is taken to be gone.
_SILENCE = 120


def broke_off(run: ImportRun) -> bool:
    """Whether the process that ran an import is gone before it ended."""
    return run.state == ImportRun.State.RUNNING and not is_busy(run)


def mark_broken(run: ImportRun) -> None:
    """Note that a run broke off; what it has done of its files stands in its result and can be undone."""
    if broke_off(run):
        ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING).update(
            state=ImportRun.State.FAILED, finished_at=timezone.now()
        )
        run.state = ImportRun.State.FAILED


def _plain(entry: Any) -> Mapping[str, Any]:
    """A file's part of a map as JSON-ready data."""
    return {
        "type": entry.type,
        "columns": dict(entry.columns),
        "skip": sorted(entry.skip),
        "date_order": entry.date_order,
        "decimal": entry.decimal,
        "currency": entry.currency,
        "system": entry.system,
        "encoding": entry.encoding,
        "delimiter": entry.delimiter,
        "stages": dict(entry.stages),
        "values": {heading: dict(pairs) for heading, pairs in entry.values.items()},
    }


def _pattern(key: str) -> str:
    """Exports are dated: digits in a file's name may be others next time."""
    return re.sub(r"\d[\d.,_-]*\d|\d", "*", key)


def _place(table: TablePlan, reading: Reading) -> tuple[int, int]:
    names = [each.name for each in reading.tables]
    return (names.index(table.name) if table.name in names else len(names), int(not table.embedded))
