"""JSON: sObject trees, lists, answers of programming interfaces, our own export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.connectors.support import problem_of, read_one, write
from trackline.connectors.readers import read_paths

TREE = {
    "records": [
        {
            "attributes": {"type": "Account", "referenceId": "AccountRef1"},
            "Name": "Acme",
            "AnnualRevenue": 3.5e8,
            "Owner": {"attributes": {"type": "User"}, "Name": "Ann"},
            "Contacts": {
                "records": [{"attributes": {"type": "Contact", "referenceId": "ContactRef1"}, "LastName": "Bo"}]
            },
        },
        {"attributes": {"type": "Account", "referenceId": "AccountRef2"}, "Name": "Bolt", "ParentId": "@AccountRef1"},
    ]
}


def test_tree_becomes_one_table_per_object_with_links_to_parents(tmp_path: Path) -> None:
    tables = {table.object_name: table for table in read_paths([write(tmp_path, "tree.json", json.dumps(TREE))]).tables}
    accounts = [dict(zip(tables["Account"].headings, row.cells, strict=True)) for row in tables["Account"].rows()]
    assert accounts[0]["@reference"] == "AccountRef1"
    assert accounts[0]["Owner.Name"] == "Ann"
    assert accounts[1]["ParentId"] == "@AccountRef1"
    [contact] = [dict(zip(tables["Contact"].headings, row.cells, strict=True)) for row in tables["Contact"].rows()]
    assert contact["AccountId"] == "@AccountRef1"


@pytest.mark.parametrize(
    "data",
    [
        [{"name": "Acme"}, {"name": "Bolt", "city": "Ulm"}],
        {"items": [{"name": "Acme"}, {"name": "Bolt", "city": "Ulm"}], "next": None},
        {"results": [{"properties": {"name": "Acme"}}, {"properties": {"name": "Bolt", "city": "Ulm"}}]},
    ],
)
def test_lists_of_objects_are_tables(tmp_path: Path, data: object) -> None:
    table = read_one(write(tmp_path, "accounts.json", json.dumps(data)))
    assert [row.cells for row in table.rows()] == [["Acme", ""], ["Bolt", "Ulm"]]


def test_several_lists_are_several_tables(tmp_path: Path) -> None:
    data = {"accounts": [{"name": "Acme"}], "contacts": [{"name": "Bo"}]}
    tables = read_paths([write(tmp_path, "book.json", json.dumps(data))]).tables
    assert [table.object_name for table in tables] == ["accounts", "contacts"]


def test_large_files_are_read_piece_by_piece(tmp_path: Path) -> None:
    data = [{"name": f"Company {number}", "note": "x" * 500} for number in range(3_000)]
    table = read_one(write(tmp_path, "accounts.json", json.dumps(data, indent=1)))
    assert sum(1 for _ in table.rows()) == 3_000


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": ', '[{"a": 1} {"a": 2}]', '{"a" 1}', "[1, 2]", "hello"])
def test_broken_files_are_told(tmp_path: Path, text: str) -> None:
    assert problem_of(write(tmp_path, "a.json", text))


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert problem_of(write(tmp_path, "a.json", "[" * 100_000))


def test_empty_lists_are_told(tmp_path: Path) -> None:
    assert problem_of(write(tmp_path, "a.json", "[]")) == "The file holds no list of records."


def test_arrays_and_booleans_in_cells(tmp_path: Path) -> None:
    table = read_one(write(tmp_path, "a.json", '[{"name": "Acme", "tags": ["a", "b"], "live": true, "n": 1.50}]'))
    [row] = table.rows()
    assert [str(cell) for cell in row.cells] == ["Acme", "a; b", "True", "1.50"]


@pytest.mark.parametrize("name", ["accounts.jsonl", "accounts.ndjson"])
def test_an_object_a_line(tmp_path: Path, name: str) -> None:
    text = '\ufeff{"name": "Acme", "arr": 5}\r\n\r\n{"name": "Bolt", "domain": "bolt.example"}\n'
    table = read_one(write(tmp_path, name, text))
    assert table.headings == ["name", "arr", "domain"]
    assert [row.cells for row in table.rows()] == [["Acme", 5, ""], ["Bolt", "", "bolt.example"]]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    assert "near line 2" in problem_of(write(tmp_path, "accounts.jsonl", '{"name": "Acme"}\n{"name": Bolt}\n'))


def test_lines_hold_objects(tmp_path: Path) -> None:
    assert "must hold objects" in problem_of(write(tmp_path, "accounts.jsonl", '{"name": "Acme"}\n5\n'))
