"""An import from its plan to its result: files in order, each in one transaction, all under one batch."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction

from trackline.accounts.rulebook.ledger import Occasion
from trackline.accounts.rulebook.pending import count as pending_count
from trackline.accounts.rulebook.pending import mark_accounts, settle_all
from trackline.book.scoring.keeping import refresh_ranking
from trackline.connectors.engine.identities import Directory
from trackline.connectors.engine.order import ORDER, in_order
from trackline.connectors.engine.own import is_of_this_book
from trackline.connectors.engine.rejects import RejectsFile
from trackline.connectors.engine.result import FileResult, Result
from trackline.connectors.engine.single import SingleImport
from trackline.connectors.engine.sql import unmapped
from trackline.connectors.engine.table import TableImport
from trackline.connectors.engine.unit import Unit
from trackline.connectors.mapping.plan import REJECT_REASON, REJECT_ROW, ImportPlan, TablePlan
from trackline.connectors.mapping.sidetables import Links, read_links
from trackline.connectors.profiles import OWN
from trackline.connectors.readers import Reading, ReadProblem
from trackline.kit.garbage import few_collections
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Forbidden
from trackline.kit.records.types import registry
from trackline.workspace.queries.currencies import unrated_currencies

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Told the table being imported, how many of its rows are done, and how many there are."""

MANY_ROWS = 10_000
"""From so many on, what an import knew of them takes room that is worth looking for."""
SCORING = "Scores of accounts"
"""What progress calls the last step, which comes after the tables."""


