"""A deck as PDF, page by page as its slides."""

from __future__ import annotations

from pathlib import Path

from trackline.documents import typesetting

from .sketch import sketch
from .slides import Deck
from .theme import tokens

PAGES = Path(__file__).with_name("deck.typ")


def to_pdf(deck: Deck) -> bytes:
    """Return a deck as a PDF."""
    held = tokens()
    drawn = {"title": deck.title, "colours": held["colours"] | held["bands"], "pages": sketch(deck)}
    return typesetting.to_pdf(PAGES, "deck", drawn)
