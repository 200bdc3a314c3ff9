"""What a deck says, before anything is drawn: slides of figures, text, tables and charts, with speaker notes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trackline.kit import formats

Band = Literal["", "green", "amber", "red", "unknown"]


@dataclass(frozen=True)
class Figure:
    """One number to be read from the back of the room. `value` is written as it is to be read."""

    label: str
    value: str
    detail: str = ""
    band: Band = ""

    @property
    def missing(self) -> bool:
        """Whether there is no number to read."""
        return self.value == formats.MISSING


@dataclass(frozen=True)
class Text:
    """Paragraphs under a heading, as bullets unless told otherwise."""

    lines: Sequence[str]
    heading: str = ""
    bullets: bool = True


@dataclass(frozen=True)
class Cell:
    """A cell of a table; a coloured one carries its colour in words as well."""

    text: str
    band: Band = ""
    strong: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand at the right."""

    label: str
    right: bool = False


@dataclass(frozen=True)
class Table:
    """A table that stays one: editable, its header repeated where it goes on to a further slide."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    heading: str = ""


@dataclass(frozen=True)
class Series:
    """A row of values, None where one is missing. A target is drawn dashed."""

    name: str
    values: Sequence[Decimal | None]
    target: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with its figures in a workbook of its own. `number` is the format of a spreadsheet."""

    kind: Literal["line", "column", "bar"]
    categories: Sequence[str]
    series: Sequence[Series]
    heading: str = ""
    number: str = "#,##0.##"


@dataclass(frozen=True)
class Waterfall:
    """How one sum becomes another, step by step; the end is the sum of the start and the steps."""

    start: tuple[str, Decimal]
    steps: Sequence[tuple[str, Decimal]]
    end: str
    heading: str = ""
    number: str = "#,##0"

    @property
    def levels(self) -> list[tuple[str, Decimal, Decimal, bool]]:
        """Every column with its two ends, and whether it is a sum."""
        level = self.start[1]
        found = [(self.start[0], Decimal(0), level, True)]
        for label, change in self.steps:
            found.append((label, level, level + change, False))
            level += change
        return [*found, (self.end, Decimal(0), level, True)]


Block = Text | Table | Chart | Waterfall


@dataclass(frozen=True)
class Slide:
    """One thing to say. `finding` says it in a sentence; blocks stand in one column, or in two where `right` has some.

    What does not fit goes on to further slides. `notes` are the speaker's: the source of each number.
    """

    title: str
    finding: str = ""
    figures: Sequence[Figure] = ()
    left: Sequence[Block] = ()
    right: Sequence[Block] = ()
    notes: Sequence[str] = ()
    share: float = 0.5
    key: str = ""


@dataclass(frozen=True)
class Deck:
    """A deck, with its cover unless it has none. `footer` stands on every slide: whose, frozen when, for whom."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    slides: Sequence[Slide]
    footer: str
    notes: Sequence[str] = ()
    cover: bool = True


def cells(*texts: str | Cell) -> tuple[Cell, ...]:
    """Return a row of cells, plain texts among them made into cells."""
    return tuple(one if isinstance(one, Cell) else Cell(one) for one in texts)
