"""Journey dimensions every book starts with."""

from __future__ import annotations

from typing import Any

from trackline.kit.records.seeds import make_missing, rows_of
from trackline.track.models import JourneyDimension


def ensure(**_signal: Any) -> None:
    """Create the default journey dimensions where missing; runs after each migrate."""
    rows = rows_of("trackline.track.rules", "journey.yaml")
    make_missing(JourneyDimension, [row | {"position": position} for position, row in enumerate(rows)])
