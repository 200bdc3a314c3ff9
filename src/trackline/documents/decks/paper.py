"""Pages of marks on paper: a deck as PDF, page by page as its slides, and whatever else is drawn of marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pptx.enum.dml import MSO_THEME_COLOR

from trackline.documents import typesetting

from .marks import Mark
from .measure import set_in
from .sketch import sketch
from .slides import Deck
from .theme import Master, tokens

PAGES = Path(__file__).with_name("deck.typ")


def to_pdf(deck: Deck, master: Master | None = None) -> bytes:
    """Return a deck as a PDF: on our own pages, in the colours and the face of a company's template."""
    page = tokens()["page"]
    size = (page["width"], page["height"])
    if master is None:
        return pages_to_pdf(deck.title, size, sketch(deck))
    with set_in(master.wide):
        drawn = _drawn(deck.title, size, sketch(deck)) | {"face": master.fonts["body"]}
    return typesetting.to_pdf(PAGES, "deck", drawn | {"colours": drawn["colours"] | _colours(master)})


def pages_to_pdf(title: str, size: tuple[float, float], pages: Sequence[Sequence[Mark]]) -> bytes:
    """Return pages of one size, in points, as a PDF."""
    return typesetting.to_pdf(PAGES, "deck", _drawn(title, size, pages))


def _colours(master: Master) -> dict[str, str]:
    """The colours of a template by our names; what could not be read on its ground gives way as on its slides."""
    held, ink = master.colours, master.ink
    quiet = held["tx2"] if ink.quiet == MSO_THEME_COLOR.TEXT_2 else held["tx1"]
    named = {"dk1": held["tx1"], "lt1": held["bg1"], "dk2": quiet, "lt2": held["bg2"] if ink.tile else held["bg1"]}
    accents = {name: held[name] for name in held if name.startswith("accent")}
    return accents | named | dict(ink.bands) | {"line": ink.line}


def pages_to_pictures(title: str, size: tuple[float, float], pages: Sequence[Sequence[Mark]], dots: int) -> list[bytes]:
    """Return the same pages as PNG, at so many dots an inch."""
    return typesetting.to_pictures(PAGES, "deck", _drawn(title, size, pages), dots)


def _drawn(title: str, size: tuple[float, float], pages: Sequence[Sequence[Mark]]) -> dict[str, Any]:
    held = tokens()
    colours = held["colours"] | held["bands"] | {"line": held["colours"]["accent6"]}
    return {"title": title, "width": size[0], "height": size[1], "colours": colours, "face": "Arial", "pages": pages}
