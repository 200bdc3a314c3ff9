"""Where everything of a slide stands, so that text always fits: shrunk within limits, then on to a further slide. Pure.

Lengths are points. Heights are those the text needs once it is broken into lines; nothing is left to the program that opens
the deck.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .measure import LINE, fit, shorten, width, wrap
from .slides import Block, Cell, Chart, Figure, Slide, Table, Text, Waterfall

SIZES = (16.0, 15.0, 14.0, 13.0, 12.0)
FINDING_SIZES = (14.0, 13.0, 12.0)
GAP, GUTTER = 10.0, 24.0
CHART_MIN = 118.0
CELL_X, CELL_Y = 5.0, 0.32
"""Room around the words of a cell: at its sides in points, above and below in parts of their size."""
TABLE_SMALLER = 1.0
"""Words of a table are so much smaller than those beside it."""
ALONE = 3
"""Fewer rows than this do not begin a table at the foot of a slide, where the next one has room for them."""
CELL_LINES = 6
"""A cell takes at most so many lines; the whole text then stands in the notes."""
HEADING = 12.0
FIGURES = 78.0
TILE_TOP = 8.0
"""Room above the name of a figure: names and values of a row of tiles stand on one line, whatever is said beneath."""
MISSING_SIZES = (14.0, 13.0, 12.0)
VALUE_SIZES = (24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
COLUMN_MIN = 44.0
_WORDS = re.compile(r"[^ \t\n/-]+")


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    w: float
    h: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    def below(self, height: float) -> Box:
        """What is left of it beneath so much."""
        return replace(self, y=self.y + height, h=self.h - height)


@dataclass(frozen=True)
class Grid:
    """How a table is drawn: widths of columns, heights of rows, the header's first."""

    widths: Sequence[float]
    heights: Sequence[float]


@dataclass(frozen=True)
class Placed:
    """A block, or what of it stands here, in its box at its size."""

    box: Box
    block: Block
    size: float
    grid: Grid | None = None


@dataclass(frozen=True)
class Tile:
    """A figure in its box, its value at the size at which it fits."""

    box: Box
    figure: Figure
    size: float


@dataclass(frozen=True)
class Page:
    """One slide as it is drawn. `cut` are texts that were shortened here; the notes hold them whole."""

    number: int
    finding: tuple[Box, str, float] | None
    tiles: Sequence[Tile]
    placed: Sequence[Placed]
    cut: Sequence[str] = ()


def pages(slide: Slide, area: Box) -> list[Page]:
    """Return the pages of a slide: one, at the largest size at which all fits, or several at the smallest.

    A table that goes on is spread evenly over the slides it needs anyway, so that its last row does not stand alone.
    """
    for size in SIZES:
        found = _flow(slide, area, size)
        if len(found) == 1:
            return found
    even = _flow(slide, area, size, even=True)
    return even if len(even) <= len(found) else found


def text_height(text: Text, size: float, room: float) -> float:
    """Return the height of a text without its heading."""
    return sum(len(wrap(line, size, _line_room(text, size, room))) for line in text.lines) * size * LINE + _gaps(
        text, size
    )


def heading_height(block: Block) -> float:
    """Return how much of the box of a block its heading takes."""
    return HEADING * LINE + 4 if block.heading else 0.0


def indent(text: Text, size: float) -> float:
    """Return how far the lines of a text stand from its left edge: the room of its bullets."""
    return size if text.bullets else 0.0


def _flow(slide: Slide, area: Box, size: float, *, even: bool = False) -> list[Page]:
    box, finding = area, None
    if slide.finding:
        said, finding_size = fit(slide.finding, FINDING_SIZES, area.w, 2)
        height = len(wrap(said, finding_size, area.w)) * finding_size * LINE
        finding = (replace(area, h=height), said, finding_size)
        box = box.below(height + GAP)
    tiles = _tiles(slide.figures, box)
    if tiles:
        box = box.below(FIGURES + GAP)
    found: list[Page] = []
    left, right = list(slide.left), list(slide.right)
    while True:
        placed, left, right, cut = _page(left, right, box, size, slide.share, area.h if even else None)
        if found and finding == found[-1].finding:
            finding = None
        found.append(Page(len(found) + 1, finding, tiles, placed, cut))
        if not left and not right:
            return found
        finding, tiles, box = None, (), area


def _tiles(figures: Sequence[Figure], box: Box) -> Sequence[Tile]:
    if not figures:
        return ()
    wide = (box.w - GAP * (len(figures) - 1)) / len(figures)
    found = []
    for at, figure in enumerate(figures):
        inner = wide - 2 * CELL_X
        sizes = MISSING_SIZES if figure.missing else VALUE_SIZES
        value, size = fit(figure.value, sizes, inner, 1, strong=True)
        shown = replace(
            figure,
            value=value,
            label=shorten(figure.label, 11, inner, 1),
            detail=shorten(figure.detail, 10, inner, 2 if figure.detail else 1),
        )
        found.append(Tile(Box(box.x + at * (wide + GAP), box.y, wide, FIGURES), shown, size))
    return found


