"""Weighted scores over what is known (CNV-06): missing measures are left out and the rest carries their weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from trackline.core.decimals import ZERO, q6
from trackline.core.playbook.explained import PROVISIONAL, Finding, Part


class Weighing(Protocol):
    """What a weighted score needs of its parameters."""

    @property
    def weights(self) -> Mapping[str, Decimal]: ...
    @property
    def min_coverage(self) -> Decimal: ...
    @property
    def provisional_below(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a score; `points` None means that its input is not known."""

    key: str
    label: str
    input: Any
    points: Decimal | None
    band: str | None = None


def weigh(measures: Iterable[Measure], by: Weighing) -> Finding:
    """Return the weighted mean of the points known, with its parts, without band and `missing`.

    The value is None below `min_coverage` percent of the weight; from there to `provisional_below` it is provisional.
    """
    present = [measure for measure in measures if measure.points is not None]
    covered = sum((by.weights[measure.key] for measure in present), ZERO)
    parts = tuple(_part(measure, by.weights[measure.key], covered) for measure in present)
    if covered == 0 or q6(covered) < q6(by.min_coverage):
        return Finding(None, None, covered, parts)
    value = sum((part.contribution for part in parts if part.contribution is not None), ZERO)
    notes = (PROVISIONAL,) if q6(covered) < q6(by.provisional_below) else ()
    return Finding(value, None, covered, parts, notes=notes)


def _part(measure: Measure, weight: Decimal, covered: Decimal) -> Part:
    assert measure.points is not None
    contribution = weight * measure.points / covered if covered else ZERO
    return Part(measure.key, measure.label, measure.input, weight, measure.points, contribution, measure.band)
