"""How well one colour is read on another, as WCAG 2 counts it. Pure; colours are six hexadecimal digits."""

from __future__ import annotations

READABLE = 4.5
"""Words of the usual size are read from this contrast on."""
SEEN = 3.0
"""Lines and columns are told from their ground from this contrast on."""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def is_light(colour: str) -> bool:
    """Tell whether a colour is nearer to white than to black, as one sees it."""
    return contrast(colour, "000000") > contrast(colour, "FFFFFF")


def mixed(one: str, other: str, share: float) -> str:
    """Return one colour with so much of another in it, from 0 to 1."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (0, 2, 4)]
    return "".join(f"{round(first + (second - first) * share):02X}" for first, second in pairs)


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
