"""Comma, semicolon, tab and pipe separated text, in any usual encoding, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import IO

from trackline.connectors.readers.dialect import Dialect, sniff
from trackline.connectors.readers.encodings import detect_encoding
from trackline.connectors.readers.headings import find_layout, lay_out
from trackline.connectors.readers.tables import Limits, ReadProblem, Table

_SAMPLE_CHARACTERS = 256 * 1024
_HEAD_ROWS = 60

Opener = Callable[[], IO[bytes]]
"""Opens the file again from its start; the caller closes it."""


def read_delimited(file: str, opener: Opener, limits: Limits, encoding: str = "", delimiter: str = "") -> Table:
    """Describe a delimited file. `encoding` and `delimiter` overrule what would be found. Raises `ReadProblem`."""
    notes: list[str] = []
    with opener() as stream:
        if not encoding:
            encoding, remark = detect_encoding(stream)
            if remark:
                notes.append(remark)
        stream.seek(0)
        sample = _text(stream, encoding).read(_SAMPLE_CHARACTERS + 1)
    if not sample.strip("\ufeff\x00 \t\r\n"):
        raise ReadProblem("The file is empty.")
    _refuse_binary(sample)
    if len(sample) > _SAMPLE_CHARACTERS and "\n" not in sample and "\r" not in sample:
        raise ReadProblem("The file is one long line: it has no rows. Export it again as CSV or .xlsx.", 1)
    complete = len(sample) <= _SAMPLE_CHARACTERS
    dialect = sniff(sample.replace("\x00", ""), complete)
    if delimiter:
        dialect = Dialect(delimiter, dialect.escapechar, dialect.skip_lines)

    def raw() -> Iterator[tuple[int, list[str]]]:
        return _records(opener, encoding, dialect, limits)

    layout = find_layout(_head(raw()), limits)
    return Table(
        file=file,
        headings=layout.headings,
        open_rows=lambda: lay_out(raw(), layout, limits),
        kind="csv",
        encoding=encoding,
        delimiter=dialect.delimiter,
        heading_row=layout.heading_row,
        notes=notes + layout.notes,
    )


def _text(stream: IO[bytes], encoding: str) -> io.TextIOWrapper:
    try:
        return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    except LookupError:
        raise ReadProblem(f"“{encoding}” is not an encoding this computer knows.") from None


def _refuse_binary(sample: str) -> None:
    """A picture or a program read as text is full of control characters."""
    head = sample[:4000]
    control = sum(1 for character in head if character < " " and character not in "\t\r\n\x0b\x0c\x00\x1a")
    if control > max(2, len(head) * 0.02):
        raise ReadProblem("This is not a text file. Save it as CSV or .xlsx and try again.")


def _head(records: Iterator[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    head = []
    for record in records:
        head.append(record)
        if len(head) >= _HEAD_ROWS:
            break
    return head


class _Lines:
    """Feeds lines to the CSV parser and keeps those of the record being read, to notice a quote that never closes."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._text = text
        self._limit = limits.lines_in_record
        self._longest = limits.line_characters
        self.current: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            if len(self.current) >= self._limit:
                raise ReadProblem("A text in quotes never ends: its closing quote is missing.")
            if len(line) > self._longest:
                raise ReadProblem(f"A line has more than {self._longest:,} characters and is no row of a table.")
            if "\x00" in line:
                line = line.replace("\x00", "")
            self.current.append(line)
            yield line


def _records(opener: Opener, encoding: str, dialect: Dialect, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Yield (physical line the record starts on, cells) for each record, empty ones included."""
    with opener() as stream:
        text = _text(stream, encoding)
        for _ in range(dialect.skip_lines):
            text.readline()
        lines = _Lines(text, limits)
        reader = csv.reader(lines, delimiter=dialect.delimiter, escapechar=dialect.escapechar)
        start = 1 + dialect.skip_lines
        record: list[str] = []
        try:
            for record in reader:
                held = lines.current
                lines.current = []
                yield start, record
                start = reader.line_num + 1 + dialect.skip_lines
        except csv.Error as error:
            raise ReadProblem(_explain(str(error), limits), row=start) from None
        except ReadProblem as problem:
            raise ReadProblem(problem.message, row=start) from None
        if record and _unclosed(held, dialect):
            raise ReadProblem("A text in quotes never ends: its closing quote is missing.", row=start - len(held))


def _unclosed(lines: list[str], dialect: Dialect) -> bool:
    """Whether the last record ran into the end of the file inside quotes."""
    try:
        list(csv.reader(lines, delimiter=dialect.delimiter, escapechar=dialect.escapechar, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _explain(message: str, limits: Limits) -> str:
    if "field larger" in message:
        return f"A cell holds more than {limits.cell_characters:,} characters; a closing quote may be missing."
    return f"The row cannot be read: {message}."
