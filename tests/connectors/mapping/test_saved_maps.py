"""Saved maps are checked before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import write
from trackline.connectors.mapping.saved import MapProblem, load_map, parse_map


def test_the_exact_table_then_the_pattern_then_the_defaults() -> None:
    saved = parse_map(
        {
            "date_order": "dmy",
            "files": {"book.xlsx › Deals": {"decimal": ","}, "*.xlsx": {"type": "account", "date_order": "mdy"}},
        }
    )
    assert saved.of("book.xlsx", "book.xlsx › Deals").decimal == ","
    assert saved.of("in/BOOK.xlsx", "in/BOOK.xlsx › Other").type == "account"
    assert saved.of("book.xlsx", "book.xlsx › Other").date_order == "mdy"
    assert saved.of("a.csv").date_order == "dmy"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the map: an object is expected."),
        ({"colums": {}}, "the map: “colums” is not known."),
        ({"files": {"a": {"type": 5}}}, "files.a.type: text is expected."),
        ({"files": {"a": {"columns": {"X": 5}}}}, "files.a.columns.X: text is expected."),
        ({"date_order": "ymd"}, "the map.date_order: one of dmy, mdy is expected."),
        ({"files": {"a": {"stages": {"X": "later"}}}}, "files.a.stages.X: one of identified"),
        ({"mode": "replace"}, "mode: one of create, update, both is expected."),
        ({"files": {"a": {"delimiter": "ab"}}}, "files.a.delimiter: one character is expected"),
    ],
)
def test_mistakes_are_told_with_their_place(data: Any, message: str) -> None:
    with pytest.raises(MapProblem) as caught:
        parse_map(data)
    assert message in str(caught.value)


def test_files_that_are_no_map(tmp_path: Path) -> None:
    with pytest.raises(MapProblem, match="is not valid JSON"):
        load_map(write(tmp_path, "map.json", "{"))
    with pytest.raises(MapProblem, match="cannot be opened"):
        load_map(tmp_path / "none.json")


def test_null_skips_a_column() -> None:
    assert parse_map({"columns": {"Fax": None}}).defaults.columns == {"Fax": "skip"}
