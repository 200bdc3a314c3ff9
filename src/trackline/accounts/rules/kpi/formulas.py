"""The few formulas that most KPIs share: a share in percent, a mean, a judged figure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from trackline.core.decimals import HUNDRED, mean, q6
from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, absent, insufficient, known

EMPTY = "There is nothing to average."


class Judged(Parameters):
    """Bands of the value."""

    bands: BandCuts


def judged(
    value: Decimal,
    bands: BandCuts | None,
    *,
    missing: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    details: dict[str, Any] | None = None,
) -> Finding:
    """Return a value with its band; without bands it has no colour."""
    band = None if bands is None else bands.of(value)
    return Finding(value, band, missing=missing, notes=notes, details=details or {})


def percentage(given: Inputs, part: str, whole: str, bands: BandCuts | None, *, zero: str, above: str) -> Finding:
    """Return one input in percent of another, as given: not clamped, not checked against each other.

    `zero` says what a whole of zero means, `above` what it means that the part exceeds the whole.
    """
    if missing := absent(given, part, whole):
        return insufficient(*missing)
    numerator, denominator = getattr(given, part), getattr(given, whole)
    if not denominator:
        return insufficient(notes=(zero,))
    value = numerator * HUNDRED / denominator
    return judged(value, bands, notes=above_hundred(value, above))


def above_hundred(value: Decimal, note: str) -> tuple[str, ...]:
    """Return the note where a percentage passes 100."""
    return (note,) if q6(value) > HUNDRED else ()


def average(given: Inputs, name: str, bands: BandCuts | None) -> Finding:
    """Return the mean of a list, over what is known of it."""
    return _of_list(given, name, bands, mean)


def middle(given: Inputs, name: str, bands: BandCuts | None) -> Finding:
    """Return the median of a list, over what is known of it."""
    return _of_list(given, name, bands, lambda values: median(values) if values else None)


def listed(given: Inputs, name: str) -> tuple[list[Any], tuple[str, ...]]:
    """Return what is known of a list, and the list's name as missing where something is not."""
    values: Sequence[Any] | None = getattr(given, name)
    found = known(values or ())
    return found, () if values is not None and len(found) == len(values) else (name,)


def _of_list(given: Inputs, name: str, bands: BandCuts | None, formula: Any) -> Finding:
    values, missing = listed(given, name)
    value = formula(values)
    details = {"n": len(values)}
    if value is None:
        return insufficient(*missing, notes=() if getattr(given, name) is None else (EMPTY,), details=details)
    return judged(value, bands, missing=missing, details=details)
