"""How a deal is qualified in conversation: the data file, read once and checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.align.rules.qualification import BEST, DIMENSIONS

STEPS = 4
"""So many questions lead from nothing known to the best score."""


@dataclass(frozen=True)
class Topic:
    """A dimension as people talk about it: its letter, what a strong score means, a question per step."""

    letter: str
    label: str
    strong: str
    ask: Sequence[str]

    def question(self, score: int | None) -> str:
        """Return what to ask next at a score; empty at the best one."""
        return "" if score == BEST else self.ask[max((score or 0) - 1, 0)]


@dataclass(frozen=True)
class Guide:
    """The topics by dimension, and what a finding needs."""

    evidence_from: int
    buyer_from: int
    fresh_days: int
    topics: Mapping[str, Topic]


@cache
def guide() -> Guide:
    """Return the guide; a file that does not cover each dimension with all its questions is an error of the program."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    topics = {
        key: Topic(row["letter"], DIMENSIONS[key], row["strong"], tuple(row["ask"]))
        for key, row in raw["dimensions"].items()
    }
    if list(topics) != list(DIMENSIONS) or any(len(topic.ask) != STEPS for topic in topics.values()):
        raise ValueError(f"guide.yaml: each of {', '.join(DIMENSIONS)} needs {STEPS} questions, in this order.")
    return Guide(raw["evidence_from"]["value"], raw["buyer_from"]["value"], raw["fresh_days"]["value"], topics)


def problem(dimension: str, score: int, *, evidence: bool, named: bool) -> tuple[str, str] | None:
    """Return (field, what is missing) of a finding that cannot be kept, or None. Source: QUAL-01, QUAL-05."""
    found = guide()
    if score >= found.evidence_from and not evidence:
        return "evidence", f"A score of {score} needs its evidence: what was said or written, and where."
    if dimension == "economic_buyer" and score >= found.buyer_from and not named:
        return "contact", f"A score of {score} needs the person: an economic buyer is a named executive."
    return None
