"""The marks that pages are drawn of: words, rectangles, lines. Pure; lengths are points, colours names of the theme."""

from __future__ import annotations

import re
from typing import Any

from .layout import Box
from .measure import is_rtl, width

Mark = dict[str, Any]
BREAK = "\u200b"
_WORD = re.compile(r"\S{4,}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")


def letters(
    box: Box,
    words: str,
    size: float,
    *,
    strong: bool = False,
    colour: str = "dk1",
    align: str = "",
    heading: bool = False,
) -> Mark:
    """Return words in a box, at their size; right to left where their script is written so.

    A word wider than the box may break anywhere.
    """
    text = _WORD.sub(
        lambda word: BREAK.join(word[0]) if width(word[0], size, strong=strong) > box.w else word[0],
        _UNPRINTABLE.sub(" ", words),
    )
    return {
        "kind": "text", "x": box.x, "y": box.y, "w": box.w, "text": text, "size": size,
        "strong": strong, "colour": colour, "align": align or ("right" if is_rtl(words) else "left"), "heading": heading,
    }  # fmt: skip


def rect(box: Box, colour: str, round_: float = 0.0) -> Mark:
    """Return a filled rectangle, its corners round by so much."""
    return {"kind": "rect", "x": box.x, "y": box.y, "w": box.w, "h": box.h, "colour": colour, "round": round_}


def stroke(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, *, dashed: bool = False) -> Mark:
    """Return a line from one point to another."""
    return {
        "kind": "line", "x": x1, "y": y1, "to_x": x2, "to_y": y2, "colour": colour, "width": width, "dashed": dashed
    }  # fmt: skip
