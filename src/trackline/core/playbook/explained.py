"""What a rule finds, and the explained result that carries it: value, parts, what is missing, what was in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.core.decimals import HUNDRED, ZERO, plain
from trackline.core.scales import UNKNOWN, Bands

Value = Decimal | int | str | None
PROVISIONAL = "provisional"
"""The note of a value that is shown but moves no tier, pay or gate (interface §1)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One contribution to a value: `weight` is the model's, `points` what the input earned, `contribution` its share."""

    key: str
    label: str
    input: Any = None
    weight: Decimal | None = None
    points: Decimal | None = None
    contribution: Decimal | None = None
    band: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the part as JSON has it."""
        return {
            "key": self.key,
            "label": self.label,
            "input": plain(self.input),
            "weight": plain(self.weight),
            "points": plain(self.points),
            "contribution": plain(self.contribution),
            "band": self.band,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule's function returns. `band` stays None where a rule has no colours."""

    value: Value
    band: str | None = None
    coverage_pct: Decimal = HUNDRED
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def banded(self, band: Bands | str, *, missing: Iterable[str] = (), **details: Any) -> Finding:
        """Return the finding with a band, or the one its value falls into, the inputs that were missing, and details."""
        if isinstance(band, Bands):
            band = band.of(self.value if isinstance(self.value, Decimal) else None)
        return replace(self, band=band, missing=tuple(missing), details={**self.details, **details})


def insufficient(*missing: str, notes: tuple[str, ...] = (), details: Mapping[str, Any] | None = None) -> Finding:
    """Return the finding of a rule that cannot do without the inputs named: no value, band `unknown`."""
    return Finding(None, UNKNOWN, ZERO, missing=missing, notes=notes, details=details or {})


@dataclass(frozen=True, slots=True)
class Explained:
    """The result of a rule with everything that explains it. `version` names the rule and the parameters in force."""

    rule: str
    value: Value
    band: str | None
    coverage_pct: Decimal
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    details: Mapping[str, Any]
    parameters: Mapping[str, Any]
    version: str
    sources: tuple[str, ...]
    as_of: date

    @property
    def provisional(self) -> bool:
        """Tell whether the value may be shown only."""
        return PROVISIONAL in self.notes

    def to_json(self) -> dict[str, Any]:
        """Return the result in the shape of the interface."""
        return {
            "rule": self.rule,
            "value": plain(self.value),
            "band": self.band,
            "coverage_pct": plain(self.coverage_pct),
            "parts": [part.to_json() for part in self.parts],
            "missing": list(self.missing),
            "notes": list(self.notes),
            "details": plain(self.details),
            "parameters": dict(self.parameters),
            "version": self.version,
            "sources": list(self.sources),
            "as_of": self.as_of.isoformat(),
        }
