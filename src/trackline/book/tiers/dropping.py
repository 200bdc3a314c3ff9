"""How far revenue of accounts fell within a quarter, and whether that calls for an emergency review. Source: PF-19."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import Rates
from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.queries.arr import arr_on
from trackline.book.rules.drop import revenue_drop
from trackline.core.decimals import plain
from trackline.core.periods import months_before
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit import formats
from trackline.kit.policy import Context, system_context

MONTHS = 3


@dataclass(frozen=True)
class Drop:
    """The fall of an account's ARR since a day a quarter ago, as the rule explains it; amounts in the book's currency."""

    since: date
    before: Decimal | None
    now: Decimal | None
    result: Explained

    @property
    def sharp(self) -> bool | None:
        """Whether it is sharp; None where it is not known."""
        found: bool | None = self.result.details["sharp"]
        return found

    def words(self, currency: str) -> str:
        """Say what the fall is, or what is not known of it."""
        if self.before is None:
            return f"ARR of {formats.day(self.since)} is not known"
        if self.now is None:
            return "ARR of today is not known"
        amounts = f"ARR {formats.money(self.before, currency)} on {formats.day(self.since)}, {formats.money(self.now, currency)} now"
        if not self.result.value:
            return f"{amounts}: no fall"
        return f"{amounts}: down {formats.percent(self.result.value, 1)}, sharp from {formats.percent(self.result.details['limit'], 0)}"

    def to_json(self, currency: str) -> dict[str, Any]:
        """Return what a decision keeps of it, and the API tells."""
        return {
            "since": self.since.isoformat(),
            "before": plain(self.before),
            "now": plain(self.now),
            "fell_pct": plain(self.result.value),
            "sharp": self.sharp,
            "limit": plain(self.result.details["limit"]),
            "told": self.words(currency),
        }


def drops_of(
    ctx: Context, tiers: Mapping[int, int | None], on: date, rates: Rates, overrides: Overrides
) -> Mapping[int, Drop]:
    """Return how far the ARR of accounts, each with its tier, fell since the same day a quarter ago. Four queries."""
    since = months_before(on, MONTHS)
    values = {one.pk: one.values for one in arr_on(system_context(ctx.now), [since, on], rates, list(tiers))}
    found = {}
    for pk, tier in tiers.items():
        before, now = values.get(pk, (None, None))
        given = {"before": _known(before), "now": _known(now)}
        in_force = overrides.in_force(revenue_drop, on, tier=tier, account_id=pk)
        result = revenue_drop.explain(read_inputs(revenue_drop.inputs, given), in_force, on)
        found[pk] = Drop(since, before, now, result)
    return found


def _known(amount: Decimal | None) -> Decimal | None:
    return None if amount is None or amount < 0 else amount
