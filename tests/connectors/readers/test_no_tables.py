"""Files that are no tables, whatever their name says: refused with what they are and what to do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.connectors.support import problem_of, read_one, write
from trackline.connectors.readers import Limits, ReadProblem, read_paths
from trackline.connectors.readers.delimited import read_delimited


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("accounts.csv", "Account Name\nAcme\n")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4\n1 0 obj\n<< /Type /Page, /Count 1 >>\nendobj\n%%EOF", "This is a PDF"),
        (archive(), "This is a zip archive under another name"),
        (b"PK\x03\x04damaged", "The file is damaged"),
        (b"<!DOCTYPE html>\n<title>Sign in</title>", "This is a web page"),
        (b"\xef\xbb\xbf\n<!-- " + b"x" * 900 + b" -->\n<html><table>", "This is a web page"),
        (b"<?xml version='1.0'?><Workbook/>", "This is a web page"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in problem_of(write(tmp_path, "accounts.csv", content))


def test_a_cell_may_hold_a_page(tmp_path: Path) -> None:
    table = read_one(write(tmp_path, "accounts.csv", 'Company name,About\nAcme,"<html><table><tr></table>"\n'))
    assert [row.cells for row in table.rows()] == [["Acme", "<html><table><tr></table>"]]


def test_one_endless_line_is_refused_before_it_is_parted(tmp_path: Path) -> None:
    assert "one long line" in problem_of(write(tmp_path, "accounts.csv", "Company name," * 30_000))


def test_a_line_without_end_below_the_headings_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "accounts.csv", "Company name,City\nAcme,Ulm\n" + "x," * 600 + "\n")
    with pytest.raises(ReadProblem, match="A line has more than 1,000 characters"):
        list(read_delimited("accounts.csv", lambda: path.open("rb"), Limits(line_characters=1000)).rows())


def test_the_plan_of_a_tree_export_is_left_aside(tmp_path: Path) -> None:
    path = write(tmp_path, "plan.json", '[{"sobject": "Account", "saveRefs": true, "files": ["Accounts.json"]}]')
    [unread] = read_paths([path]).unread
    assert not unread.failed
    assert "plan of a Salesforce tree export" in unread.reason
