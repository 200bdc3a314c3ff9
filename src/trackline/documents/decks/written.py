"""A deck as a written document: what its slides say, for who edits text or reads without slides. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trackline.documents.papers.blocks import Block, Column, Note, Pairs, Paper, Part, Prose, Table
from trackline.kit import formats

from .charts import figures_of
from .slides import Chart, Deck, Slide, Text, Waterfall
from .slides import Table as SlideTable

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
"""A column of words is so many times as wide as one of numbers."""


def paper_of(deck: Deck) -> Paper:
    """Return a deck as a paper: a section a slide, its figures as facts, charts as tables."""
    return Paper(
        title=deck.title,
        kind=deck.subtitle,
        line=deck.footer.removeprefix(f"{deck.subtitle} · "),
        foot=deck.footer,
        parts=[Part(slide.key, slide.title, list(_blocks(slide))) for slide in deck.slides],
        notes=deck.notes,
    )


def _blocks(slide: Slide) -> Iterator[Block]:
    if slide.finding:
        yield Note(slide.finding)
    if slide.figures:
        yield Pairs([(one.label, _figure(one.value, one.detail)) for one in slide.figures])
    for block in (*slide.left, *slide.right):
        if block.heading:
            yield Prose(f"# {_plain(block.heading)}")
        yield _block(block)


def _figure(value: str, detail: str) -> str:
    return f"{value}, {detail}" if detail and value != formats.MISSING else value


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _block(block: Text | SlideTable | Chart | Waterfall) -> Block:
    if isinstance(block, Text):
        mark = "- " if block.bullets else ""
        return Prose("\n\n".join(mark + _plain(line) for line in block.lines))
    if isinstance(block, SlideTable):
        columns = [Column(one.label, one.right) for one in block.columns]
        return Table(columns, [[cell.text for cell in row] for row in block.rows])
    heads = ["", "Value"] if isinstance(block, Waterfall) else ["", *(series.name for series in block.series)]
    return Table([Column(head, bool(at)) for at, head in enumerate(heads)], figures_of(block))
