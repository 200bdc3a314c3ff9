"""What a sales stage means in TRACK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from trackline.connectors.values.data import read_data
from trackline.connectors.values.words import squeeze, words_of


@dataclass(frozen=True, slots=True)
class StageMeaning:
    """The state a stage maps to, and its usual probability in percentage points. `how` tells what it rests on."""

    state: str
    probability: Decimal
    how: str


@cache
def _data() -> Any:
    return read_data(Path(__file__).parent / "stages.yaml")


@cache
def _named(system: str) -> Mapping[str, tuple[str, int]]:
    found = {squeeze(str(name)): (str(state), int(chance)) for name, (state, chance) in _data()["common"].items()}
    own = _data().get(system, {})
    return {**found, **{squeeze(str(name)): (str(state), int(chance)) for name, (state, chance) in own.items()}}


@cache
def meaning_of(stage: str, system: str = "") -> StageMeaning | None:
    """What a stage is called to mean by its name; `None` where the name says nothing."""
    found = _named(system).get(squeeze(stage))
    if found:
        return StageMeaning(found[0], Decimal(found[1]), "name")
    words = set(words_of(stage))
    for state, chance, hints in _data()["hints"]:
        for hint in hints:
            if set(words_of(str(hint))) <= words:
                return StageMeaning(str(state), Decimal(chance), "words")
    return None


def meaning_of_probability(probability: Decimal) -> StageMeaning:
    """The state that a probability (percentage points) speaks for, where the stage's name says nothing."""
    if probability >= 100:
        return StageMeaning("won", Decimal(100), "probability")
    if probability >= 50:
        return StageMeaning("pursuing", probability, "probability")
    if probability >= 20:
        return StageMeaning("qualifying", probability, "probability")
    return StageMeaning("identified", probability, "probability")
