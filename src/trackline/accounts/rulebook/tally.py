"""Counts of what changed on the book: how many results, from which colour to which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIRES, SILENT = "fires", "silent"
"""Results of a signal."""


@dataclass
class Tally:
    """Results that changed; where records carry them, `record_type` names their kind and `records` counts them.

    Of a `signal` the results are silent or fire; `fires` counts those that begin to, the others fall silent.
    """

    accounts: int = 0
    changed: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By colour before and after, "" where there was none."""
    tiers: int = 0
    record_type: str = ""
    records: int = 0
    signal: bool = False
    fires: int = 0

    def note(self, before: tuple[Any, ...], after: tuple[Any, ...]) -> None:
        """Count a result; the last of each is its colour."""
        if before == after:
            return
        self.changed += 1
        self.fires += after[0] == FIRES
        if before[-1] != after[-1]:
            self.moves[before[-1], after[-1]] += 1

    def add(self, other: Tally) -> None:
        """Add the counts of other accounts."""
        self.accounts += other.accounts
        self.changed += other.changed
        self.moves.update(other.moves)
        self.tiers += other.tiers
        self.record_type = self.record_type or other.record_type
        self.records += other.records
        self.signal = self.signal or other.signal
        self.fires += other.fires

    @property
    def colours(self) -> int:
        """Results that changed their colour."""
        return self.moves.total()

    def to_json(self) -> dict[str, Any]:
        """Return the counts as versions keep them, the colours with the most moves first."""
        told: dict[str, Any] = {"record_type": self.record_type, "records": self.records} if self.record_type else {}
        if self.signal:
            told["signal"] = {"fires": self.fires, "silent": self.changed - self.fires}
        return told | {
            "accounts": self.accounts,
            "changed": self.changed,
            "bands": [
                {"from": before or None, "to": after or None, "count": count}
                for (before, after), count in self.moves.most_common()
            ],
            "tiers": self.tiers,
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Tally:
        """Return counts that were kept."""
        moves: Iterable[Mapping[str, Any]] = told.get("bands", ())
        return cls(
            told.get("accounts", 0),
            told.get("changed", 0),
            Counter({(one["from"] or "", one["to"] or ""): one["count"] for one in moves}),
            told.get("tiers", 0),
            told.get("record_type", ""),
            told.get("records", 0),
            "signal" in told,
            told.get("signal", {}).get("fires", 0),
        )
