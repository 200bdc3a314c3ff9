"""Slides that have to stand on so many pages: they are told again with less until they do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .layout import Box, pages
from .slides import Slide

MOST, ENOUGH = 8, 5
"""Rows a table: at most, and as many as say enough to do without a further page."""


def fitted(make: Callable[[int], Sequence[Slide]], area: Box, most: int) -> list[Slide]:
    """Return the slides that `make` tells with so many rows a table, on as few pages as say enough, at most on `most`."""
    tried = {few: list(make(few)) for few in range(MOST, 0, -1)}
    taken = {few: sum(len(pages(slide, area)) for slide in slides) for few, slides in tried.items()}
    for on in range(1, most + 1):
        for few in range(MOST, 0 if on == most else ENOUGH - 1, -1):
            if taken[few] <= on:
                return tried[few]
    return tried[1]
