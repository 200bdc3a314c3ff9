"""How long routes usually stand where they are: the data file, read once, and medians of what was won. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import yaml

Place = tuple[str, str]
"""A state, and a stage of the pipeline; stage "" where the pipeline counts by state."""
Step = tuple[datetime, str, str]
"""One move of a route: when, to which state, to which stage."""


@dataclass(frozen=True)
class Norms:
    """The figures of the file. Source: ALN-07, PIPE-06, PIPE-08."""

    least: int
    recent: int
    by_state: Mapping[str, int]
    by_stage: Mapping[str, Mapping[str, int]]
    review_points: int
    review_hours: int

    def fallback(self, pipeline: str, place: Place) -> int | None:
        """Return the days of a place in a pipeline without a history of its own."""
        state, stage = place
        return self.by_stage.get(pipeline, {}).get(stage) or self.by_state.get(state)


@cache
def norms() -> Norms:
    """Return the norms."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return Norms(
        raw["least"]["value"],
        raw["recent"]["value"],
        raw["by_state"]["days"],
        {key: row["days"] for key, row in raw["by_stage"].items()},
        raw["review_points"]["value"],
        raw["review_hours"]["value"],
    )


def stays(steps: Sequence[Step]) -> list[tuple[Place, int]]:
    """Return how many days a route stood in each place, from its moves in order of time; the last place is still held."""
    found = []
    for (since, state, stage), (until, *_) in pairwise(steps):
        found.append(((state, stage), (until - since).days))
    return found


def medians(ways: Iterable[Sequence[Step]], least: int) -> Mapping[Place, tuple[float, int]]:
    """Return the median days of each place and of how many routes, for places that enough routes have left.

    Source: PIPE-08.
    """
    days: dict[Place, list[int]] = {}
    for way in ways:
        for place, stood in stays(way):
            days.setdefault(place, []).append(stood)
    return {place: (median(listed), len(listed)) for place, listed in days.items() if len(listed) >= least}
