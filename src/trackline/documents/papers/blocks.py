"""What a written document is made of. Pure; texts are plain, whatever characters they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pairs:
    """Facts by name."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Column:
    """A column: its heading, and whether numbers stand in it."""

    heading: str
    right: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells; `empty` is said where there are none, `more` counts rows that were left out."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    empty: str = "Nothing is recorded."
    more: int = 0


@dataclass(frozen=True)
class Prose:
    """A text in Markdown, as somebody wrote it; raw HTML in it is text."""

    markdown: str


@dataclass(frozen=True)
class Note:
    """A sentence of ours about the document: what is missing, how amounts were added up."""

    text: str


Block = Pairs | Table | Prose | Note


@dataclass(frozen=True)
class Part:
    """A section with its heading; `key` is its code."""

    key: str
    title: str
    blocks: Sequence[Block]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; each block says what kind it is."""
        blocks = [{"kind": type(block).__name__.lower(), **asdict(block)} for block in self.blocks]
        return {"key": self.key, "title": self.title, "blocks": blocks}


@dataclass(frozen=True)
class Paper:
    """A document. `line` stands under the title, `foot` on every page; `compact` sets it small, for a single page."""

    title: str
    kind: str
    line: str
    foot: str
    parts: Sequence[Part]
    notes: Sequence[str] = field(default=())
    compact: bool = False
