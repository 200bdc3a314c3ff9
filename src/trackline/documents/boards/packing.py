"""Where the tiles of a dashboard stand: in their order, each at the first place it fits, as a browser's grid puts them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS = 12


def packed(sizes: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return column and row of each tile of so many columns and rows; gaps are filled by what comes later."""
    taken: set[tuple[int, int]] = set()
    places = []
    for w, h in sizes:
        column, row = _first(taken, min(w, COLUMNS), h)
        taken |= {(column + x, row + y) for x in range(min(w, COLUMNS)) for y in range(h)}
        places.append((column, row))
    return places


def _first(taken: set[tuple[int, int]], w: int, h: int) -> tuple[int, int]:
    row = 0
    while True:
        for column in range(COLUMNS - w + 1):
            if not any((column + x, row + y) in taken for x in range(w) for y in range(h)):
                return column, row
        row += 1
