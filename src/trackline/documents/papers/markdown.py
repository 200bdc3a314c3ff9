"""A paper as Markdown that reads well as text, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trackline.documents.papers.blocks import Block, Note, Pairs, Paper, Prose, Table

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
_HEADING = re.compile(r"^(#{1,4}) ", re.MULTILINE)


def to_markdown(paper: Paper) -> str:
    """Return a paper as Markdown; texts of records are escaped, prose stands as it was written."""
    lines = [f"# {_plain(paper.title)}", "", f"{_plain(paper.kind)} · {_plain(paper.line)}", ""]
    for part in paper.parts:
        lines += [f"## {_plain(part.title)}", ""]
        for block in part.blocks:
            lines += [*_block(block), ""]
    for note in paper.notes:
        lines += [f"*{_plain(note)}*", ""]
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Prose):
        yield _HEADING.sub(r"##\1 ", block.markdown.strip())
    elif isinstance(block, Note):
        yield f"*{_plain(block.text)}*"
    elif isinstance(block, Pairs):
        for name, value in block.rows:
            yield f"- **{_plain(name)}:** {_plain(value)}"
    elif not block.rows:
        yield f"*{_plain(block.empty)}*"
    else:
        yield from _table(block)


def _table(block: Table) -> Iterator[str]:
    yield _row([column.heading for column in block.columns])
    yield "|" + "|".join(" ---: " if column.right else " --- " for column in block.columns) + "|"
    for row in block.rows:
        yield _row(row)
    if block.more:
        yield f"\n*{block.more} more in Trackline*"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
