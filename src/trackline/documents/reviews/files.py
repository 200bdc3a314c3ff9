"""A review's deck as the file that an ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from trackline.documents.decks.theme import Master
from trackline.documents.gathering import Facts
from trackline.documents.reviews.deck import deck_of
from trackline.kit.api.answers import encode
from trackline.kit.problems import NotFound

Draw = Callable[[Facts, "Master | None"], bytes]


@dataclass(frozen=True)
class Format:
    """A kind of file: what its content is called, and what makes it out of facts."""

    content_type: str
    draw: Draw


def _powerpoint(facts: Facts, master: Master | None) -> bytes:
    from trackline.documents.decks.powerpoint import render  # loaded by whoever asks for slides

    return render(deck_of(facts), datetime.fromisoformat(f"{facts['as_of']}T12:00:00+00:00"), master)


def _pdf(facts: Facts, master: Master | None) -> bytes:
    from trackline.documents.decks.paper import to_pdf

    return to_pdf(deck_of(facts), master)


FORMATS: Mapping[str, Format] = {
    "pptx": Format("application/vnd.openxmlformats-officedocument.presentationml.presentation", _powerpoint),
    "pdf": Format("application/pdf", _pdf),
    "json": Format("application/json", lambda facts, _master: encode(facts)),
}


def format_of(ending: str) -> Format:
    """Return the format of an ending. Raises `NotFound` for one that is not known."""
    if ending not in FORMATS:
        raise NotFound(f"There is no deck as {ending[:20]}; {', '.join(FORMATS)} are known.")
    return FORMATS[ending]


def file_name(key: str, facts: Facts) -> str:
    """Return the name of the file without its ending: whose review, of which day, in which edition."""
    edition = "-customer" if facts["edition"] == "customer" else ""
    return f"{key}-review-{facts['as_of']}{edition}"
