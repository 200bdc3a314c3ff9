"""Signs that an account wants more of us: which there are, and from how many on that is said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SIGNALS: Mapping[str, str] = {
    "capacity": "Capacity runs out",
    "new_team": "A team began by itself",
    "sponsor": "Sponsor names another use",
    "praise": "Praise with a reason",
    "roi": "Return documented",
}
"""The five, in words. Source: EXP-02."""


@dataclass(frozen=True)
class Limits:
    """The figures of the file."""

    strong_from: int
    praise_from: int
    days: int
    team_tags: frozenset[str]
    sponsor_tags: frozenset[str]


@cache
def limits() -> Limits:
    """Return what counts as a signal, and from how many on an account wants more."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    numbers = (raw[name]["value"] for name in ("strong_from", "praise_from", "days"))
    return Limits(*numbers, *(frozenset(raw[name]["value"]) for name in ("team_tags", "sponsor_tags")))
