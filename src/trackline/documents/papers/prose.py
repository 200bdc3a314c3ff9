"""Markdown as written by people, read into paragraphs and lists that every format can draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; `link` is where it leads, http(s) or mailto only."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, heading (`kind` "heading"), or entry of a list ("bullet", "number") at a depth from 0."""

    kind: str
    runs: Sequence[Run]
    depth: int = 0
    number: int = 0


@cache
def reader() -> MarkdownIt:
    """Return the reader: CommonMark without raw HTML and pictures."""
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image"])


def to_html(markdown: str) -> str:
    """Return a text as HTML that is safe to put on a page."""
    allowed = {
        "p",
        "br",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "a",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "hr",
    }
    return nh3.clean(_lowered(reader().render(markdown)), tags=allowed, url_schemes={"http", "https", "mailto"})


def _lowered(html: str) -> str:
    """Headings of a text stand below that of its section."""
    for level in (2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return html


def paragraphs(markdown: str) -> list[Paragraph]:
    """Return a text as paragraphs in order."""
    found: list[Paragraph] = []
    lists: list[list[Any]] = []
    heading = False
    fresh = False
    for token in reader().parse(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(
                [token.type[:6] if token.type.startswith("bullet") else "number", int(token.attrGet("start") or 1) - 1]
            )
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            lists[-1][1] += 1
            fresh = True
        elif token.type in ("heading_open", "heading_close"):
            heading = token.type == "heading_open"
        elif token.type == "inline":
            kind, number = ("heading", 0) if heading else ("text", 0)
            if lists and fresh:
                kind, number = lists[-1]
            fresh = False
            found.append(Paragraph(kind, list(_runs(token.children or ())), max(len(lists) - 1, 0), number))
        elif token.type in ("fence", "code_block"):
            found.append(Paragraph("text", [Run(token.content.rstrip("\n"), code=True)]))
    return found


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    bold = italic = 0
    link = ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            bold += token.nesting
        elif token.type in ("em_open", "em_close"):
            italic += token.nesting
        elif token.type == "link_open":
            href = str(token.attrGet("href") or "")
            link = href if href.startswith(("http://", "https://", "mailto:")) else ""
        elif token.type == "link_close":
            link = ""
        elif token.type in ("softbreak", "hardbreak"):
            yield Run("\n")
        elif token.content:
            yield Run(token.content, bold > 0, italic > 0, token.type == "code_inline", link)
