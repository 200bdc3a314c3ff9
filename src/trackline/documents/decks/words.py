"""Words and formats that decks share."""

from __future__ import annotations

from datetime import date

from trackline.kit import formats

NUMBERS = {"percent": '0.0" %"', "currency": '[>=1000000]0.0,,"m";[>=1000]0,"k";0', "hours": '0.0" h"', "days": '0" d"'}
"""Formats of a spreadsheet by unit."""


def day(text: str | None) -> str:
    """Return an ISO day as it reads."""
    return formats.day(date.fromisoformat(text[:10])) if text else formats.MISSING


count = formats.counted
