"""Text as search compares it."""

from __future__ import annotations

import unicodedata
from typing import Any

from trackline.kit.records.types import RecordType

LONGEST = 4000
"""Characters of each field, and of all, that search looks through."""


def normalise(text: str) -> str:
    """Fold case and take accents off, so that `lumiere` finds `Lumière`."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\x00", " ").casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def search_text(rtype: RecordType, record: Any) -> str:
    """Return the text that `q` looks through for a record."""
    return normalise(" ".join(str(getattr(record, name) or "")[:LONGEST] for name in rtype.search))[:LONGEST]
