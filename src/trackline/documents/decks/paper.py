"""Pages of marks on paper: a deck as PDF, page by page as its slides, and whatever else is drawn of marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trackline.documents import typesetting

from .marks import Mark
from .sketch import sketch
from .slides import Deck
from .theme import tokens

PAGES = Path(__file__).with_name("deck.typ")


def to_pdf(deck: Deck) -> bytes:
    """Return a deck as a PDF."""
    page = tokens()["page"]
    return pages_to_pdf(deck.title, (page["width"], page["height"]), sketch(deck))


def pages_to_pdf(title: str, size: tuple[float, float], pages: Sequence[Sequence[Mark]]) -> bytes:
    """Return pages of one size, in points, as a PDF."""
    return typesetting.to_pdf(PAGES, "deck", _drawn(title, size, pages))


def pages_to_pictures(title: str, size: tuple[float, float], pages: Sequence[Sequence[Mark]], dots: int) -> list[bytes]:
    """Return the same pages as PNG, at so many dots an inch."""
    return typesetting.to_pictures(PAGES, "deck", _drawn(title, size, pages), dots)


def _drawn(title: str, size: tuple[float, float], pages: Sequence[Sequence[Mark]]) -> dict[str, Any]:
    held = tokens()
    colours = held["colours"] | held["bands"]
    return {"title": title, "width": size[0], "height": size[1], "colours": colours, "pages": pages}