def nobody_watches(_table: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def execute(
    ctx: Context,
    reading: Reading,
    plan: ImportPlan,
    *,
    folder: Path | None = None,
    dry_run: bool = False,
    progress: Progress = nobody_watches,
    committed: Callable[[Result], None] | None = None,
) -> Result:
    """Import what the plan says. Each file is one transaction: a file that fails changes nothing, the others stand.

    `ctx.batch` groups the changes. `folder` takes the files of rejected rows. `committed` is called within the last step
    of each file's transaction, so that a record of the run stands or falls with it. With `dry_run` nothing is written:
    new records get keys below zero, and what rows would change is found by comparing. Raises `Forbidden`.
    """
    ctx.require(WRITE)
    ctx = replace(ctx.batched(), via="import")
    result = Result(dry_run=dry_run)
    with few_collections(), unmapped():
        _Run(ctx, reading, plan, result, folder, progress, committed).files()
    return result


@contextmanager
def _nothing() -> Iterator[None]:
    yield


class _Run:
    """The files of one import."""

    def __init__(
        self,
        ctx: Context,
        reading: Reading,
        plan: ImportPlan,
        result: Result,
        folder: Path | None,
        progress: Progress,
        committed: Callable[[Result], None] | None,
    ) -> None:
        self._ctx = ctx
        self._plan = plan
        self._result = result
        self._folder = folder
        self._progress = progress
        self._committed = committed
        self._tables = {table.name: table for table in reading.tables}
        self._own_book = any(
            planned.source == OWN and is_of_this_book(planned, self._tables[planned.name])
            for planned in plan.tables
            if planned.name in self._tables
        )
        self._directory = self._learn()
        self._links = Links()
        #: Tables with rows that point to records of tables after them.
        self._waiting: list[TablePlan] = []

    def _learn(self) -> Directory:
        directory = Directory(self._ctx)
        directory.own_book = self._own_book
        if self._result.dry_run:
            directory.systems = {planned.system for planned in self._plan.tables}
        return directory

    def files(self) -> None:
        """Import all files, then bring completeness and scores of touched accounts up to date."""
        self._tell_unread()
        ready = [table for table in self._plan.tables if self._is_ready(table)]
        for planned in ready:
            if planned.role == "link":
                read_links(planned, self._tables[planned.name], self._links)
        tables = in_order([each for each in ready if each.role == "records"])
        for number, planned in enumerate(tables):
            later = frozenset(each.type for each in tables[number + 1 :]) - {planned.type}
            self._file(planned, later if self._plan.mode != "create" else frozenset())
        for planned in self._waiting:
            self._point(planned)
        # Nobody is looked up any more, and scores need the room. What looked people up points at itself in circles.
        self._directory = self._learn()
        if sum(planned.rows for planned in tables) > MANY_ROWS:
            gc.collect()
        if not self._result.dry_run:
            self._score()
            if self._result.changes:
                self._result.without_rate = unrated_currencies()

    def _mark(self, unit: Unit) -> None:
        """Note with the file's own transaction which accounts it touched: if the program dies now, they are not forgotten."""
        if not self._result.dry_run:
            ctx = self._ctx
            mark_accounts(unit.accounts(), Occasion(ctx.now, by=ctx.actor.user_id), on=ctx.today)

    def _score(self) -> None:
        """Compute what the files, and an earlier import that was stopped, left to be computed, and rank the book by it.

        The files are in whatever happens here; what a database that fails leaves is told.
        """
        total = pending_count()
        if not total:
            return
        self._progress(SCORING, 0, total)
        done = 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            self._progress(SCORING, done, total)

        try:
            settle_all(self._ctx.now, self._ctx.today, advance)
            refresh_ranking(self._ctx, self._ctx.today)
        except DatabaseError:
            log.exception("Scores of accounts could not be computed at the end of an import")
            self._result.scores_pending = pending_count()

    def _tell_unread(self) -> None:
        for unread in self._plan.unread:
            told = {"file": unread.file, "reason": unread.reason}
            if unread.failed:
                self._result.failed.append({**told, "row": unread.row})
            else:
                self._result.skipped.append(told)

    def _is_ready(self, planned: TablePlan) -> bool:
        if not planned.recognised:
            self._result.skipped.append({"file": planned.name, "reason": planned.reason or "Left out."})
            return False
        if planned.open_questions:
            for question in planned.open_questions:
                self._result.questions.append(
                    {
                        "file": planned.name,
                        "column": question.column,
                        "kind": question.kind,
                        "text": question.text,
                        "options": [{"value": value, "label": label} for value, label in question.options],
                    }
                )
            return False
        return planned.name in self._tables

    def _file(self, planned: TablePlan, later: frozenset[str]) -> None:
        table = self._tables[planned.name]
        before = self._counts()
        rejects = RejectsFile(
            self._folder if not planned.embedded else None, planned.file, planned.part, table.headings
        )
        try:
            registry_type = registry.get(planned.type)
            self._ctx.require(registry_type.write_permission)
            with _nothing() if self._result.dry_run else transaction.atomic():
                unit = self._unit(planned, self._result, later)
                job = _importer(planned)(
                    unit,
                    planned,
                    table,
                    self._links.of(planned.type),
                    mode=self._plan.mode,
                    rejects=rejects,
                    progress=lambda done: self._progress(planned.name, done, planned.rows),
                )
                job.execute()
                _tell_columns(job.outcome, planned)
                self._result.files.append(job.outcome)
                self._mark(unit)
                if self._committed is not None and not self._result.dry_run:
                    self._committed(self._result)
            if unit.waits and not self._result.dry_run:
                self._waiting.append(planned)
        except ReadProblem as problem:
            self._fail(planned, problem.message, before, problem.row)
        except Forbidden as problem:
            self._fail(planned, problem.detail, before)
        except DatabaseError as error:
            self._fail(planned, f"The database refused the file: {str(error).strip().splitlines()[0]}", before)
        finally:
            rejects.close()

    def _point(self, planned: TablePlan) -> None:
        """Have rows point to what came after them: go through their table again, now that all records are there.

        What still cannot be found leaves its field empty, with a warning. The rows were counted the first time.
        """
        again = Result(dry_run=False)
        with transaction.atomic():
            unit = self._unit(planned, again, frozenset())
            job = _importer(planned)(
                unit,
                planned,
                self._tables[planned.name],
                self._links.of(planned.type),
                mode="update",
                rejects=RejectsFile(None, planned.file, planned.part, []),
                progress=lambda done: self._progress(planned.name, done, planned.rows),
            )
            job.execute()
            self._mark(unit)
        told = {(each.row, each.reason) for each in self._result.rejected if each.file == planned.name}
        for refused in again.rejected:
            if refused.column and (refused.row, refused.reason) not in told:
                self._result.warn(replace(refused, reason=f"{refused.reason} The field stays empty."))

    def _unit(self, planned: TablePlan, result: Result, later: frozenset[str]) -> Unit:
        return Unit(self._ctx, self._directory, result, planned.system, self._plan.create_accounts, later)

    def _counts(self) -> tuple[Any, ...]:
        result = self._result
        return (
            result.created.copy(),
            result.updated.copy(),
            result.unchanged.copy(),
            len(result.rejected),
            result.rejected_count,
            len(result.warnings),
            result.warning_count,
            len(result.files),
        )

    def _fail(self, planned: TablePlan, reason: str, before: tuple[Any, ...], row: int | None = None) -> None:
        """Take back what was counted for a file whose transaction was rolled back."""
        result = self._result
        result.created, result.updated, result.unchanged = before[:3]
        del result.rejected[before[3] :]
        result.rejected_count = before[4]
        del result.warnings[before[5] :]
        result.warning_count = before[6]
        del result.files[before[7] :]
        failed = FileResult(planned.name, planned.type, registry.get(planned.type).resource, failed=reason)
        result.files.append(failed)
        result.failed.append({"file": planned.name, "reason": reason, "row": row})
        # Who is who was learnt from rows that do not exist any more.
        self._directory = self._learn()


def _tell_columns(outcome: FileResult, planned: TablePlan) -> None:
    """Say where the columns went, and what had to be understood about them."""
    said = [each for each in planned.columns if each.filled and each.heading not in (REJECT_ROW, REJECT_REASON)]
    outcome.columns = {each.heading: each.target for each in said}
    if not planned.embedded:
        outcome.notes = [
            *planned.notes,
            *(f"{each.heading}: {note}" for each in planned.columns for note in each.notes),
            *outcome.notes,
        ]


def _importer(planned: TablePlan) -> type[TableImport | SingleImport]:
    return TableImport if planned.type in ORDER else SingleImport
