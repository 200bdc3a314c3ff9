"""A dashboard as PDF, PNG, Excel or JSON, and the rows behind one tile as CSV or Excel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from trackline.accounts.settings import setting
from trackline.book.dashboards.boards import Board, Shown, rows_of
from trackline.book.dashboards.shapes import Column, Row, Rows
from trackline.documents.boards.drawing import PAGE_W, in_one, narrowed, on_pages
from trackline.documents.decks.paper import pages_to_pdf, pages_to_pictures
from trackline.kit import formats
from trackline.kit.api.answers import encode
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.workbooks import TITLE_LENGTH, Sheet, columns_of, measured, workbook_of
from trackline.kit.records.workbooks import Column as SheetColumn

DOTS = 144
CONTENT = {"pdf": "application/pdf", "png": "image/png"}
"""Endings of pictures, and what their content is called."""
KINDS = {"percent": "percent", "measure": "decimal"}


def drawn(board: Board, ending: str) -> bytes:
    """Return a dashboard as `pdf`, or as one picture (`png`). Raises `NotFound` for another ending."""
    if ending not in CONTENT:
        raise NotFound(f"There is no picture as {ending[:20]}; pdf and png are known.")
    book = str(setting("book.name"))
    if ending == "pdf":
        sheet = on_pages(board, book)
        return pages_to_pdf(sheet.title, (PAGE_W, sheet.height), sheet.pages)
    sheet = in_one(board, book)
    return pages_to_pictures(sheet.title, (PAGE_W, sheet.height), sheet.pages, DOTS)[0]


def _excel(board: Board) -> bytes:
    with workbook(board) as file:
        return file.read()


FORMATS: Mapping[str, Callable[[Board], bytes]] = {
    "pdf": lambda board: drawn(board, "pdf"),
    "png": lambda board: drawn(board, "png"),
    "xlsx": _excel,
    "json": lambda board: encode(board.to_json()),
}


def content_of(board: Board, ending: str) -> bytes:
    """Return a dashboard in the format of an ending. Raises `NotFound` for one that is not known."""
    if ending not in FORMATS:
        raise NotFound(f"There is no dashboard as {ending[:20]}; {', '.join(FORMATS)} are known.")
    return FORMATS[ending](board)


def workbook(board: Board) -> IO[bytes]:
    """Return a workbook: what the tiles say on the first sheet, the rows behind each on one of its own."""
    taken: set[str] = {"figures"}
    sheets = [Sheet("Figures", columns_of(FIGURES), figures(board), plain=False)]
    for shown in board.tiles:
        sheets.append(_sheet(rows_of(shown), _named(shown.title, taken)))
    return workbook_of(*sheets)


FIGURES = ("Tile", "Part", "Value", "Unit", "Count", "Target", "As of", "How it is computed", "Left out or assumed")


def figures(board: Board) -> Iterator[list[Any]]:
    """Yield a line for each figure, and one for each point of a picture."""
    yield ["Accounts", narrowed(board), len(board.sources.narrowed.ids), "count", None, None, board.on, "", ""]
    for shown in board.tiles:
        found, kind = shown.found, shown.tile.kind
        unit = found.currency if found.unit == "currency" else found.unit
        notes = " ".join(found.notes)
        if kind.shape == "figure":
            yield [shown.title, "", measured(found.value, unit), unit, None, None, found.as_of, kind.how, notes]
        for point in found.points:
            yield [
                shown.title, point.label, measured(point.total, unit), unit, point.count, measured(point.target, unit),
                found.as_of, kind.how, notes,
            ]  # fmt: skip


def _named(title: str, taken: set[str]) -> str:
    """Return a title that a sheet may have and no other one has."""
    plain = "".join(" " if letter in r"[]:*?/\'" else letter for letter in title).strip()[:TITLE_LENGTH] or "Tile"
    name, number = plain, 2
    while name.casefold() in taken:
        name = f"{plain[: TITLE_LENGTH - 3]} {number}"
        number += 1
    taken.add(name.casefold())
    return name


def _sheet(rows: Rows, name: str) -> Sheet:
    columns = rows.columns or (Column("Nothing"),)
    return Sheet(
        name,
        [SheetColumn(column.label, KINDS.get(column.kind, "text")) for column in columns],
        [
            [_typed(column, row, cell, rows.currency) for column, cell in zip(columns, row.cells, strict=True)]
            for row in rows.rows
        ],
    )


def _typed(column: Column, row: Row, cell: Any, currency: str) -> Any:
    unit = "currency" if column.kind == "money" else column.unit if column.kind == "measure" else ""
    return measured(cell, unit, row.currency or currency)


def tile_workbook(shown: Shown, part: str = "") -> IO[bytes]:
    """Return the rows behind a tile as a workbook."""
    return workbook_of(_sheet(rows_of(shown, part), _named(shown.title, set())))


def tile_csv(shown: Shown, part: str = "") -> str:
    """Return the rows behind a tile as CSV: amounts as numbers, their currency in the heading or in a column."""
    return csv_of(_lines(rows_of(shown, part)))


def _lines(rows: Rows) -> Iterator[list[Any]]:
    own = any(row.currency for row in rows.rows)
    money = [
        column.kind == "money" or (column.kind == "measure" and column.unit == "currency") for column in rows.columns
    ]
    heading = [
        f"{column.label} {rows.currency}" if is_money and not own else column.label
        for column, is_money in zip(rows.columns, money, strict=True)
    ]
    yield [*heading, *(["Currency"] if own else [])]
    for row in rows.rows:
        yield [
            *(formats.decimal(cell) if is_money else cell for cell, is_money in zip(row.cells, money, strict=True)),
            *([row.currency] if own else []),
        ]
