"""Dashboards on paper: tiles where the browser puts them, words that stay inside, files that can be read."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.factories import NOW, make, make_account, system
from trackline.book.dashboards.boards import Board, board_of
from trackline.book.dashboards.gallery import gallery
from trackline.documents.boards.drawing import PAGE_H, PAGE_W, in_one, on_pages
from trackline.documents.boards.files import content_of, tile_csv, tile_workbook
from trackline.documents.boards.packing import packed
from trackline.documents.decks.measure import SAFETY, width
from trackline.kit.problems import NotFound

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sizes", "places"),
    [
        ([(3, 2), (3, 2), (6, 4), (6, 2)], [(0, 0), (3, 0), (6, 0), (0, 2)]),
        ([(8, 2), (8, 2), (4, 2)], [(0, 0), (0, 2), (8, 0)]),  # a gap is filled by what comes later
        ([(12, 2), (2, 8), (11, 3)], [(0, 0), (0, 2), (0, 10)]),
        ([], []),
    ],
)
def test_tiles_stand_where_a_dense_grid_puts_them(sizes: list[tuple[int, int]], places: list[tuple[int, int]]) -> None:
    assert packed(sizes) == places


def board(**more: Any) -> Board:
    name = "株式会社オカダ・ブラント モビリティ " * 4
    account = make_account(name[:120], arr=4_200_000, tier=1, renewal_date=NOW.date())
    make(
        "route",
        account=account,
        title="Very long title of a route " * 8,
        type="upsell",
        state="pursuing",
        value=90_000,
        probability=50,
    )
    make("observation", account=account, metric="nps", value=41, on=NOW.date())
    options = {"metric": {"metric": "nps"}, "metric_by": {"metric": "nps"}, "metric_trend": {"metric": "nps"}}
    tiles = [{"kind": kind, "options": options.get(kind, {}), **more} for kind in gallery().kinds]
    return board_of(system(), make("dashboard", name="Board", shared=True, tiles=tiles).pk)


@pytest.mark.parametrize("size", [{}, {"w": 2, "h": 2}, {"w": 12, "h": 8}])
def test_no_word_leaves_the_page_or_its_box(size: dict[str, int]) -> None:
    found = board(**size)
    for sheet in (on_pages(found, "Ours"), in_one(found, "Ours")):
        for page in sheet.pages:
            for mark in page:
                if mark["kind"] == "text":
                    assert 0 <= mark["x"] <= PAGE_W and 0 <= mark["y"] <= sheet.height, mark
                    longest = max(
                        width(word, mark["size"], strong=mark["strong"]) for word in mark["text"].split() or [""]
                    )
                    assert longest <= mark["w"] * SAFETY + 1 or len(mark["text"]) <= 3, mark
                elif mark["kind"] == "rect":
                    assert mark["x"] + mark["w"] <= PAGE_W + 0.5 and mark["y"] + mark["h"] <= sheet.height + 0.5, mark


def test_pages_are_broken_between_rows_of_tiles() -> None:
    tiles = [{"kind": "arr", "w": 12, "h": 4}] * 5
    made = board_of(system(), make("dashboard", name="Long", shared=True, tiles=tiles).pk)
    sheet = on_pages(made, "Ours")
    assert (len(sheet.pages), sheet.height) == (3, PAGE_H)
    assert in_one(made, "Ours").height > 5 * 4 * 58


def test_every_file_can_be_read() -> None:
    made = board()
    assert content_of(made, "pdf").startswith(b"%PDF")
    assert content_of(made, "png").startswith(b"\x89PNG")
    book = load_workbook(io.BytesIO(content_of(made, "xlsx")))
    assert book.sheetnames[:2] == ["Figures", "ARR"] and len(book.sheetnames) == len(gallery().kinds) + 1
    rows = list(book["Figures"].iter_rows(values_only=True))
    assert rows[1][:3] == ("Accounts", "all accounts", 1)
    assert next(row for row in rows if row[0] == "ARR")[2] == 4_200_000
    assert b'"words":"' in content_of(made, "json")
    with pytest.raises(NotFound):
        content_of(made, "gif")
    empty = board_of(system(), make("dashboard", name="Empty", shared=True).pk)
    for ending in ("pdf", "png", "xlsx", "json"):
        assert content_of(empty, ending)


def test_the_rows_behind_a_tile_as_files() -> None:
    set_ = make_account("=Formula, Ltd", arr=1000, currency="EUR", tier=2)
    make_account("Dollar", arr=500, currency="USD", tier=1)
    tiles = [{"kind": "arr_by"}, {"kind": "records", "options": {"records": "account", "order": "name"}}]
    made = board_of(system(), make("dashboard", name="Files", shared=True, tiles=tiles).pk)
    lines = list(csv.reader(io.StringIO(tile_csv(made.tiles[0], "2").lstrip("\ufeff"))))
    assert lines[0][:2] == ["Account", "ARR EUR"]
    assert lines[1][:2] == ["'=Formula, Ltd", "1000.00"] and len(lines) == 2
    own = list(csv.reader(io.StringIO(tile_csv(made.tiles[1]).lstrip("\ufeff"))))
    assert [(row[0], row[-1]) for row in own[1:]] == [("'=Formula, Ltd", "EUR"), ("Dollar", "USD")]
    sheet = load_workbook(tile_workbook(made.tiles[0])).active
    assert sheet is not None and sheet["A2"].value == set_.name and sheet["B2"].value == 1000
