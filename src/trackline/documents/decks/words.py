"""Words and formats that decks share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from trackline.kit import formats

NUMBERS = {"percent": '0.0" %"', "currency": '[>=1000000]0.0,,"m";[>=1000]0,"k";0', "hours": '0.0" h"', "days": '0" d"'}
"""Formats of a spreadsheet by unit."""


def day(text: str | None) -> str:
    """Return an ISO day as it reads."""
    return formats.day(date.fromisoformat(text[:10])) if text else formats.MISSING


def steps_done(play: Mapping[str, Any]) -> str:
    """Return how many steps of a play are done, or that it has none."""
    return f"{play['steps_done']} of {len(play['steps'])}" if play["steps"] else "no steps"


count = formats.counted
