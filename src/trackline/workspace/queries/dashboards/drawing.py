"""Tiles as they are drawn: where bars, columns and lines stand, in hundredths of the room that they have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from trackline.book.dashboards.boards import Shown, rows_of
from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows, cell_words
from trackline.workspace.queries.dashboards.asked import Asked
from trackline.workspace.svg import number

ZERO = Decimal(0)
Link = Callable[[str], str]
"""The address of the rows behind one part."""


@dataclass(frozen=True)
class Mark:
    """A bar or column: `size` of its room and `start` from its foot or left, in hundredths; `goal` is where a target lies."""

    point: Point
    words: str
    url: str
    size: str
    start: str = "0"
    second: str = "0"
    goal: str = ""
    target: str = ""
    css: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a list: its cells as words, each with the column it stands in, and where it leads."""

    cells: Sequence[tuple[Column, str]]
    url: str
    panel: str


@dataclass(frozen=True)
class Course:
    """A line through the known points: path data in a square of 100, its ends in words, lowest and highest."""

    path: str
    dots: str
    first: str
    last: str
    low: str
    high: str
    told: str


@dataclass(frozen=True)
class Drawn:
    """A tile with all that its template needs."""

    shown: Shown
    url: str
    words: str
    marks: Sequence[Mark] = ()
    course: Course | None = None
    rows: Rows | None = None
    lines: Sequence[Line] = field(default_factory=list)
    more: int = 0

    @property
    def id(self) -> str:
        """Its id within the dashboard."""
        return self.shown.tile.id

    @property
    def unset(self) -> str:
        """What has still to be chosen before it shows anything."""
        options = self.shown.tile.kind.options
        return next(
            (one.label.lower() for name, one in options.items() if one.source and not self.shown.tile.options[name]), ""
        )

    @property
    def shape(self) -> str:
        """How it is drawn."""
        return self.shown.tile.kind.shape


def drawn(shown: Shown, asked: Asked, today: date) -> Drawn:
    """Draw a tile."""
    found, shape = shown.found, shown.tile.kind.shape
    url = f"/tiles/{shown.tile.id}"
    marks: Sequence[Mark] = ()
    if found.points and shape in ("bars", "columns", "waterfall"):
        draw = {"bars": _bars, "columns": _columns, "waterfall": _fall}[shape]
        marks = draw(found, lambda part: asked.url(url, part=part))
    course = _course(found) if shape == "line" and found.points else None
    one = Drawn(shown, asked.url(url), found.words(found.value), marks, course)
    if shape != "list":
        return one
    rows = rows_of(shown)
    kept = rows.rows[: int(shown.tile.options.get("rows", "8"))]
    return Drawn(
        shown, one.url, one.words, rows=rows, lines=[line_of(rows, row, today) for row in kept],
        more=len(rows.rows) - len(kept),
    )  # fmt: skip


def line_of(rows: Rows, row: Row, today: date) -> Line:
    """Return a row in words."""
    cells = [
        (column, cell_words(column, row, cell, rows.currency, today))
        for column, cell in zip(rows.columns, row.cells, strict=True)
    ]
    if row.record is None:
        return Line(cells, "", "")
    name, key = row.record
    if name == "account":
        return Line(cells, f"/accounts/{key}", "")
    if name == "dashboard":
        return Line(cells, f"/book/dashboards/{key}", "")
    return Line(cells, f"/r/{name}/{key}", f"{name}/{key}")


def _bars(found: Found, link: Link) -> list[Mark]:
    most = max((abs(point.value or ZERO) for point in found.points), default=ZERO) or Decimal(1)
    return [
        Mark(point, found.words(point.value), link(point.key), _share(abs(point.value or ZERO), most), css=point.band)
        for point in found.points
    ]


def _columns(found: Found, link: Link) -> list[Mark]:
    most = max(max(point.total or ZERO, point.target or ZERO) for point in found.points) or Decimal(1)
    return [
        Mark(
            point,
            found.words(point.total),
            link(point.key),
            _share(point.value or ZERO, most),
            second=_share(point.second or ZERO, most),
            goal="" if point.target is None else number(100 - float(point.target / most) * 100),
            target="" if point.target is None else found.words(point.target),
        )
        for point in found.points
    ]


def _fall(found: Found, link: Link) -> list[Mark]:
    ends = [max(point.start or ZERO, (point.start or ZERO) + (point.value or ZERO)) for point in found.points]
    most = max(ends) or Decimal(1)
    marks = []
    for point in found.points:
        value, start = point.value or ZERO, point.start or ZERO
        low = min(start, start + value)
        css = "whole" if point.whole else "gain" if value >= 0 else "loss"
        key = "" if point.whole else point.key
        marks.append(Mark(point, found.words(value), link(key), _share(abs(value), most), _share(low, most), css=css))
    return marks


def _course(found: Found) -> Course | None:
    known = [(at, point) for at, point in enumerate(found.points) if point.value is not None]
    if not known:
        return None
    values = [point.value or ZERO for _, point in known]
    low, high = min(values), max(values)
    span, steps = (high - low) or Decimal(1), max(1, len(found.points) - 1)

    def place(at: int, value: Decimal) -> str:
        up = 50.0 if high == low else 92 - float((value - low) / span) * 84
        return f"{number(at * 100 / steps)} {number(up)}"

    placed = [place(at, point.value or ZERO) for at, point in known]
    told = ", ".join(f"{point.label} {found.words(point.value)}" for _, point in known)
    return Course(
        "M" + "L".join(placed), "".join(f"M{one}h0" for one in placed), found.points[0].label, found.points[-1].label,
        found.words(low), found.words(high), told,
    )  # fmt: skip


def _share(value: Decimal, most: Decimal) -> str:
    return number(float(max(value, ZERO) / most) * 100)
