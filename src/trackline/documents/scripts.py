"""Scripts for which this machine has no font: their letters stand as boxes in a PDF, and that is said.

PowerPoint and Word files carry text, which whoever opens them shows in fonts of their own; a PDF carries the fonts of the machine
that made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst
from PIL import ImageFont

from trackline.core.playbook.data import read_yaml

NOWHERE = "\U0010ffff"
"""No font has this letter: what it shows instead of it is its sign for a letter that is missing."""
SIZES = (20, 109)
"""Outlines are drawn at any size, colour emoji at that of their pictures alone."""


@dataclass(frozen=True)
class Script:
    """A script: a letter of it, the range of its letters, and the Debian package that gives a font."""

    name: str
    letter: str
    first: int
    last: int
    package: str


@cache
def fonts() -> typst.Fonts:
    """The fonts of this machine, looked for once: that takes longer than drawing a page."""
    return typst.Fonts()


@cache
def scripts() -> tuple[Script, ...]:
    """Return the scripts that are looked for."""
    rows = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(Script(one["name"], one["letter"], int(one["from"]), int(one["to"]), one["package"]) for one in rows)


@cache
def without_font() -> tuple[Script, ...]:
    """Return the scripts that no font of this machine has; looked for once."""
    open_ = list(scripts())
    for path, index in dict.fromkeys((font.path, font.index) for font in fonts().fonts() if font.path):
        if not open_:
            break
        shown = set(_shown(path, index, [one.letter for one in open_]))
        open_ = [one for one in open_ if one.letter not in shown]
    return tuple(open_)


def missing_in(text: str) -> list[str]:
    """Return the names of scripts without a font that a text has letters of."""
    lacking = without_font()
    if not lacking or text.isascii():
        return []
    found = {ord(letter) for letter in set(re.sub(r"[\x00-\u036f\u2000-\u206f]", "", text))}
    return [one.name for one in lacking if any(one.first <= letter <= one.last for letter in found)]


def told(names: list[str]) -> str:
    """Say that letters of some scripts have no font, or nothing."""
    if not names:
        return ""
    return f"No font for {', '.join(names)} on the machine that made this: such letters stand as boxes. See “trackline check”."


def _shown(path: str, index: int, letters: list[str]) -> Iterator[str]:
    """Yield the letters that a font has."""
    for size in SIZES:
        try:
            face: Any = ImageFont.truetype(path, size, index=index)
            nowhere = _drawn(face, NOWHERE)
            yield from (
                letter for letter in letters if (drawn := _drawn(face, letter)) != nowhere and drawn[1].strip(b"\0")
            )
            return
        except OSError:
            continue


def _drawn(face: Any, letter: str) -> tuple[Any, bytes]:
    mask = face.getmask(letter)
    return mask.size, bytes(mask)
