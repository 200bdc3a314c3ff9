"""Which figures of a frozen review read otherwise today: told beside them, never in their place. Pure.

Source: portfolio:QBR-09.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.documents.gathering import Facts


@dataclass(frozen=True)
class Correction:
    """A figure of the frozen day: what was frozen, and what the records say of that day now. None: there was none."""

    name: str
    unit: str
    currency: str
    frozen: Decimal | None
    now: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """By how much it was corrected, None where one of the two is missing."""
        return None if self.frozen is None or self.now is None else self.now - self.frozen

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "name": self.name, "unit": self.unit, "currency": self.currency, "frozen": self.frozen, "now": self.now,
            "change": self.change,
        }  # fmt: skip


def corrections(frozen: Facts, now: Facts) -> list[Correction]:
    """Return the figures that differ between what was frozen and what is known of the same day now."""
    before, after = dict(_figures(frozen)), dict(_figures(now))
    found = []
    for key in [*before, *(key for key in after if key not in before)]:
        name, unit, currency = (before.get(key) or after[key])[:3]
        one, two = (held[key][3] if key in held else None for held in (before, after))
        if one != two:
            found.append(Correction(name, unit, currency, one, two))
    return found


def _figures(facts: Facts) -> Iterator[tuple[str, tuple[str, str, str, Decimal | None]]]:
    currency = facts["account"]["currency"]
    yield "arr", ("ARR", "currency", currency, _number(facts["account"]["arr"]))
    for key, held in facts["metrics"].items():
        if key != "arr" and held["points"]:
            yield key, (held["name"], held["unit"], currency, _number(held["points"][-1][1]))
    for key, name in (("committed", "Value committed"), ("verified", "Value verified")):
        yield f"value.{key}", (name, "currency", facts["value"]["currency"], _number(facts["value"][key]))
    for key, name in (("gross", "Pipeline"), ("weighted", "Pipeline, weighted")):
        yield f"pipeline.{key}", (name, "currency", facts["pipeline"]["currency"], _number(facts["pipeline"][key]))
    for kind, title in (("goals", "title"), ("kpis", "name")):
        for one in facts[kind]:
            yield f"{kind}.{one['id']}", (one[title], _unit(one), currency, _number(one["current"]))


def _unit(row: Mapping[str, Any]) -> str:
    return str(row["unit"] or "")


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
