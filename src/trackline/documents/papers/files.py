"""A paper as the file that an ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trackline.documents.papers.blocks import Paper
from trackline.documents.papers.markdown import to_markdown
from trackline.kit.problems import NotFound


@dataclass(frozen=True)
class Format:
    """A kind of file: what its content is called, and what draws it."""

    content_type: str
    draw: Callable[[Paper], bytes]


def _pdf(paper: Paper) -> bytes:
    from trackline.documents.papers.pdf import to_pdf  # the typesetter is loaded by whoever prints

    return to_pdf(paper)


def _word(paper: Paper) -> bytes:
    from trackline.documents.papers.word import to_word

    return to_word(paper)


FORMATS: Mapping[str, Format] = {
    "pdf": Format("application/pdf", _pdf),
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _word),
    "md": Format("text/markdown; charset=utf-8", lambda paper: to_markdown(paper).encode()),
}


def format_of(ending: str) -> Format:
    """Return the format of an ending, or raise `NotFound`."""
    if ending not in FORMATS:
        raise NotFound(f"There is no document as {ending[:20]}; {', '.join(FORMATS)} are known.")
    return FORMATS[ending]