def _page(
    left: list[Block], right: list[Block], box: Box, size: float, share: float, onward: float | None
) -> tuple[list[Placed], list[Block], list[Block], list[str]]:
    if not left or not right:
        placed, rest, cut = _column(left or right, box, size, onward)
        return (placed, rest, [], cut) if left else (placed, [], rest, cut)
    wide = (box.w - GUTTER) * share
    first = replace(box, w=wide)
    second = replace(box, x=box.x + wide + GUTTER, w=box.w - wide - GUTTER)
    one, rest_left, cut_left = _column(left, first, size, onward)
    two, rest_right, cut_right = _column(right, second, size, onward)
    return [*one, *two], rest_left, rest_right, [*cut_left, *cut_right]


def _column(
    blocks: list[Block], box: Box, size: float, onward: float | None
) -> tuple[list[Placed], list[Block], list[str]]:
    """Place blocks beneath each other; what is left comes back. An empty column always takes something.

    `onward` is the height of the slides that follow, where tables are spread evenly over them.
    """
    placed: list[Placed] = []
    cut: list[str] = []
    rest, y = list(blocks), box.y
    while rest:
        block = rest[0]
        head = heading_height(block)
        room = replace(box, y=y + head, h=box.bottom - y - head)
        if isinstance(block, Text):
            part, left = _text(block, room, size, force=not placed)
        elif isinstance(block, Table):
            further = None if onward is None else onward - head
            part, left = _table(block, room, size, cut, force=not placed, onward=further)
        else:
            part, left = _chart(block, room, rest[1:], size, force=not placed)
        if part is None:
            break
        placed.append(replace(part, box=Box(box.x, y, box.w, part.box.h + head)))
        y = placed[-1].box.bottom + GAP
        rest = [left, *rest[1:]] if left else rest[1:]
        if left:
            break
    return placed, rest, cut


def _chart(
    block: Block, room: Box, following: Sequence[Block], size: float, *, force: bool
) -> tuple[Placed | None, Block | None]:
    if room.h < CHART_MIN - 1 and not force:
        return None, block
    charts = 1 + sum(isinstance(one, Chart | Waterfall) for one in following)
    fixed = sum(GAP + _needs(one, size, room.w) for one in following) - CHART_MIN * (charts - 1)
    return Placed(replace(room, h=max(min(room.h, CHART_MIN), (room.h - fixed) / charts)), block, size), None


def _needs(block: Block, size: float, room: float) -> float:
    head = heading_height(block)
    if isinstance(block, Text):
        return head + text_height(block, size, room)
    if isinstance(block, Table):
        return head + sum(_grid(block, size - TABLE_SMALLER, room).heights)
    return head + CHART_MIN


