"""Columns of a table are as wide as what stands in them: short texts whole, long ones share the rest."""

from __future__ import annotations

import pytest

from trackline.documents.decks.measure import width
from trackline.documents.papers.blocks import Column, Table
from trackline.documents.papers.widths import INSET, widths

SIZE = 9.0
LONG = "Press downtime that the customer measured itself over two quarters in all of its plants"


def table(*rows: list[str]) -> Table:
    return Table([Column(chr(65 + at)) for at in range(len(rows[0]))], list(rows))


@pytest.mark.parametrize("room", [180.0, 300.0, 493.0])
def test_the_columns_fill_the_room(room: float) -> None:
    for rows in ([["a", "b"]], [[LONG, LONG, "25 Nov 2026"]], [["Donaudampfschifffahrt"] * 9]):
        assert sum(widths(table(*rows), room, SIZE)) == pytest.approx(room)


def test_short_texts_stay_whole_and_long_ones_get_the_rest() -> None:
    text, day, money = widths(table([LONG, "25 Nov 2026", "€1.31m"], ["x", "4 Apr 2027", "€90k"]), 300, SIZE)
    assert day >= width("25 Nov 2026", SIZE) + INSET and money >= width("€1.31m", SIZE) + INSET
    assert text > day > money


def test_where_nothing_fits_the_widest_word_gives_way_first() -> None:
    wide, *others = widths(table(["Präzisionsformenbau", *["Champion"] * 4]), 270, SIZE)
    assert all(one >= width("Champion", SIZE) + INSET for one in others)
    assert wide < width("Präzisionsformenbau", SIZE) + INSET
