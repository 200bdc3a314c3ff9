"""A deck as plain marks on pages: texts, rectangles and lines, where `layout` puts them. Pure; lengths are points.

What the PowerPoint file leaves to charts and tables of its program is drawn here, for paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from trackline.kit import formats

from .layout import CELL_X, CELL_Y, HEADING, TILE_TOP, Box, Page, Placed, Tile, heading_height, indent, pages
from .marks import Mark, letters, rect, stroke
from .measure import LINE, axis, fit, fit_box, is_rtl, shorten, wrap
from .slides import Cell, Chart, Deck, Slide, Text, Waterfall

AREA, TITLE = Box(44, 80, 872, 424), Box(44, 26, 872, 46)
TITLE_SIZES = (26.0, 24.0, 22.0, 20.0, 18.0, 16.0)
COLOURS = ("accent1", "accent3", "accent4", "accent5", "accent2", "accent6")
SMALL = 10.0
STEPS = 4
"""So many lines stand across a chart."""
_WORD = re.compile(r'"([^"]*)"')


def sketch(deck: Deck) -> list[list[Mark]]:
    """Return the marks of each page, the cover first where there is one."""
    found = [list(_cover(deck))] if deck.cover else []
    for slide in deck.slides:
        made = pages(slide, AREA)
        found += [list(_slide(deck, slide, page, len(made))) for page in made]
    for number, marks in enumerate(found, start=1):
        marks.append(letters(Box(44, 512, 760, 18), shorten(deck.footer, 9, 760, 1), 9, colour="dk2"))
        marks.append(letters(Box(856, 512, 60, 18), str(number), 9, colour="dk2", align="right"))
    return found


def _cover(deck: Deck) -> Iterator[Mark]:
    said, size = fit_box(deck.title, (38.0, 34.0, 30.0, 26.0, 22.0), 872, 110, strong=True)
    high = len(wrap(said, size, 872, strong=True)) * size * LINE
    yield letters(Box(44, 228 - high, 872, high), said, size, strong=True, heading=True)
    said, size = fit_box(deck.subtitle, (18.0, 16.0, 14.0), 872, 44)
    yield letters(Box(44, 236, 872, 44), said, size, colour="dk2")
    for at, (name, text) in enumerate(deck.facts):
        each = min(44.0, 210 / len(deck.facts))
        label, size = fit_box(name, (14.0, 13.0, 12.0, 11.0, 10.0), 122, each)
        yield letters(Box(44, 294 + at * each, 122, each), label, size, colour="dk2")
        said, size = fit_box(text, (14.0, 13.0, 12.0, 11.0, 10.0), 742, each)
        yield letters(Box(174, 294 + at * each, 742, each), said, size)


def _slide(deck: Deck, slide: Slide, page: Page, of: int) -> Iterator[Mark]:
    title = slide.title if of == 1 else f"{slide.title} ({page.number} of {of})"
    said, size = fit_box(title, TITLE_SIZES, TITLE.w, TITLE.h, strong=True)
    yield letters(TITLE, said, size, strong=True, heading=True)
    if page.finding:
        box, finding, finding_size = page.finding
        yield letters(box, finding, finding_size, colour="dk2")
    for tile in page.tiles:
        yield from _tile(tile)
    for placed in page.placed:
        yield from _block(placed)


def _tile(tile: Tile) -> Iterator[Mark]:
    box, figure = tile.box, tile.figure
    yield rect(box, "lt2")
    inner = Box(box.x + CELL_X + 3, box.y, box.w - 2 * CELL_X - 6, box.h)
    colour = "dk2" if figure.missing else figure.band or "dk1"
    parts = [(figure.label, 11.0, "dk2", False), (figure.value, tile.size, colour, not figure.missing)]
    if figure.detail:
        parts.append((figure.detail, 10.0, "dk2", False))
    lines = [(len(wrap(text, size, inner.w, strong=strong)) * size * LINE) for text, size, _, strong in parts]
    y = box.y + TILE_TOP
    for (text, size, colour, strong), high in zip(parts, lines, strict=True):
        yield letters(Box(inner.x, y, inner.w, high), text, size, colour=colour, strong=strong)
        y += high


def _block(placed: Placed) -> Iterator[Mark]:
    block, box = placed.block, placed.box
    if block.heading:
        said, size = fit(block.heading, (HEADING, 11.0, 10.0), box.w, 1, strong=True)
        yield letters(Box(box.x, box.y, box.w, HEADING * LINE), said, size, strong=True)
        box = box.below(heading_height(block))
    if isinstance(block, Text):
        yield from _paragraphs(block, box, placed.size)
    elif isinstance(block, Waterfall):
        yield from _waterfall(block, box)
    elif isinstance(block, Chart):
        yield from _chart(block, box)
    else:
        yield from _table(placed, box)


def _paragraphs(block: Text, box: Box, size: float) -> Iterator[Mark]:
    y, by = box.y, indent(block, size)
    for line in block.lines:
        high = len(wrap(line, size, box.w - by)) * size * LINE
        if block.bullets:
            x = box.x + box.w - by if is_rtl(line) else box.x
            yield letters(Box(x, y, by, size * LINE), "•", size, colour="accent1")
        yield letters(Box(box.x + (0 if is_rtl(line) else by), y, box.w - by, high), line, size)
        y += high + size * 0.35


def _table(placed: Placed, box: Box) -> Iterator[Mark]:
    table, grid, size = placed.block, placed.grid, placed.size
    assert grid is not None and not isinstance(table, Text | Chart | Waterfall)
    head = [Cell(column.label, strong=True) for column in table.columns]
    y = box.y
    for at, (row, high) in enumerate(zip((head, *table.rows), grid.heights, strict=True)):
        x = box.x
        for column, cell, wide in zip(table.columns, row, grid.widths, strict=True):
            room = Box(x + CELL_X, y + CELL_Y * size, wide - 2 * CELL_X, high - 2 * CELL_Y * size)
            colour = cell.band or ("dk2" if at == 0 else "dk1")
            align = "right" if column.right else ""
            yield letters(room, cell.text, size, strong=cell.strong, colour=colour, align=align)
            x += wide
        y += high
        yield stroke(box.x, y, x, y, "dk2" if at == 0 else "line", 1.0 if at == 0 else 0.5)


def _waterfall(block: Waterfall, box: Box) -> Iterator[Mark]:
    levels = block.levels
    plot = _Plot(box, [value for _, low, high, _ in levels for value in (low, high)], block.number, zero=True)
    yield from plot.frame([label for label, *_ in levels])
    wide = plot.room.w / len(levels)
    for at, (_, low, high, whole) in enumerate(levels):
        top, bottom = plot.y(max(low, high)), plot.y(min(low, high))
        colour = "accent1" if whole else "green" if high >= low else "red"
        column = Box(plot.room.x + wide * (at + 0.16), top, wide * 0.68, max(1.0, bottom - top))
        yield rect(column, colour)
        value = high if whole else abs(high - low)
        label = Box(column.x - wide * 0.16, top - SMALL * LINE - 1, wide, SMALL * LINE)
        yield letters(label, shown(value, block.number), SMALL, align="center")


def _chart(block: Chart, box: Box) -> Iterator[Mark]:
    known = [value for series in block.series for value in series.values if value is not None]
    if block.kind == "bar":
        yield from _bars(block, box, known)
        return
    legend = SMALL * LINE + 4 if len(block.series) > 1 else 0.0
    plot = _Plot(Box(box.x, box.y, box.w, box.h - legend), known, block.number, zero=block.kind == "column")
    yield from plot.frame(block.categories)
    wide = plot.room.w / max(1, len(block.categories))
    for at, series in enumerate(block.series):
        colour = "dk2" if series.target else COLOURS[at % len(COLOURS)]
        if block.kind == "line":
            yield from _course(series.values, plot, wide, colour, dashed=series.target, number=block.number)
            continue
        part = wide * 0.7 / len(block.series)
        for index, value in enumerate(series.values):
            if value is None:
                continue
            top, floor = sorted((plot.y(value), plot.y(Decimal(0))))
            x = plot.room.x + wide * (index + 0.15) + part * at
            yield rect(Box(x, top, part, max(0.5, floor - top)), colour)
            label = Box(x - part, top - SMALL * LINE - 1, 3 * part, SMALL * LINE)
            yield letters(label, shown(value, block.number), SMALL, align="center")
    if legend:
        yield from _legend([series.name for series in block.series], box)


def picture(block: Chart | Waterfall, box: Box) -> Iterator[Mark]:
    """Return the marks of a chart in its box."""
    return _waterfall(block, box) if isinstance(block, Waterfall) else _chart(block, box)


def _course(
    values: Sequence[Decimal | None], plot: _Plot, wide: float, colour: str, *, dashed: bool, number: str
) -> Iterator[Mark]:
    before: tuple[float, float] | None = None
    last: tuple[float, float, Decimal] | None = None
    falls = False
    for at, value in enumerate(values):
        if value is None:
            before = None
            continue
        here = (plot.room.x + wide * (at + 0.5), plot.y(value))
        if before:
            yield stroke(*before, *here, colour, 1.5 if dashed else 2.25, dashed=dashed)
        if not dashed:
            yield rect(Box(here[0] - 2.5, here[1] - 2.5, 5, 5), colour, round_=2.5)
        falls = last is not None and value < last[2]
        before, last = here, (*here, value)
    if last:
        below = falls and last[1] + 4 + SMALL * LINE <= plot.room.bottom
        label = Box(last[0] - 40, last[1] + 4 if below else last[1] - SMALL * LINE - 4, 80, SMALL * LINE)
        yield letters(label, shown(last[2], number), SMALL, align="center")


def _bars(block: Chart, box: Box, known: Sequence[Decimal]) -> Iterator[Mark]:
    """Bars from the left; one row a category, its name before it and its value behind."""
    side, behind = box.w * 0.3, 60.0
    most = max([*known, Decimal(0)]) or Decimal(1)
    each = box.h / max(1, len(block.categories))
    part = each * 0.6 / len(block.series)
    for at, name in enumerate(block.categories):
        said, size = fit(name, (11.0, 10.0, 9.0), side - 8, 1)
        high = size * LINE
        yield letters(Box(box.x, box.y + each * (at + 0.5) - high / 2, side - 8, high), said, size, align="right")
        for index, series in enumerate(block.series):
            value = series.values[at]
            if value is None:
                continue
            y = box.y + each * (at + 0.2) + part * index
            length = float(max(value, Decimal(0)) / most) * (box.w - side - behind)
            yield rect(Box(box.x + side, y, max(0.5, length), part), COLOURS[index % len(COLOURS)])
            label = Box(box.x + side + length + 4, y + part / 2 - SMALL * LINE / 2, behind, SMALL * LINE)
            yield letters(label, shown(value, block.number), SMALL)


def _legend(names: Sequence[str], box: Box) -> Iterator[Mark]:
    wide = box.w / len(names)
    y = box.bottom - SMALL * LINE
    for at, name in enumerate(names):
        yield rect(Box(box.x + wide * at, y + 3, 8, 6), COLOURS[at % len(COLOURS)])
        room = wide - 16
        yield letters(
            Box(box.x + wide * at + 12, y, room, SMALL * LINE), shorten(name, SMALL, room, 1), SMALL, colour="dk2"
        )


class _Plot:
    """The area that values are drawn in, with a scale of round numbers at its left."""

    def __init__(self, box: Box, values: Sequence[Decimal], number: str, *, zero: bool) -> None:
        low, high = (min(values), max(values)) if values else (Decimal(0), Decimal(1))
        if zero:
            low, high = min(low, Decimal(0)), max(high, Decimal(0))
        step = _round(high - low or abs(high) or Decimal(1))
        self.low, self.step, self.number = (low / step).to_integral_value(ROUND_FLOOR) * step, step, number
        self.steps = max(1, int(((high - self.low) / step).to_integral_value(ROUND_CEILING)))
        self.high = self.low + self.steps * step
        self.room = Box(box.x + 48, box.y + SMALL * LINE, box.w - 48, box.h - 3 * SMALL * LINE)

    def y(self, value: Decimal) -> float:
        """Return where a value stands."""
        return self.room.bottom - float((value - self.low) / (self.high - self.low)) * self.room.h

    def frame(self, categories: Sequence[str]) -> Iterator[Mark]:
        """Draw the lines across with their numbers, and what stands beneath."""
        for at in range(self.steps + 1):
            value = self.low + at * self.step
            y = self.y(value)
            yield stroke(self.room.x, y, self.room.x + self.room.w, y, "line", 0.4)
            label = Box(self.room.x - 48, y - SMALL * LINE / 2, 42, SMALL * LINE)
            yield letters(label, shown(value, self.number), SMALL, colour="dk2", align="right")
        wide = self.room.w / max(1, len(categories))
        names, size = axis(categories, wide - 2)
        for at, said in enumerate(names):
            room = Box(self.room.x + wide * at + 1, self.room.bottom + 3, wide - 2, 2 * SMALL * LINE)
            yield letters(room, said, size, colour="dk2", align="center")


def _round(span: Decimal) -> Decimal:
    """Return a round step by which a span is crossed in about `STEPS`."""
    rough = span / STEPS
    power = Decimal(1).scaleb(rough.adjusted())
    return next(power * one for one in (1, 2, 5, 10) if power * one >= rough)


def shown(value: Decimal, number: str) -> str:
    """Return a value as the format of a spreadsheet shows it: whole thousands and millions, or decimals with a unit."""
    if ",," in number:
        for limit, word in ((Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k")):
            if abs(value) >= limit:
                return f"{formats.number(value / limit, 1 if word == 'm' else 0)}{word}"
        return formats.number(value, 0)
    unit = _WORD.search(number)
    whole = "0.0" not in number or value == value.to_integral_value()
    return f"{formats.number(value, 0 if whole and unit else None if whole else 1)}{unit[1] if unit else ''}"
