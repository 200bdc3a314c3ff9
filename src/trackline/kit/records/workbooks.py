"""Excel workbooks with typed cells: dates are dates, money carries its currency, percentages read as such.

Headings stay in sight and filter their columns. Text stays text, also where it looks like a number, an address or a formula.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import xlsxwriter

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 1_048_575  # Excel's own limit, less the heading
TITLE_LENGTH = 31
CELL_LENGTH = 32_767
CUT = " … (cut here: a cell holds no more; the whole is in the CSV and JSON files)"
IN_MEMORY_BYTES = 4 * 1024 * 1024
SAMPLE = 200
NARROW, WIDE = 9, 60
DIGITS = 15
"""A number of more digits would be rounded by Excel."""
PLACES = 6
"""Stored numbers have no more decimals; what is computed may have, and is rounded to as many."""


class Money(NamedTuple):
    """An amount in a currency; without one it is read as a plain number."""

    amount: Any
    currency: str


class Percent(NamedTuple):
    """Percentage points in a column where each row has a unit of its own."""

    amount: Any


def measured(amount: Any, unit: str, currency: str = "") -> Any:
    """Return a reading as a cell of its unit: money for `currency` or the code of one, a percentage, else as it is."""
    if amount is None:
        return None
    if unit == "currency" or (len(unit) == 3 and unit.isupper()):
        return Money(amount, currency if unit == "currency" else unit)
    return Percent(amount) if unit == "percent" else amount


@dataclass(frozen=True)
class Column:
    """A column: `kind` is that of the field it shows, and decides how its numbers read."""

    heading: str
    kind: str = "text"


def columns_of(headings: Iterable[Any]) -> list[Column]:
    """Return columns by their headings: one that ends with a percent sign holds percentages."""
    return [Column(str(words), "percent" if str(words).endswith("%") else "text") for words in headings]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows are read once, while the file is written. A `plain` one is no table: nothing filters its columns."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    plain: bool = False


def write(file: Path | IO[bytes], sheets: Iterable[Sheet]) -> int:
    """Write a workbook in bounded memory; returns the number of rows. Raises `ValueError` for more rows than a sheet holds."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(str(file) if isinstance(file, Path) else file, options)
    styles = _Styles(book)
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for sheet in sheets:
                count += _write(book, styles, sheet)
        finally:
            book.close()
    return count


def workbook_of(*sheets: Sheet) -> IO[bytes]:
    """Return a workbook, ready to be read."""
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed with the answer
    write(file, sheets)
    file.seek(0)
    return file


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}
        self.heading = book.add_format({"bold": True, "bottom": 1, "bottom_color": "#8C867C", "valign": "top"})

    def of(self, pattern: str) -> Any:
        found = self._made.get(pattern)
        if found is None:
            found = self._made[pattern] = self._book.add_format({"num_format": pattern, "valign": "top"})
        return found

    @property
    def plain(self) -> Any:
        found = self._made.get("")
        if found is None:
            found = self._made[""] = self._book.add_format({"valign": "top"})
        return found


def _write(book: Any, styles: _Styles, sheet: Sheet) -> int:
    page = book.add_worksheet(sheet.title[:TITLE_LENGTH])
    rows = iter(sheet.rows)
    sample = list(islice(rows, SAMPLE))
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, _width(column, [row[at] for row in sample]))
    if not sheet.plain:
        page.freeze_panes(1, 1)
    for at, column in enumerate(sheet.columns):
        page.write_string(0, at, column.heading, styles.heading)
    count = 0
    for row in chain(sample, rows):
        count += 1
        if count > ROWS:
            raise ValueError(f"{sheet.title} has more rows than an Excel sheet can hold; export it as CSV.")
        for at, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, styles, count, at, column, value)
    if not sheet.plain:
        page.autofilter(0, 0, count, len(sheet.columns) - 1)
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{count + 1}"})
    return count


def _cell(page: Any, styles: _Styles, row: int, at: int, column: Column, value: Any) -> None:
    pattern = PATTERNS.get(column.kind, "")
    if isinstance(value, Money):
        pattern = f"[${value.currency}] #,##0.00;[Red]-[${value.currency}] #,##0.00" if value.currency else "#,##0.00"
        value = value.amount
    elif isinstance(value, Percent):
        pattern, value = PATTERNS["percent"], value.amount
    if isinstance(value, float | Decimal) and len(str(value).strip("-0.")) > DIGITS:
        value = round(value, PLACES)
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, at, value, styles.plain)
    elif isinstance(value, datetime):
        _moment(page, styles, row, at, value)
    elif isinstance(value, date):
        page.write_datetime(row, at, datetime.combine(value, time()), styles.of(DAY))
    elif isinstance(value, int | float | Decimal) and len(str(value).strip("-0.")) <= DIGITS:
        page.write_number(row, at, value, styles.of(pattern) if pattern else styles.plain)
    else:
        text = str(value)
        text = text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - len(CUT)] + CUT
        page.write_string(row, at, text, styles.plain)


def _moment(page: Any, styles: _Styles, row: int, at: int, value: datetime) -> None:
    """In UTC, as the heading's word cannot say it: Excel knows no zone, and no day before 1900. Of a second it keeps thousandths."""
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    plain = plain.replace(microsecond=plain.microsecond // 1000 * 1000)
    if plain.year < 1900:
        page.write_string(row, at, plain.isoformat() + "Z", styles.plain)
    else:
        page.write_datetime(row, at, plain, styles.of(MOMENT))


DAY = "d mmm yyyy"
MOMENT = 'd mmm yyyy hh:mm "UTC"'
PATTERNS = {"percent": '0.0## "%"', "integer": "#,##0", "money": "#,##0.00"}


def _width(column: Column, values: Sequence[Any]) -> int:
    longest = max((_length(value) for value in values), default=0)
    return min(WIDE, max(NARROW, len(column.heading) + 3, longest + 2))


def _length(value: Any) -> int:
    if isinstance(value, Money):
        return len(f"{value.amount:,.2f}") + 4 if value.amount not in (None, "") else 0
    if isinstance(value, Percent):
        return len(f"{value.amount:,.2f}") + 2
    if isinstance(value, datetime):
        return 22
    if isinstance(value, date):
        return 12
    return max((len(line) for line in str(value).splitlines()), default=0) if value is not None else 0
