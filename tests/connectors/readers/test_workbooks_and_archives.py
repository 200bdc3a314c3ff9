"""Workbooks, folders and archives, and what is refused in them."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from tests.connectors.support import problem_of, read_one, write
from trackline.connectors.readers import Limits, read_paths


def workbook(path: Path, sheets: dict[str, list[list[object]]], hidden: str = "") -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
        if name == hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def test_cells_keep_their_types(tmp_path: Path) -> None:
    lines = [
        ["Name", "Value", "Day", "At", "Flag", "Text"],
        ["Acme", 1234.5, datetime(2026, 3, 31), datetime(2026, 3, 31, 9, 30), True, "1.234"],  # noqa: DTZ001
        ["Bolt", 7.0, None, None, False, None],
    ]
    rows = [row.cells for row in read_one(workbook(tmp_path / "a.xlsx", {"Data": lines})).rows()]
    assert rows[0] == ["Acme", Decimal("1234.5"), date(2026, 3, 31), datetime(2026, 3, 31, 9, 30), True, "1.234"]  # noqa: DTZ001
    assert rows[1] == ["Bolt", 7, "", "", False, ""]
    assert isinstance(rows[1][1], int)


def test_each_visible_sheet_is_a_table(tmp_path: Path) -> None:
    lines = [["Name", "City"], ["Acme", "Ulm"]]
    path = workbook(tmp_path / "a.xlsx", {"Accounts": lines, "Notes": [[]], "Old": lines}, hidden="Old")
    reading = read_paths([path])
    assert [table.name for table in reading.tables] == ["a.xlsx › Accounts"]


def test_old_and_broken_workbooks_are_told(tmp_path: Path) -> None:
    assert "old Excel file" in problem_of(write(tmp_path, "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600))
    assert "damaged" in problem_of(write(tmp_path, "b.xlsx", b"PK\x03\x04 not a zip"))
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert problem_of(tmp_path / "c.xlsx") == "The workbook cannot be opened; it may be damaged."


def test_folders_and_archives_are_searched(tmp_path: Path) -> None:
    text = "Name,City\nAcme,Ulm\n"
    write(tmp_path, "in/accounts.csv", text)
    write(tmp_path, "in/.hidden.csv", text)
    write(tmp_path, "in/__MACOSX/x.csv", text)
    write(tmp_path, "in/picture.png", "x")
    with zipfile.ZipFile(tmp_path / "in" / "more.zip", "w") as archive:
        archive.writestr("deep/contacts.csv", text)
        archive.writestr("../evil.csv", text)
        archive.writestr("__MACOSX/._contacts.csv", text)
    reading = read_paths([tmp_path / "in"])
    assert [table.file for table in reading.tables] == ["accounts.csv", "more.zip/deep/contacts.csv"]
    assert [(each.file, each.failed) for each in reading.unread] == [("picture.png", False)]
    assert [row.cells for row in reading.tables[1].rows()] == [["Acme", "Ulm"]]


def test_bombs_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("accounts.csv", b"0" * 30_000_000)
    assert "unpacks to far more" in problem_of(tmp_path / "bomb.zip")
    with zipfile.ZipFile(tmp_path / "big.zip", "w") as archive:
        archive.writestr("accounts.csv", b"Name,City\n" + b"a,b\n" * 100)
    [unread] = read_paths([tmp_path / "big.zip"], limits=Limits(unpacked_bytes=100)).unread
    assert "unpacks to more than" in unread.reason


def test_missing_and_unreadable_paths_are_told(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "nowhere.csv") == "There is no such file."


def test_large_files_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "A,B\n1,2\n")
    [unread] = read_paths([path], limits=Limits(file_bytes=3)).unread
    assert "larger than" in unread.reason
