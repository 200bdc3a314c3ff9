"""Open what a person brings: files, folders, archives. Every readable table in them, and what was left aside."""

from __future__ import annotations

import fnmatch
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from trackline.connectors.readers.delimited import Opener, read_delimited
from trackline.connectors.readers.json_records import read_json
from trackline.connectors.readers.tables import Limits, NoTable, Reading, ReadProblem, Table, Unread
from trackline.connectors.readers.workbook import read_workbook, refuse_bomb

TEXT_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".psv", ".txt"})
BOOK_ENDINGS = frozenset({".xlsx", ".xlsm"})
JSON_ENDINGS = frozenset({".json"})
LINES_ENDINGS = frozenset({".jsonl", ".ndjson"})
_OLD_BOOKS = frozenset({".xls", ".xlsb", ".ods", ".numbers"})
_ZIP_MAGIC = b"PK\x03\x04"
#: How a web page begins, or the page that some systems give an Excel name. Cells further down may well hold such words.
_PAGE = re.compile(
    rb"[\xef\xbb\xbf\s]*<(?:!doctype|!--|\?xml|html|head|meta|style|body|script|table|div)", re.IGNORECASE
)
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"

Options = Callable[[str], dict[str, str]]
"""Given a file's name, what a saved map says of its `encoding` and `delimiter`."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file found on the way, not yet read."""

    name: str
    size: int
    opener: Opener


def no_options(name: str) -> dict[str, str]:
    """Nothing is said in advance."""
    return {}


def read_paths(paths: Iterable[Path], options: Options = no_options, limits: Limits | None = None) -> Reading:
    """Find the tables in files, folders (with all below) and archives. Never raises for a bad file: it is listed."""
    limits = limits or Limits()
    reading = Reading()
    count = 0
    for path in paths:
        for candidate in _candidates(path, reading, limits):
            count += 1
            if count > limits.files:
                reading.unread.append(Unread(candidate.name, f"More than {limits.files} files; not read.", True))
                return reading
            _read(candidate, reading, options, limits)
    return reading


def _read(candidate: _Candidate, reading: Reading, options: Options, limits: Limits) -> None:
    try:
        reading.tables.extend(_tables(candidate, options(candidate.name), limits))
    except ReadProblem as problem:
        failed = not isinstance(problem, NoTable)
        reading.unread.append(Unread(candidate.name, problem.message, failed, problem.row))
    except OSError as error:
        reading.unread.append(Unread(candidate.name, f"The file cannot be opened: {error.strerror or error}.", True))


def _tables(candidate: _Candidate, options: dict[str, str], limits: Limits) -> list[Table]:
    ending = os.path.splitext(candidate.name)[1].lower()
    if candidate.size > limits.file_bytes:
        raise ReadProblem(f"The file is larger than {limits.file_bytes // 1_000_000:,} MB.")
    with candidate.opener() as stream:
        magic = stream.read(512)
    if magic.startswith(_OLE_MAGIC):
        raise ReadProblem("This is an old Excel file, or one with a password. Save it as .xlsx or CSV.")
    if magic.startswith(b"%PDF-"):
        raise ReadProblem("This is a PDF, not a table. Export the list as CSV or .xlsx.")
    if magic.startswith(_ZIP_MAGIC) and ending not in BOOK_ENDINGS and not _is_workbook(candidate):
        raise ReadProblem("This is a zip archive under another name. Name it .zip and bring it again.")
    if ending in BOOK_ENDINGS or magic.startswith(_ZIP_MAGIC):
        return read_workbook(candidate.name, candidate.opener, limits)
    if _PAGE.match(magic) and ending not in TEXT_ENDINGS:
        raise ReadProblem("This is a web page with an Excel name. Export the report as CSV or .xlsx.")
    if _PAGE.match(magic):
        raise ReadProblem(
            "This is a web page, not a table: the export may have asked to sign in, or failed. "
            "Look at it in a browser, then export again as CSV or .xlsx."
        )
    if ending in JSON_ENDINGS:
        return read_json(candidate.name, candidate.opener, limits)
    if ending in LINES_ENDINGS:
        return read_json(candidate.name, candidate.opener, limits, lines=True)
    encoding, delimiter = options.get("encoding", ""), options.get("delimiter", "")
    return [read_delimited(candidate.name, candidate.opener, limits, encoding, delimiter)]


