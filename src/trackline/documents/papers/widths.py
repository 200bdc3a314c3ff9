"""How the width of a page is shared among the columns of a table: by what stands in them. Pure."""

from __future__ import annotations

from trackline.documents.decks.measure import width
from trackline.documents.papers.blocks import Table

WHOLE = 12
"""Texts of so many letters stay on one line where they can: days, amounts, names of people."""
WIDEST = 200.0
"""Points that a column asks for at most; longer texts break."""
WORD = 90.0
"""Points that a single word asks for at most; longer ones break."""
INSET = 10.0
"""Points that a cell keeps free at both sides together."""
NORMAL, COMPACT = (493.0, 8.9), (516.0, 7.7)
"""The width of a page's text and the size of letters in its tables, in points, as `page.typ` sets them."""


def widths(table: Table, room: float, size: float) -> list[float]:
    """Return the width in points of each column of a table in a room, its letters of a size.

    Short texts and single words get what they need, longer ones share what is left; what nobody needs goes to all alike.
    """
    least, wished = [], []
    for at, column in enumerate(table.columns):
        texts = [row[at] for row in table.rows]
        words = [width(word, size, strong=True) for word in column.heading.split(" ")]
        words += [width(part, size) for text in texts for part in ([text] if len(text) <= WHOLE else text.split())]
        lines = [width(column.heading, size, strong=True), *(width(text, size) for text in texts)]
        need = min(max(words, default=0.0), WORD) + INSET
        least.append(need)
        wished.append(max(need, min(max(lines), WIDEST) + INSET))
    if sum(wished) <= room:
        spare = (room - sum(wished)) / sum(wished)
        return [one * (1 + spare) for one in wished]
    if sum(least) >= room:
        return _lowered(least, room)
    share = (room - sum(least)) / (sum(wished) - sum(least))
    return [need + (wish - need) * share for need, wish in zip(least, wished, strict=True)]


def _lowered(needs: list[float], room: float) -> list[float]:
    """Return what each gets of too little: the widest give way, until all fit."""
    left, rest = room, len(needs)
    for one in sorted(needs):
        if one * rest >= left:
            break
        left, rest = left - one, rest - 1
    most = left / rest if rest else room
    return [min(one, most) for one in needs]
