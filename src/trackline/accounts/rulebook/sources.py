"""Where an input came from, in the words that every score keeps."""

from __future__ import annotations

from datetime import date
from typing import Any


def origin(record_type: str, pk: int, label: str, day: date | None, on: date) -> dict[str, Any]:
    """Say which record an input came from, of which day, and how old that is on the day of the score."""
    return {
        "record_type": record_type,
        "record_id": pk,
        "label": label,
        "on": day.isoformat() if day else None,
        "age_days": (on - day).days if day else None,
    }


def lacking(name: str, record_type: str, pk: int, label: str, lacks: list[str]) -> dict[str, Any]:
    """Say which record leaves an input incomplete, and what it lacks, in the labels of its fields."""
    return {"input": name, "record_type": record_type, "record_id": pk, "label": label, "lacks": lacks}
