"""The plan of an import: what each file is, where each column goes, and what must be asked first.

A plan is plain data. It is shown on the mapping page, printed by a dry run, kept with the run, and changed by hand.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from trackline.connectors.profiles.load import CUSTOM, Target

REJECT_ROW, REJECT_REASON = "_row", "_reason"
"""Columns that a file of rejected rows has beside the original ones; when it comes back they say nothing."""


@dataclass(slots=True)
class ColumnPlan:
    """One column: where it goes and how it is read.

    `target` is a field (`arr`, `account#id`), `custom:<key>` for a custom field, or empty for a column left out.
    `how` says why: `map`, `profile`, `heading`, `kept`, `skipped`, `empty`.
    """

    index: int
    heading: str
    target: str = ""
    how: str = ""
    kind: str = ""
    label: str = ""
    samples: list[str] = field(default_factory=list)
    filled: int = 0
    #: The value also goes to this custom field.
    also: str = ""
    #: Another column of the field comes first; this one fills what that leaves empty.
    fills: bool = False
    date_order: str = ""
    #: Some of its dates are the day numbers of a spreadsheet.
    serials: bool = False
    decimal: str = ""
    #: Percentages were written as parts of one.
    share: bool = False
    #: Currency that the heading names.
    currency: str = ""
    #: Words of the file → stored choice.
    words: dict[str, Any] = field(default_factory=dict)
    #: Cells replaced before they are read: what the file says → what is meant.
    replace: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def is_custom(self) -> bool:
        """Whether the column becomes a custom field."""
        return self.target.startswith(f"{CUSTOM}:")

    @property
    def custom_key(self) -> str:
        """Key of the custom field it becomes, or of the one that keeps its value besides."""
        return self.target.partition(":")[2] if self.is_custom else self.also

    @property
    def field_target(self) -> Target:
        """The field it goes to; its name is empty for a column left out or kept as a custom field."""
        return Target("") if self.is_custom else Target.parse(self.target)


@dataclass(slots=True)
class Question:
    """Something a file leaves open. A `blocking` question without an `answer` keeps the file from being imported."""

    id: str
    kind: str
    column: str
    text: str
    options: list[list[str]]
    examples: list[str] = field(default_factory=list)
    blocking: bool = True
    answer: str = ""


@dataclass(slots=True)
class StagePlan:
    """What a stage of the file means: TRACK state and usual probability (percentage points); `how` it was found."""

    name: str
    state: str
    probability: float
    how: str
    count: int = 0
    #: What people call it, where the file holds only its id.
    label: str = ""
    pipeline: str = ""
    position: int = 0


@dataclass(slots=True)
class TablePlan:
    """One table and what becomes of it. `type` is empty where nothing does, and `reason` then says why.

    `role` is `records`, or `link`, `stages`, `pipelines` for tables that only complete others.
    """

    file: str
    part: str = ""
    kind: str = "csv"
    type: str = ""
    role: str = "records"
    object_name: str = ""
    source: str = "csv"
    #: Whose ids the id columns hold (`salesforce`).
    system: str = "csv"
    confidence: int = 0
    reason: str = ""
    encoding: str = ""
    delimiter: str = ""
    heading_row: int = 1
    rows: int = 0
    columns: list[ColumnPlan] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    stages: list[StagePlan] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Rows of the same table that are imported as another type too (accounts named in a list of contacts).
    embedded: bool = False
    currency: str = ""

    @property
    def name(self) -> str:
        """The file, and the part of it where there are several."""
        return f"{self.file} › {self.part}" if self.part else self.file

    @property
    def recognised(self) -> bool:
        """Whether anything is taken from the table."""
        return bool(self.type) or self.role in ("link", "stages", "pipelines")

    @property
    def open_questions(self) -> list[Question]:
        """Questions that keep the file from being imported."""
        return [question for question in self.questions if question.blocking and not question.answer]

    def column_for(self, field_name: str) -> ColumnPlan | None:
        """The first column that goes to a field, one that only fills what another leaves empty last."""
        found = [column for column in self.columns if column.field_target.field == field_name]
        return min(found, key=lambda column: column.fills, default=None)


@dataclass(slots=True)
class UnreadPlan:
    """A file that gave no table, and why."""

    file: str
    reason: str
    failed: bool
    row: int | None = None


@dataclass(slots=True)
class ImportPlan:
    """All files of one import."""

    source: str = "auto"
    mode: str = "both"
    #: Accounts that contacts, routes and contracts name and that nobody has imported are created.
    create_accounts: bool = False
    tables: list[TablePlan] = field(default_factory=list)
    unread: list[UnreadPlan] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON-ready data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ImportPlan:
        """Read back what `to_json` wrote."""
        tables = []
        for raw in data["tables"]:
            facts = dict(raw)
            facts["columns"] = [ColumnPlan(**column) for column in facts["columns"]]
            facts["questions"] = [Question(**question) for question in facts["questions"]]
            facts["stages"] = [StagePlan(**stage) for stage in facts["stages"]]
            tables.append(TablePlan(**facts))
        unread = [UnreadPlan(**each) for each in data["unread"]]
        return cls(data["source"], data["mode"], data["create_accounts"], tables, unread)
