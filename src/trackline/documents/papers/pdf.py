"""A paper as PDF. The page is a fixed template; what people wrote reaches it as data, never as markup."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trackline.documents import typesetting
from trackline.documents.decks.measure import width
from trackline.documents.papers.blocks import Note, Pairs, Paper, Prose, Table
from trackline.documents.papers.prose import paragraphs
from trackline.documents.papers.widths import COMPACT, INSET, NORMAL, widths

PAGE = Path(__file__).with_name("page.typ")
LONGEST = 24
"""Words longer than this may be broken anywhere: a link or a name without spaces keeps to its cell."""
SOFT = "\u200b"
"""Where a line may break without a sign."""
_LONG = re.compile(rf"\S{{{LONGEST + 1},}}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


def to_pdf(paper: Paper) -> bytes:
    """Return a paper as a PDF."""
    return typesetting.to_pdf(PAGE, "paper", _data(paper))


def to_pictures(paper: Paper, dots: int = 72) -> list[bytes]:
    """Return the pages of a paper as PNG, at so many dots an inch."""
    return typesetting.to_pictures(PAGE, "paper", _data(paper), dots)


def _data(paper: Paper) -> dict[str, Any]:
    room, size = COMPACT if paper.compact else NORMAL
    parts = [
        {"title": _soft(part.title), "blocks": [_block(block, room, size) for block in part.blocks]}
        for part in paper.parts
    ]
    return {
        "title": _soft(paper.title),
        "kind": paper.kind,
        "line": _soft(paper.line),
        "foot": _soft(paper.foot),
        "parts": parts,
        "notes": [_soft(note) for note in paper.notes],
        "compact": paper.compact,
    }


def _block(block: Pairs | Table | Prose | Note, room: float, size: float) -> dict[str, Any]:
    if isinstance(block, Pairs):
        return {"kind": "pairs", "rows": [[_soft(name), _soft(value)] for name, value in block.rows]}
    if isinstance(block, Table):
        shares = widths(block, room, size)
        return {
            "kind": "table",
            "columns": [
                {"heading": column.heading, "right": column.right, "width": wide}
                for column, wide in zip(block.columns, shares, strict=True)
            ],
            "rows": [
                [_within(_soft(cell), wide - INSET, size) for cell, wide in zip(row, shares, strict=True)]
                for row in block.rows
            ],
            "empty": block.empty,
            "more": block.more,
        }
    if isinstance(block, Note):
        return {"kind": "note", "text": _soft(block.text)}
    found = []
    for one in paragraphs(block.markdown):
        runs = [asdict(run) | {"text": _soft(run.text)} for run in one.runs]
        found.append({"kind": one.kind, "depth": one.depth, "number": one.number, "runs": runs})
    return {"kind": "prose", "paragraphs": found}


def _within(text: str, room: float, size: float) -> str:
    """Let words that are wider than their column break with a hyphen; longer ones break anywhere already."""

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        if SOFT in word or width(word, size) <= room:
            return word
        return word[:3] + "".join(f"\u00ad{letter}" for letter in word[3:-2]) + word[-2:]

    return re.sub(r"\S+", broken, text)


def _soft(text: str) -> str:
    plain = _UNPRINTABLE.sub("", text)
    return _LONG.sub(lambda found: SOFT.join(found[0]), plain)
