"""Separated text as programs and people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import problem_of, read_one, write
from trackline.connectors.readers import Limits, read_paths


def cells(path: Path) -> list[list[object]]:
    return [list(row.cells) for row in read_one(path).rows()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(line) for line in (["Name", "City"], ["Acme", "Ulm"], ["Bolt", "Kiel"]))
    table = read_one(write(tmp_path, "a.csv", text))
    assert table.delimiter == delimiter
    assert table.headings == ["Name", "City"]


def test_commas_inside_cells_do_not_outvote_semicolons(tmp_path: Path) -> None:
    text = 'Firma;Umsatz;Notiz\n"Müller, Söhne";1,5;"a, b, c"\nBolt;2,5;x, y\nKranz;3,25;z\n'
    table = read_one(write(tmp_path, "kunden.csv", text))
    assert table.delimiter == ";"
    assert next(row.cells for row in table.rows()) == ["Müller, Söhne", "1,5", "a, b, c"]


def test_quoted_line_breaks_count_as_physical_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'Name,Note\nAcme,"two\nlines, one cell"\nBolt,x\n')
    assert [(row.number, row.cells) for row in read_one(path).rows()] == [
        (2, ["Acme", "two\nlines, one cell"]),
        (4, ["Bolt", "x"]),
    ]


def test_doubled_and_escaped_quotes(tmp_path: Path) -> None:
    assert cells(write(tmp_path, "a.csv", 'A,B\n"5"" pipe",x\n')) == [['5" pipe', "x"]]
    assert cells(write(tmp_path, "b.csv", 'A,B\n"5\\" pipe",x\n')) == [['5" pipe', "x"]]


def test_empty_lines_and_nul_bytes_are_dropped(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"Name,City\r\n\r\n,\r\nAc\x00me,Ulm\r\n\r\n")
    assert [(row.number, row.cells) for row in read_one(path).rows()] == [(4, ["Acme", "Ulm"])]


def test_short_rows_are_padded_and_long_ones_marked(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "A,B,C\n1\nx,y,z,,\nx,y,z,surplus\n")
    rows = list(read_one(path).rows())
    assert rows[0].cells == ["1", "", ""]
    assert not rows[1].problem
    assert "The row has 4 cells, the headings are 3" in rows[2].problem


def test_doubled_and_nameless_headings_get_names(tmp_path: Path) -> None:
    table = read_one(write(tmp_path, "a.csv", "Name,Name,,\nAcme,AG,x,\n"))
    assert table.headings == ["Name", "Name (2)", "Column 3"]
    assert table.notes == ["The heading “Name” occurs more than once"]


def test_title_lines_above_the_headings_are_skipped(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.csv", "Customers of the north\nas of 2026\n\nName,City,Owner\nAcme,Ulm,Ann\nBolt,Kiel,Bo\n"
    )
    table = read_one(path)
    assert (table.headings, table.heading_row) == (["Name", "City", "Owner"], 4)
    assert len(list(table.rows())) == 2


def test_spreadsheet_hint_is_obeyed(tmp_path: Path) -> None:
    table = read_one(write(tmp_path, "a.csv", "sep=;\nName;City\nAcme;Ulm\n"))
    assert table.headings == ["Name", "City"]
    assert [row.number for row in table.rows()] == [3]


def test_missing_headings_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "1,ann@acme.com,2024-01-01\n2,bo@bolt.com,2024-01-02\n")
    assert problem_of(path) == "The file has no heading row: its first row must name the columns."


def test_lost_closing_quote_is_told_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'Name,City\nAcme,Ulm\n"Bolt,Kiel\nKranz,Hof\n')
    [unread] = read_paths([path]).unread
    assert (unread.row, unread.reason) == (3, "A text in quotes never ends: its closing quote is missing.")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"   \r\n"])
def test_empty_files_are_told(tmp_path: Path, content: bytes) -> None:
    assert problem_of(write(tmp_path, "a.csv", content)) == "The file is empty."


def test_pictures_are_refused(tmp_path: Path) -> None:
    reason = problem_of(write(tmp_path, "a.csv", bytes(range(256)) * 40))
    assert "not a text file" in reason


def test_web_pages_with_an_excel_name_are_refused(tmp_path: Path) -> None:
    reason = problem_of(write(tmp_path, "report.xls", b"<html><body><table><tr><td>Account"))
    assert reason.startswith("This is a web page with an Excel name")


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "A,B\n" + "x,y\n" * 60)
    [table] = read_paths([path], limits=Limits(rows=20)).tables
    with pytest.raises(Exception, match="more than 20 rows"):
        list(table.rows())


def test_rows_can_be_read_again(tmp_path: Path) -> None:
    table = read_one(write(tmp_path, "a.csv", "A,B\n1,2\n"))
    assert list(table.rows()) == list(table.rows())


def test_single_column_files_are_read(tmp_path: Path) -> None:
    assert cells(write(tmp_path, "a.csv", "Company\nAcme Ltd\nBolt GmbH\n")) == [["Acme Ltd"], ["Bolt GmbH"]]
