"""What an import did, as told to people and machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

#: Rejected rows, warnings and differences beyond these many are counted, not listed; all rejected rows are in the file.
MAX_LISTED = 10_000
_MAX_DIFFERENCES = 200

Outcome = Literal["complete", "partial", "failed"]
"""`partial`: some rows were rejected, the others are in. `failed`: a file failed or waits for an answer, or no row came in."""


@dataclass(slots=True)
class Rejected:
    """A row that was not imported, and why."""

    file: str
    row: int | None
    reason: str
    column: str = ""
    value: str = ""
    #: What the cell may have meant.
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Column and value only where there is one."""
        found: dict[str, Any] = {"file": self.file, "row": self.row, "reason": self.reason}
        if self.column:
            found |= {"column": self.column, "value": self.value}
        if self.hint:
            found["hint"] = self.hint
        return found


@dataclass(slots=True)
class Difference:
    """What a row creates or changes, for people who look before they import."""

    row: int
    title: str
    action: str
    changes: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class FileResult:
    """Counts and differences of one table."""

    file: str
    type: str
    resource: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    #: Rows left out although nothing is wrong with them, by reason.
    left_out: Counter[str] = field(default_factory=Counter)
    changed_fields: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Heading → where its values went (`arr`, `custom:hobby`), empty for a column that was left out; of columns with values.
    columns: dict[str, str] = field(default_factory=dict)
    #: Why nothing of the file was imported.
    failed: str = ""
    #: Name of the file with rejected rows, in the folder of the run.
    rejects: str = ""

    def show(self, difference: Difference) -> None:
        """Keep a difference for the preview, up to a number."""
        if self.shows_more:
            self.differences.append(difference)

    @property
    def shows_more(self) -> bool:
        """Whether there is room for a further difference."""
        return len(self.differences) < _MAX_DIFFERENCES

    def to_json(self) -> dict[str, Any]:
        """Without the differences."""
        return {
            "file": self.file,
            "type": self.type,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "left_out": dict(self.left_out),
            "changed_fields": dict(self.changed_fields.most_common()),
            "notes": self.notes,
            "columns": self.columns,
            "failed": self.failed,
            "rejects": self.rejects,
        }


@dataclass(slots=True)
class Result:
    """What an import did."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    rejected_count: int = 0
    warnings: list[Rejected] = field(default_factory=list)
    warning_count: int = 0
    files: list[FileResult] = field(default_factory=list)
    #: Files nothing was taken from, with the reason.
    skipped: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    dry_run: bool = False
    #: Accounts in the files whose scores could not be computed; `trackline refresh` does it.
    scores_pending: int = 0
    #: Currencies in use that no rate converts: sums leave their amounts out.
    without_rate: list[str] = field(default_factory=list)
    run: int | None = None
    folder: str = ""

    def reject(self, rejected: Rejected) -> None:
        """Count a rejected row, and list it while there is room."""
        self.rejected_count += 1
        if len(self.rejected) < MAX_LISTED:
            self.rejected.append(rejected)

    def also(self, rejected: Rejected) -> None:
        """List a further reason against a row that is counted already."""
        if len(self.rejected) < MAX_LISTED:
            self.rejected.append(rejected)

    def warn(self, warning: Rejected) -> None:
        """Count a cell left empty, and list it while there is room."""
        self.warning_count += 1
        if len(self.warnings) < MAX_LISTED:
            self.warnings.append(warning)

    @property
    def ok(self) -> bool:
        """Whether every file that could be recognised was imported (rejected rows do not count against it)."""
        return not self.failed and not self.questions

    @property
    def outcome(self) -> Outcome:
        """Whether everything came in, some of it, or nothing that counts as success."""
        taken = self.changes + sum(self.unchanged.values())
        if not self.ok or not self.files or (self.rejected_count and not taken):
            return "failed"
        return "partial" if self.rejected_count else "complete"

    @property
    def changes(self) -> int:
        """Records created or changed."""
        return sum(self.created.values()) + sum(self.updated.values())

    def to_json(self, differences: bool = False) -> dict[str, Any]:
        """The result as `trackline import --json` prints it."""
        found: dict[str, Any] = {
            "outcome": self.outcome,
            "counts": {
                "rows": sum(each.rows for each in self.files),
                "created": sum(self.created.values()),
                "updated": sum(self.updated.values()),
                "unchanged": sum(self.unchanged.values()),
                "rejected": self.rejected_count,
                "warnings": self.warning_count,
            },
            "created": dict(self.created),
            "updated": dict(self.updated),
            "unchanged": dict(self.unchanged),
            "rejected": [each.to_json() for each in self.rejected],
            "rejected_count": self.rejected_count,
            "warnings": [each.to_json() for each in self.warnings],
            "warning_count": self.warning_count,
            "skipped": self.skipped,
            "questions": self.questions,
            "failed": self.failed,
            "files": [each.to_json() for each in self.files],
            "scores_pending": self.scores_pending,
            "without_rate": self.without_rate,
            "dry_run": self.dry_run,
            "run": self.run,
            "folder": self.folder,
        }
        if differences:
            for told, file in zip(found["files"], self.files, strict=True):
                told["differences"] = [
                    {"row": each.row, "title": each.title, "action": each.action, "changes": each.changes}
                    for each in file.differences
                ]
        return found
