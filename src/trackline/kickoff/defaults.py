"""Agendas every book starts with."""

from __future__ import annotations

from typing import Any

from trackline.kickoff.models import Agenda
from trackline.kickoff.rules.agendas import shipped
from trackline.kit.records.seeds import make_missing


def ensure(**_signal: Any) -> None:
    """Create the shipped agendas that are missing; those that are there, edited or deleted, stay as they are."""
    rows = [
        {
            "key": one.key, "title": one.says, "type": one.type, "duration_min": one.minutes, "text": one.text,
            "source": one.source,
        }
        for one in shipped()
    ]  # fmt: skip
    make_missing(Agenda, rows)