def _is_workbook(candidate: _Candidate) -> bool:
    """Whether an archive holds what makes a workbook."""
    try:
        with candidate.opener() as stream, zipfile.ZipFile(stream) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        # A damaged one is told as what it was meant to be.
        return True


def _candidates(path: Path, reading: Reading, limits: Limits) -> Iterator[_Candidate]:
    """The files at a path, in a stable order."""
    if path.is_dir():
        for found in sorted(_walk(path)):
            name = found.relative_to(path).as_posix()
            if found.suffix.lower() == ".zip":
                yield from _members(found, name, reading, limits)
            elif _is_table(name, reading):
                yield _on_disk(found, name)
    elif not path.exists():
        reading.unread.append(Unread(str(path), "There is no such file.", True))
    elif path.suffix.lower() == ".zip":
        yield from _members(path, "", reading, limits)
    else:
        yield _on_disk(path, path.name)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        for name in names:
            if not name.startswith((".", "~$")):
                yield Path(parent, name)


def _on_disk(path: Path, name: str) -> _Candidate:
    return _Candidate(name, path.stat().st_size, lambda: path.open("rb"))


def _is_table(name: str, reading: Reading) -> bool:
    """Whether a file met in a folder is one to read; others are listed so that nobody wonders."""
    ending = os.path.splitext(name)[1].lower()
    if ending in TEXT_ENDINGS | BOOK_ENDINGS | JSON_ENDINGS | LINES_ENDINGS | _OLD_BOOKS:
        return True
    reading.unread.append(Unread(name, f"Not a table ({ending or 'no ending'}).", False))
    return False


def _members(path: Path, prefix: str, reading: Reading, limits: Limits) -> Iterator[_Candidate]:
    """The files in an archive. Members are unpacked to a temporary file only while they are read."""
    try:
        with path.open("rb") as stream:
            refuse_bomb(stream, limits)
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
    except ReadProblem as problem:
        reading.unread.append(Unread(prefix or path.name, problem.message, True))
        return
    except OSError as error:
        reading.unread.append(Unread(prefix or path.name, f"The file cannot be opened: {error.strerror}.", True))
        return
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if member.is_dir() or parts[0] == "__MACOSX" or any(part.startswith((".", "~$")) for part in parts):
            continue
        name = "/".join(part for part in ([prefix] if prefix else []) + parts if part not in ("", ".."))
        if _is_table(name, reading):
            yield _Candidate(name, member.file_size, _member_opener(path, member.filename, limits))


def _member_opener(path: Path, member: str, limits: Limits) -> Opener:
    def opener() -> IO[bytes]:
        # Workbooks need a file they can seek in, and a member is read more than once.
        unpacked = tempfile.SpooledTemporaryFile(max_size=16 * 1024 * 1024)  # noqa: SIM115
        total = 0
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
                while chunk := packed.read(1 << 20):
                    total += len(chunk)
                    if total > limits.file_bytes:
                        raise ReadProblem(f"The file is larger than {limits.file_bytes // 1_000_000:,} MB.")
                    unpacked.write(chunk)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
            unpacked.close()
            raise ReadProblem("This member of the archive is damaged.") from None
        unpacked.seek(0)
        return unpacked

    return opener


def matches(name: str, pattern: str) -> bool:
    """Whether a file's name, or its last part, fits a pattern such as `contacts*.csv`, without regard to case."""
    name, pattern = name.casefold(), pattern.casefold()
    return fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name.rsplit("/", 1)[-1], pattern)
