"""What a tile finds, whatever it shows: a figure, the points of a picture, and the rows behind either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone

from trackline.kit import formats

CellKind = Literal["text", "number", "money", "percent", "date", "datetime", "band", "measure"]
Cell = Any
BANDS: Mapping[str, str] = {"green": "Green", "amber": "Amber", "red": "Red", "unknown": "No score"}


@dataclass(frozen=True)
class Column:
    """A column of the rows behind a tile; `unit` says what a `measure` counts."""

    label: str
    kind: CellKind = "text"
    unit: str = ""

    @property
    def right(self) -> bool:
        """Whether numbers stand in it."""
        return self.kind in ("number", "money", "percent", "measure")


@dataclass(frozen=True)
class Row:
    """A row behind a tile: its cells, the record it tells of (type and id or key), and the part of the picture it belongs to."""

    cells: Sequence[Cell]
    record: tuple[str, Any] | None = None
    part: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows behind a tile. The first column names the record."""

    columns: Sequence[Column] = ()
    rows: Sequence[Row] = ()
    currency: str = ""

    def of(self, part: str) -> Rows:
        """Return those behind one part of the picture; "" keeps all."""
        if not part:
            return self
        return Rows(self.columns, [row for row in self.rows if row.part == part], self.currency)


@dataclass(frozen=True)
class Point:
    """A bar, column or point of a picture: `start` is where a bar of a waterfall begins, `second` stands on top of `value`,
    `target` is a mark. `value` is None where nothing is known."""

    key: str
    label: str
    value: Decimal | None
    count: int | None = None
    band: str = ""
    second: Decimal | None = None
    target: Decimal | None = None
    start: Decimal | None = None
    whole: bool = False

    @property
    def total(self) -> Decimal | None:
        """Both parts of a column together."""
        return self.value if self.second is None else (self.value or Decimal(0)) + self.second


@dataclass(frozen=True)
class Found:
    """What a tile found. `unit` is that of a metric (`currency percent count ratio …`), `detail` one line under the figure,
    `change` how far it has moved and `since` over what. `behind` reads the rows when they are asked for.

    `as_of` is the day of the figures; where readings are older, `oldest` is the day of the oldest.
    """

    as_of: date
    unit: str = "count"
    currency: str = ""
    value: Decimal | None = None
    band: str = ""
    detail: str = ""
    change: Decimal | None = None
    change_unit: str = ""
    since: str = ""
    points: Sequence[Point] = ()
    notes: Sequence[str] = ()
    title: str = ""
    missing: str = ""
    oldest: date | None = None
    behind: Callable[[], Rows] = Rows
    legend: Sequence[tuple[str, str]] = field(default=())

    def words(self, value: Decimal | None) -> str:
        """Return an amount of the tile as it reads."""
        if value is None:
            return self.missing or "not known"
        if self.unit == "ratio":
            return f"{formats.number(value, 1)}×"
        return formats.measure(value, self.unit, self.currency)


def cell_words(column: Column, row: Row, value: Cell, currency: str, today: date) -> str:
    """Return a cell as it reads; money in the currency of its row, else of all."""
    if value is None or value == "":
        return "" if column.kind == "text" else formats.MISSING
    match column.kind:
        case "money":
            return formats.money(value, row.currency or currency)
        case "percent":
            return formats.percent(value, 0 if value == round(value) else 1)
        case "number":
            return formats.number(value)
        case "measure":
            return formats.measure(value, column.unit, row.currency or currency)
        case "date":
            return formats.day(value, today)
        case "datetime":
            return formats.day(timezone.localtime(value).date() if isinstance(value, datetime) else value, today)
        case "band":
            return BANDS.get(value, str(value))
    return str(value)