def _text(block: Text, room: Box, size: float, *, force: bool) -> tuple[Placed | None, Block | None]:
    taken: list[str] = []
    for line in block.lines:
        if text_height(replace(block, lines=[*taken, line]), size, room.w) > room.h:
            break
        taken.append(line)
    rest = list(block.lines[len(taken) :])
    if not taken and not force:
        return None, block
    if not taken:  # one paragraph longer than a page: as many lines of it as there is room for
        inner = _line_room(block, size, room.w)
        lines = wrap(rest[0], size, inner)
        most = max(1, int(room.h // (size * LINE)))
        taken, rest = [" ".join(lines[:most])], [" ".join(lines[most:]), *rest[1:]] if lines[most:] else rest[1:]
    shown = replace(block, lines=taken)
    height = text_height(shown, size, room.w)
    return Placed(replace(room, h=height), shown, size), replace(block, lines=rest) if rest else None


def _table(
    block: Table, room: Box, size: float, cut: list[str], *, force: bool, onward: float | None
) -> tuple[Placed | None, Block | None]:
    small = size - TABLE_SMALLER
    shown = _cut_cells(block, small, room.w)
    grid = _grid(shown, small, room.w)
    taken, height = 0, grid.heights[0]
    for row in grid.heights[1:]:
        if height + row > room.h:
            break
        taken, height = taken + 1, height + row
    if not taken and shown.rows:
        if not force:
            return None, block
        taken = 1
    if onward is not None and taken < len(shown.rows):
        taken = _evenly(grid.heights, taken, onward, force=force)
        if not taken:
            return None, block
    height = sum(grid.heights[: taken + 1])
    part = replace(shown, rows=shown.rows[:taken])
    for told, whole in zip(part.rows, block.rows, strict=False):
        cut += [cell.text for short, cell in zip(told, whole, strict=True) if short.text != cell.text]
    rest = replace(block, rows=block.rows[taken:]) if taken < len(block.rows) else None
    return Placed(replace(room, h=height), part, small, replace(grid, heights=grid.heights[: taken + 1])), rest


def _evenly(heights: Sequence[float], here: int, onward: float, *, force: bool) -> int:
    """Return how many rows of a table that goes on stand here, where at most `here` do: as many as on each slide after.

    0 where so few would that the slides after take them as well.
    """
    rows = heights[1:]
    needed = _slides(rows[here:], heights[0], onward)
    if not force and here < ALONE and _slides(rows, heights[0], onward) <= needed:
        return 0
    for most in range(1, here):
        if _slides(rows[most:], heights[0], onward, most) <= needed:
            return most
    return here


def _slides(rows: Sequence[float], head: float, room: float, most: int | None = None) -> int:
    """Return how many slides rows of these heights take, with at most so many on each."""
    slides, taken, height = 0, 0, 0.0
    for row in rows:
        if not slides or height + row > room or taken == most:
            slides, taken, height = slides + 1, 0, head
        taken, height = taken + 1, height + row
    return slides


def _grid(table: Table, size: float, room: float) -> Grid:
    widths = _widths(table, size, room)
    labels = [Cell(column.label, strong=True) for column in table.columns]
    return Grid(widths, [_row_height(row, widths, size) for row in (labels, *table.rows)])


def _row_height(row: Sequence[Cell], widths: Sequence[float], size: float) -> float:
    lines = max(
        len(wrap(cell.text, size, wide - 2 * CELL_X, strong=cell.strong))
        for cell, wide in zip(row, widths, strict=True)
    )
    return lines * size * LINE + 2 * CELL_Y * size


def _cut_cells(table: Table, size: float, room: float) -> Table:
    widths = _widths(table, size, room)
    rows = [
        tuple(
            replace(cell, text=shorten(cell.text, size, wide - 2 * CELL_X, CELL_LINES, strong=cell.strong))
            for cell, wide in zip(row, widths, strict=True)
        )
        for row in table.rows
    ]
    return replace(table, rows=rows)


def _widths(table: Table, size: float, room: float) -> list[float]:
    """Return the widths of columns: what each needs on one line, and where that is too much, the long ones share."""
    needs = [width(column.label, size, strong=True) for column in table.columns]
    for row in table.rows:
        for at, cell in enumerate(row):
            longest = max(cell.text.splitlines() or [""], key=len)
            needs[at] = max(needs[at], width(longest, size, strong=cell.strong))
    needs = [need + 2 * CELL_X + 1 for need in needs]
    if sum(needs) <= room:
        return _spread(table, needs, room - sum(needs))
    fair, found, open_ = room / len(needs), [0.0] * len(needs), list(range(len(needs)))
    left = room
    while True:
        narrow = [at for at in open_ if needs[at] <= left / len(open_)]
        if not narrow or len(narrow) == len(open_):
            break
        for at in narrow:
            found[at] = needs[at]
            open_.remove(at)
            left -= needs[at]
    weights = {at: min(needs[at], 3 * fair) for at in open_}
    for at in open_:
        found[at] = max(COLUMN_MIN, left * weights[at] / sum(weights.values()))
    over = sum(found) - room
    if over > 0:
        widest = max(range(len(found)), key=lambda at: found[at])
        found[widest] -= over
    return _unbroken(table, found, size, room)


def _unbroken(table: Table, widths: list[float], size: float, room: float) -> list[float]:
    """Give each column room for its longest word, from those that have more than that; where there is too little, all stays."""
    rows = [[Cell(column.label, strong=True) for column in table.columns], *table.rows]
    least = [
        max(
            (width(word, size, strong=row[at].strong) for row in rows for word in _WORDS.findall(row[at].text)), default=0.0
        ) + 2 * CELL_X + 1
        for at in range(len(widths))
    ]  # fmt: skip
    lacking = sum(max(0.0, need - wide) for need, wide in zip(least, widths, strict=True))
    spare = sum(max(0.0, wide - need) for need, wide in zip(least, widths, strict=True))
    if not lacking or lacking > spare:
        return widths
    keeps = 1 - lacking / spare
    return [need if wide <= need else need + (wide - need) * keeps for need, wide in zip(least, widths, strict=True)]


def _spread(table: Table, needs: list[float], spare: float) -> list[float]:
    """Give what is left over to the columns of words, most of it to the long ones; numbers stay together."""
    words = [at for at, column in enumerate(table.columns) if not column.right] or list(range(len(needs)))
    total = sum(needs[at] ** 2 for at in words)
    return [need + (spare * need**2 / total if at in words else 0.0) for at, need in enumerate(needs)]


def _line_room(text: Text, size: float, room: float) -> float:
    return room - indent(text, size)


def _gaps(text: Text, size: float) -> float:
    return max(0, len(text.lines) - 1) * size * 0.35
