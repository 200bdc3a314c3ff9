"""A dashboard as marks: its tiles in their places, each with its figure or picture, its day and how it is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trackline.book.dashboards.boards import Board, Shown, rows_of
from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows, cell_words
from trackline.documents.boards.packing import COLUMNS, packed
from trackline.documents.decks.layout import Box
from trackline.documents.decks.marks import Mark, letters, rect, stroke
from trackline.documents.decks.measure import LINE, fit, shorten, width, wrap
from trackline.documents.decks.sketch import picture
from trackline.documents.decks.slides import Chart, Series, Waterfall
from trackline.documents.decks.words import NUMBERS
from trackline.kit import formats

PAGE_W, MARGIN, HEAD, FOOT = 960.0, 32.0, 62.0, 26.0
GAP, ROW = 10.0, 58.0
PAGE_ROWS = 8
"""A page holds so many rows of tiles; the tallest tile is as tall."""
PAGE_H = HEAD + PAGE_ROWS * (ROW + GAP) + FOOT + 16
SMALL, BODY, TITLE = 8.0, 9.5, 10.5
FOOT_LINES = 3
"""How a tile is computed takes at most so many lines."""
SIZES = (22.0, 20.0, 18.0, 16.0, 14.0, 12.0)
FILLS = {"green": "green", "amber": "amber", "red": "red", "unknown": "accent4"}


@dataclass(frozen=True)
class Sheet:
    """Pages of one height; `title` names the dashboard."""

    title: str
    height: float
    pages: Sequence[Sequence[Mark]]


def on_pages(board: Board, book: str) -> Sheet:
    """Return a dashboard on pages of paper: a row of tiles that does not fit goes on to the next one."""
    tiles = _placed(board)
    pages: list[list[tuple[Shown, int, int]]] = [[]]
    top = 0
    for shown, column, row in sorted(tiles, key=lambda one: (one[2], one[1])):
        if pages[-1] and row + shown.tile.h - top > PAGE_ROWS:
            pages.append([])
            top = row
        pages[-1].append((shown, column, row - top))
    drawn = [
        [
            *_head(board, book),
            *(mark for one in page for mark in _tile(board, *one)),
            *_foot(PAGE_H, at, len(pages), board),
        ]
        for at, page in enumerate(pages, start=1)
    ]
    return Sheet(board.dashboard.name, PAGE_H, drawn)


def in_one(board: Board, book: str) -> Sheet:
    """Return the whole dashboard on one page as tall as it needs."""
    tiles = _placed(board)
    rows = max((row + shown.tile.h for shown, _, row in tiles), default=1)
    height = HEAD + rows * (ROW + GAP) + FOOT
    marks = [*_head(board, book), *(mark for one in tiles for mark in _tile(board, *one)), *_foot(height, 1, 1, board)]
    return Sheet(board.dashboard.name, height, [marks])


def _placed(board: Board) -> list[tuple[Shown, int, int]]:
    places = packed((shown.tile.w, shown.tile.h) for shown in board.tiles)
    return [(shown, *place) for shown, place in zip(board.tiles, places, strict=True)]


def _head(board: Board, book: str) -> Iterator[Mark]:
    room = PAGE_W - 2 * MARGIN
    said, size = fit(board.dashboard.name, (20.0, 18.0, 16.0), room, 1, strong=True)
    yield letters(Box(MARGIN, 18, room, 24), said, size, strong=True, heading=True)
    words = f"{book} · as of {formats.day(board.on)} · {narrowed(board)}"
    yield letters(Box(MARGIN, 42, room, 14), shorten(words, BODY, room, 1), BODY, colour="dk2")


def narrowed(board: Board) -> str:
    """Say which accounts count."""
    if not board.filters:
        return "all accounts"
    choices = board.sources.narrowed.choices
    said = [dict(choices[name]).get(value, value) for name, value in board.filters.items()]
    return ", ".join(said)


def _foot(height: float, number: int, of: int, board: Board) -> Iterator[Mark]:
    words = f"{board.dashboard.name} · {formats.day(board.on)} · internal" + (f" · {number} of {of}" if of > 1 else "")
    room = PAGE_W - 2 * MARGIN
    yield letters(Box(MARGIN, height - 20, room, 12), shorten(words, SMALL, room, 1), SMALL, colour="dk2")


def _tile(board: Board, shown: Shown, column: int, row: int) -> Iterator[Mark]:
    wide = (PAGE_W - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
    w, h = shown.tile.w, shown.tile.h
    box = Box(
        MARGIN + column * (wide + GAP), HEAD + row * (ROW + GAP), w * wide + (w - 1) * GAP, h * ROW + (h - 1) * GAP
    )
    yield rect(box, "lt2", 4)
    inner = Box(box.x + 10, box.y + 8, box.w - 20, box.h - 16)
    yield letters(inner, shorten(shown.title, TITLE, inner.w, 1, strong=True), TITLE, strong=True)
    said = _said(shown, inner.w, FOOT_LINES)
    foot = len(wrap(said, SMALL, inner.w)) * SMALL * LINE
    yield letters(Box(inner.x, inner.bottom - foot, inner.w, foot), said, SMALL, colour="dk2")
    body = Box(inner.x, inner.y + TITLE * LINE + 5, inner.w, inner.h - TITLE * LINE - foot - 10)
    yield from _body(shown, body, board.on)


def _said(shown: Shown, room: float, lines: int) -> str:
    """The day of a tile, and as much of how it is computed as fits."""
    found = shown.found
    day = formats.day(found.as_of)
    if found.oldest and found.oldest != found.as_of:
        day = f"{formats.day(found.oldest)} to {day}"
    return shorten(f"As of {day}. {shown.tile.kind.how}", SMALL, room, lines)


def _body(shown: Shown, box: Box, today: date) -> Iterator[Mark]:
    found, shape = shown.found, shown.tile.kind.shape
    if shape == "figure":
        yield from _figure(found, box)
    elif shape == "list":
        yield from _list(shown, box, today)
    elif not found.points:
        yield letters(box, found.words(None).capitalize(), BODY, colour="dk2")
    elif shape == "bars":
        yield from _bars(found, box)
    elif shape == "columns":
        yield from _columns(found, box)
    else:
        yield from picture(_chart(found, shape), box)


def _figure(found: Found, box: Box) -> Iterator[Mark]:
    missing = found.value is None
    said, size = fit(found.words(found.value), (14.0, 12.0, 10.0) if missing else SIZES, box.w, 1, strong=not missing)
    colour = "dk2" if missing else found.band if found.band in FILLS and found.band != "unknown" else "dk1"
    yield letters(box, said, size, strong=not missing, colour=colour)
    y = box.y + size * LINE + 2
    beside = [found.detail]
    if found.change is not None and not missing:
        beside.insert(0, f"{formats.delta(found.change, found.change_unit, 1)} {found.since}")
    if found.band in ("green", "amber", "red"):
        beside.insert(0, found.band.capitalize())
    words = " · ".join(filter(None, beside))
    lines = max(1, int((box.bottom - y) // (BODY * LINE)))
    yield letters(Box(box.x, y, box.w, BODY * LINE * lines), shorten(words, BODY, box.w, lines), BODY, colour="dk2")


def _bars(found: Found, box: Box) -> Iterator[Mark]:
    most = max((point.value or Decimal(0) for point in found.points), default=Decimal(0)) or Decimal(1)
    rows = max(1, int(box.h // 16))
    listed, more = found.points[:rows], len(found.points) - rows
    if more > 0:
        listed = found.points[: rows - 1]
    each = min(box.h / max(1, len(listed) + (more > 0)), 26.0)
    side, behind = box.w * 0.32, 62.0
    for at, point in enumerate(listed):
        y = box.y + each * at + each / 2
        name = shorten(point.label, BODY, side - 6, 1)
        yield letters(Box(box.x, y - BODY * LINE / 2, side - 6, BODY * LINE), name, BODY)
        length = float(max(point.value or Decimal(0), Decimal(0)) / most) * (box.w - side - behind)
        yield rect(Box(box.x + side, y - each * 0.3, max(0.8, length), each * 0.6), FILLS.get(point.band, "accent1"))
        yield letters(
            Box(box.x + side + length + 5, y - BODY * LINE / 2, behind, BODY * LINE), found.words(point.value), BODY
        )
    if more > 0:
        y = box.y + each * len(listed)
        yield letters(
            Box(box.x, y, box.w, BODY * LINE), f"and {len(found.points) - len(listed)} more", BODY, colour="dk2"
        )


def _columns(found: Found, box: Box) -> Iterator[Mark]:
    def top_of(point: Point) -> Decimal:
        return max(point.total or Decimal(0), point.target or Decimal(0))

    most = max(map(top_of, found.points)) or Decimal(1)
    room = Box(box.x, box.y + 12, box.w, box.h - 12 - 2 * SMALL * LINE - (12 if found.legend else 0))
    wide = room.w / len(found.points)
    for at, point in enumerate(found.points):
        x, bar = room.x + wide * at, min(wide * 0.6, 46.0)
        left = x + (wide - bar) / 2
        y = room.bottom
        for value, colour in ((point.value, "accent1"), (point.second, "accent2")):
            high = float((value or Decimal(0)) / most) * room.h
            y -= high
            if high:
                yield rect(Box(left, y, bar, high), colour)
        if point.target is not None:
            goal = room.bottom - float(point.target / most) * room.h
            yield stroke(left - 6, goal, left + bar + 6, goal, "dk2", 1.0, dashed=True)
            y = min(y, goal)
        label = shorten(found.words(point.total), SMALL, wide, 1)
        yield letters(Box(x, y - SMALL * LINE - 1, wide, SMALL * LINE), label, SMALL, align="center")
        under = Box(x, room.bottom + 2, wide, SMALL * LINE)
        yield letters(under, shorten(point.label, SMALL, wide - 2, 1), SMALL, colour="dk2", align="center")
    yield stroke(room.x, room.bottom, room.x + room.w, room.bottom, "accent6", 0.6)
    x = box.x
    for css, words in found.legend:
        y = box.bottom - SMALL * LINE
        if css == "rule":
            yield stroke(x, y + 5, x + 10, y + 5, "dk2", 1.0, dashed=True)
        else:
            yield rect(Box(x, y + 2, 8, 6), "accent1" if css == "s1" else "accent2")
        yield letters(Box(x + 14, y, 80, SMALL * LINE), words, SMALL, colour="dk2")
        x += 22 + width(words, SMALL)


def _chart(found: Found, shape: str) -> Chart | Waterfall:
    number = NUMBERS.get(found.unit, "0.0")
    if shape == "waterfall":
        start, *steps, end = found.points
        changes = [(point.label, point.value or Decimal(0)) for point in steps]
        return Waterfall((start.label, start.value or Decimal(0)), changes, end.label, number=number)
    known = [point for point in found.points if point.value is not None]
    return Chart(
        "line", [point.label for point in known], [Series(found.title, [point.value for point in known])], number=number
    )


def _list(shown: Shown, box: Box, today: date) -> Iterator[Mark]:
    found = rows_of(shown)
    if not found.rows:
        yield letters(box, shown.found.words(None).capitalize(), BODY, colour="dk2")
        return
    high = BODY * LINE + 5
    rows = found.rows[: min(int(shown.tile.options.get("rows", "8")), int((box.h - high) // high))]
    columns, lines = _fitting(found, rows, box.w, today)
    y = box.y
    for at, cells in enumerate(lines):
        x = box.x
        for (column, wide), cell in zip(columns, cells, strict=False):
            align = "right" if column.right else ""
            said = shorten(cell, BODY, wide - 8, 1)
            yield letters(Box(x, y, wide - 8, high), said, BODY, colour="dk1" if at else "dk2", align=align)
            x += wide
        y += high
        yield stroke(box.x, y - 3, box.x + box.w, y - 3, "accent6", 0.5)


def _fitting(
    found: Rows, rows: Sequence[Row], room: float, today: date
) -> tuple[list[tuple[Column, float]], list[list[str]]]:
    """As many columns as fit with their widths, and the heading and lines in words; the first takes what is left."""
    lines = [[column.label for column in found.columns]]
    for row in rows:
        pairs = zip(found.columns, row.cells, strict=True)
        lines.append([cell_words(column, row, cell, found.currency, today) for column, cell in pairs])
    needs = [min(max(width(line[at], BODY) for line in lines) + 10, 150.0) for at in range(len(found.columns))]
    first = max(min(needs[0], room), room * 0.34)
    taken, kept = first, 1
    while kept < len(needs) and taken + needs[kept] <= room:
        taken += needs[kept]
        kept += 1
    widths = [first + room - taken, *needs[1:kept]]
    return list(zip(found.columns, widths, strict=False)), lines
