"""What every reader hands on: a named table of rows, read as often as needed, never held in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Cell = str | int | float | Decimal | bool | date | datetime
"""One cell. Text files give ``str``; workbooks and JSON keep the type the file states. Empty is ``""``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read before it is refused. Sizes are bytes."""

    file_bytes: int = 512 * 1024 * 1024
    unpacked_bytes: int = 2 * 1024 * 1024 * 1024
    #: An archive member that unpacks to more than this many times its packed size is a bomb, not an export.
    unpack_ratio: int = 250
    files: int = 500
    rows: int = 2_000_000
    columns: int = 1_000
    cell_characters: int = 131_072
    #: A quoted text spanning more lines than this has lost its closing quote.
    lines_in_record: int = 2_000
    #: A longer line is no row of a table.
    line_characters: int = 8 * 1024 * 1024


class ReadProblem(Exception):
    """A file that cannot be read as a table. The message is a sentence for the person who brought the file."""

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.row = row


class NoTable(ReadProblem):
    """A file of a known kind that is not meant to give a table; nothing is wrong with it."""


@dataclass(slots=True)
class Row:
    """One record of a table. ``number`` is where it starts: physical line, sheet row, or position in a JSON list."""

    number: int
    cells: list[Cell]
    problem: str = ""


@dataclass(slots=True)
class Table:
    """A table inside a file.

    ``file`` is the path as the person knows it (inside the folder or archive), ``part`` the sheet or object where a
    file holds several. ``object_name`` is what the file itself says it holds (the sObject of a tree file).
    ``typed`` says that numbers and dates were read as such, so a text cell that looks like one was typed by hand.
    """

    file: str
    headings: list[str]
    open_rows: Callable[[], Iterator[Row]]
    part: str = ""
    object_name: str = ""
    kind: str = "csv"
    encoding: str = ""
    delimiter: str = ""
    heading_row: int = 1
    typed: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file, and the part of it where there are several."""
        return f"{self.file} › {self.part}" if self.part else self.file

    def rows(self) -> Iterator[Row]:
        """Read the rows from the start. Raises `ReadProblem` where the file breaks off."""
        return self.open_rows()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that gave no table: ``failed`` when it should have, otherwise merely not an export (a picture, a note)."""

    file: str
    reason: str
    failed: bool
    row: int | None = None


@dataclass(slots=True)
class Reading:
    """All tables found at the given paths, and what was left aside."""

    tables: list[Table] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
