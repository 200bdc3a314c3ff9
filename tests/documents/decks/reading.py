"""Reads a deck as a program that opens it does: every text with its box, and whether it fits."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from pptx import Presentation

from trackline.documents.decks.measure import LINE, wrap

NATURAL = 1.04
"""The measure counts letters wider than they are; a reader does not."""


@dataclass(frozen=True)
class Said:
    """A text in its box."""

    slide: int
    text: str
    room: float
    needs: float


def read(blob: bytes) -> Any:
    return Presentation(io.BytesIO(blob))


def texts(blob: bytes) -> list[Said]:
    """Every text of a deck with the height of its box and the height its lines need."""
    found = []
    for at, slide in enumerate(read(blob).slides, start=1):
        for shape in slide.shapes:
            if getattr(shape, "has_table", False) and shape.has_table:
                table = shape.table
                for row in table.rows:
                    for cell, column in zip(row.cells, table.columns, strict=True):
                        inner = column.width.pt - cell.margin_left.pt - cell.margin_right.pt
                        room = row.height.pt - cell.margin_top.pt - cell.margin_bottom.pt
                        found.append(_said(at, cell.text_frame, inner, room))
            elif shape.has_text_frame and shape.text_frame.text:
                frame = shape.text_frame
                sides = frame.margin_left.pt + frame.margin_right.pt
                ends = frame.margin_top.pt + frame.margin_bottom.pt
                found.append(_said(at, frame, shape.width.pt - sides, shape.height.pt - ends))
    return found


def overflowing(blob: bytes) -> list[Said]:
    """Texts that are higher than their box."""
    return [one for one in texts(blob) if one.needs > one.room + 0.5]


def outside(blob: bytes) -> list[str]:
    """Shapes that reach over the edge of their slide."""
    presentation = read(blob)
    wide, high = presentation.slide_width, presentation.slide_height
    return [
        f"{at}: {shape.name}"
        for at, slide in enumerate(presentation.slides, start=1)
        for shape in slide.shapes
        if shape.left < 0 or shape.top < 0 or shape.left + shape.width > wide or shape.top + shape.height > high
    ]


def _said(at: int, frame: Any, width: float, room: float) -> Said:
    needs = 0.0
    for paragraph in frame.paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs if run.font.size]
        if not sizes:
            continue
        strong = any(run.font.bold for run in paragraph.runs)
        held = paragraph._p.pPr
        indent = int(held.get("marL", 0)) / 12700 if held is not None else 0.0
        lines = wrap("".join(run.text for run in paragraph.runs), sizes[0] / NATURAL, width - indent, strong=strong)
        needs += len(lines) * sizes[0] * LINE + (paragraph.space_before.pt if paragraph.space_before else 0.0)
    return Said(at, frame.text, room, needs)
