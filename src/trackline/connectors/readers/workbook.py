"""Spreadsheets (.xlsx): every visible sheet with a heading row is a table."""

from __future__ import annotations

import warnings
import weakref
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from trackline.connectors.readers.delimited import Opener
from trackline.connectors.readers.headings import find_layout, lay_out
from trackline.connectors.readers.tables import Cell, Limits, ReadProblem, Table

_HEAD_ROWS = 60
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def read_workbook(file: str, opener: Opener, limits: Limits) -> list[Table]:
    """Describe every visible sheet that holds a table. Raises `ReadProblem` where none does."""
    with opener() as stream:
        refuse_bomb(stream, limits)
    workbook = _Workbook(opener)
    names = [sheet.title for sheet in workbook.book.worksheets if sheet.sheet_state == "visible"]
    tables: list[Table] = []
    problem: ReadProblem | None = None
    for name in names:
        try:
            table = _sheet(file, workbook, name, limits)
        except ReadProblem as found:
            problem = problem or found
            continue
        table.part = name if len(names) > 1 else ""
        tables.append(table)
    if not tables:
        raise problem or ReadProblem("The workbook has no visible sheet.")
    return tables


class _Workbook:
    """A workbook that stays open for all its sheets: opening one reads the words of all of them."""

    def __init__(self, opener: Opener) -> None:
        self._stream = opener()
        self._close = weakref.finalize(self, self._stream.close)
        try:
            self.book = _load(self._stream)
        except ReadProblem:
            self._close()
            raise


def refuse_bomb(stream: IO[bytes], limits: Limits) -> None:
    """Refuse an archive that unpacks to far more than it weighs. Raises `ReadProblem`; rewinds the stream."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise ReadProblem("The file is damaged, or not what its name says.") from None
    if len(members) > 20 * limits.files:
        raise ReadProblem("The archive has too many members.")
    total = 0
    for member in members:
        total += member.file_size
        if member.file_size > 10_000_000 and member.file_size > limits.unpack_ratio * max(member.compress_size, 1):
            raise ReadProblem("The file unpacks to far more than its size and is not opened.")
        if member.flag_bits & 0x1:
            raise ReadProblem("The file is protected by a password. Save it without one.")
    if total > limits.unpacked_bytes:
        raise ReadProblem(f"The file unpacks to more than {limits.unpacked_bytes // 1_000_000:,} MB.")
    stream.seek(0)


def _load(stream: IO[bytes]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError):
        raise ReadProblem("The workbook cannot be opened; it may be damaged.") from None


def _sheet(file: str, workbook: _Workbook, name: str, limits: Limits) -> Table:
    head: list[tuple[int, list[Cell]]] = []
    for record in _records(workbook, name, limits):
        head.append(record)
        if len(head) >= _HEAD_ROWS:
            break
    layout = find_layout(head, limits)
    return Table(
        file=file,
        headings=layout.headings,
        open_rows=lambda: lay_out(_records(workbook, name, limits), layout, limits),
        kind="xlsx",
        heading_row=layout.heading_row,
        typed=True,
        notes=layout.notes,
    )


def _records(workbook: _Workbook, name: str, limits: Limits) -> Iterator[tuple[int, list[Cell]]]:
    try:
        sheet = workbook.book[name]
        # The stored extent is often wrong in files that other programs wrote.
        sheet.reset_dimensions()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                if len(values) > limits.columns:
                    values = _trim(values)
                yield number, [_cell(value, limits) for value in values]
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile):
        raise ReadProblem("The workbook breaks off; it may be damaged.") from None


def _trim(values: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]


def _cell(value: Any, limits: Limits) -> Cell:
    """A plain value; a number that is whole is an integer, a moment at midnight a date."""
    if value is None or (isinstance(value, str) and value in _ERRORS):
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "")[: limits.cell_characters]
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, int | date | Decimal):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)
