"""How wide a text is and where it breaks, without a screen: lengths in points. Pure.

The widths are those of Arial, which a deck asks for. A template with another face is measured by how much wider that one runs
(`faces.yaml`), while its deck is laid out (`set_in`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from trackline.core.playbook.data import read_yaml

LINE = 1.2
"""Height of a line by the size of its letters."""
SAFETY = 1.04
"""Faces differ a little between programs; a box is taken to be that much narrower than it is."""
OTHER, WIDE = 620, 1000
"""Widths of letters outside the table, in thousandths of the size: of alphabets, and of full-width signs."""
AXIS_SIZES, AXIS_LINES = (10.0, 9.0, 8.0), 2
ELLIPSIS = "…"

Wide = tuple[float, float]
"""How many times as wide as ours letters are: regular ones, strong ones."""
OURS: Wide = (1.0, 1.0)
_wide: ContextVar[Wide] = ContextVar("wide", default=OURS)


@contextmanager
def set_in(wide: Wide) -> Iterator[None]:
    """Measure in letters so much wider than ours."""
    before = _wide.set(wide)
    try:
        yield
    finally:
        _wide.reset(before)


def letters_of(*faces: str) -> Wide:
    """Return how much wider than ours the letters of the widest of some faces are; of one that is not known, a little."""
    held = _faces()
    found = [held["known"].get(face.strip().casefold(), held["other"]) for face in faces]
    return float(max(one[0] for one in found)), float(max(one[1] for one in found))


def width(text: str, size: float, *, strong: bool = False) -> float:
    """Return the width of a line of text."""
    return _units(text, strong, _wide.get()[strong]) * size / 1000 * SAFETY


def wrap(text: str, size: float, room: float, *, strong: bool = False) -> list[str]:
    """Return the lines a text breaks into; words wider than the room break inside. At least one line, maybe empty."""
    found: list[str] = []
    wide, limit = _wide.get()[strong], room * 1000 / (size * SAFETY)
    for paragraph in text.splitlines() or [""]:
        line, taken = "", 0.0
        for part in _parts(paragraph):
            ends = _units(part.rstrip(), strong, wide)
            if line and taken + ends > limit:
                found.append(line.rstrip())
                line, taken = "", 0.0
                part = part.lstrip()
            while not line and ends > limit and len(part) > 1:
                cut = _cut(part, size, room, strong=strong)
                found.append(part[:cut])
                part = part[cut:]
                ends = _units(part.rstrip(), strong, wide)
            line += part
            taken += _units(part, strong, wide)
        found.append(line.rstrip())
    return found


def shorten(text: str, size: float, room: float, most: int, *, strong: bool = False) -> str:
    """Return the text if it stands on so many lines, else its beginning with an ellipsis."""
    lines = wrap(text, size, room, strong=strong)
    if len(lines) <= most:
        return text
    last = lines[most - 1]
    while last and width(last + ELLIPSIS, size, strong=strong) > room:
        last = last[:-1]
    begins = 0
    for line in lines[: most - 1]:
        begins = text.index(line, begins) + len(line)
    before = text[: text.index(lines[most - 1], begins)]
    return " ".join(f"{before}{last.rstrip()}{ELLIPSIS}".splitlines())


def fit(text: str, sizes: tuple[float, ...], room: float, most: int, *, strong: bool = False) -> tuple[str, float]:
    """Return the largest size at which a text stands on so many lines; at the smallest it is shortened if it must be."""
    for size in sizes:
        if len(wrap(text, size, room, strong=strong)) <= most:
            return text, size
    return shorten(text, sizes[-1], room, most, strong=strong), sizes[-1]


def fit_box(
    text: str, sizes: tuple[float, ...], room: float, height: float, *, strong: bool = False
) -> tuple[str, float]:
    """Return the largest size at which a text fits a box, as many lines as go in; at the smallest it may be shortened."""
    for size in sizes:
        if len(wrap(text, size, room, strong=strong)) <= max(1, int(height // (size * LINE))):
            return text, size
    most = max(1, int(height // (sizes[-1] * LINE)))
    return shorten(text, sizes[-1], room, most, strong=strong), sizes[-1]


def axis(names: Sequence[str], room: float) -> tuple[list[str], float]:
    """Return the names beside an axis and the size at which all stand on `AXIS_LINES` without a word broken.

    At the smallest size they are shortened if they must be; who shows them says them whole elsewhere.
    """
    for size in AXIS_SIZES:
        broken = any(width(word, size) > room for name in names for word in name.split(" "))
        if not broken and all(len(wrap(name, size, room)) <= AXIS_LINES for name in names):
            return list(names), size
    return [shorten(name, size, room, AXIS_LINES) for name in names], size


def is_rtl(text: str) -> bool:
    """Tell whether a text begins in a script that is written from right to left."""
    for letter in text:
        found = unicodedata.bidirectional(letter)
        if found in ("L", "R", "AL"):
            return found != "L"
    return False


def _parts(text: str) -> list[str]:
    """Words with the spaces behind them; signs of Chinese, Japanese and Korean stand alone, as lines may break there."""
    parts, word = [], ""
    for letter in text:
        if _is_wide(letter):
            parts += [word, letter] if word else [letter]
            word = ""
        else:
            word += letter
            if letter in " \t-/":
                parts.append(word)
                word = ""
    return [*parts, word] if word else parts


def _cut(line: str, size: float, room: float, *, strong: bool) -> int:
    cut = len(line) - 1
    while cut > 1 and width(line[:cut], size, strong=strong) > room:
        cut -= 1
    return cut


@lru_cache(maxsize=65536)
def _units(text: str, strong: bool, wide: float) -> float:
    """Width of a text in thousandths of its size; words come again at every size that is tried."""
    known = _widths()["bold" if strong else "regular"]
    return sum(known[letter] * wide if letter in known else _other(letter) for letter in text)


@lru_cache(maxsize=4096)
def _other(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Cc"):
        return 0
    return WIDE if _is_wide(letter) else OTHER


@lru_cache(maxsize=4096)
def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F")


@cache
def _widths() -> dict[str, dict[str, int]]:
    read = read_yaml(Path(__file__).with_name("widths.yaml").read_text(encoding="utf-8"))
    return {face: {letter: wide for wide, letters in rows.items() for letter in letters} for face, rows in read.items()}


@cache
def _faces() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(Path(__file__).with_name("faces.yaml").read_text(encoding="utf-8"))
    return found
