"""What tiers grant accounts, what is promised to them, and whether the one pays for the other. Source: PF-26."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import amounts
from trackline.book.rules.budget import BudgetParameters, budget
from trackline.book.rules.promises import Promise, promised, promises
from trackline.book.rules.service import service
from trackline.core.decimals import plain
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs

HOUR_COST = "service.hour_cost"
LACKS: Mapping[str, str] = {
    "tier": "a tier",
    "revenue": "revenue of twelve months",
    "hours": "our people who serve it (serving FTE)",
    "hour_cost": "what an hour costs",
    "promises": "what promises cost",
}
"""What the check may lack, in words."""


@dataclass(frozen=True)
class Priced:
    """A promise that costs money beside hours: how many of it a year, and what it costs; None where nobody has told it."""

    promise: Promise
    count: Decimal | None
    cost: Decimal | None


@dataclass(frozen=True)
class Funding:
    """The budget of an account in a tier, as the rule explains it; `hours` serve it in a year, `hour_cost` each."""

    tier: int | None
    result: Explained
    revenue: Decimal | None
    hours: Decimal | None
    hour_cost: Decimal | None
    priced: Sequence[Priced]

    @property
    def pays(self) -> bool | None:
        """Whether what is granted pays for what is promised; None where that cannot be told."""
        found: bool | None = self.result.details["pays"]
        return found

    def to_json(self) -> dict[str, Any]:
        """Return what a decision keeps of it, and the API tells."""
        details = self.result.details
        return {
            "hours": plain(self.result.value),
            **{name: plain(details[name]) for name in ("fte", "opex", "funded", "promised", "pays", "over")},
            "revenue": plain(self.revenue),
            "hours_served": plain(self.hours),
            "hour_cost": plain(self.hour_cost),
            "promises": {one.promise.key: plain(one.cost) for one in self.priced},
            "missing": list(self.result.missing),
        }


def lacking(budget: Mapping[str, Any]) -> str:
    """Say what of a budget, as `Funding.to_json` gives it, is missing to tell who pays; nothing where all is known."""
    labels = {one.key: one.label.lower() for one in promises()}
    named = [LACKS[name] for name in budget["missing"] if name != "promises"]
    named += [f"what {labels.get(key, key)} costs" for key, cost in budget["promises"].items() if cost is None]
    return ", ".join(named)


@dataclass(frozen=True)
class Pricing:
    """What is needed to judge any number of accounts on a day; made once for all."""

    overrides: Overrides
    costs: Mapping[str, Decimal | None]
    on: date

    @classmethod
    def load(cls, overrides: Overrides, on: date) -> Pricing:
        """Read what service costs; one query."""
        return cls(overrides, amounts(), on)

    def funding(
        self,
        account: int,
        tier: int | None,
        revenue: Decimal | None,
        serving_fte: Decimal | None,
        *,
        granted: bool = False,
    ) -> Funding:
        """Judge an account in a tier. `granted`: people follow the tier, so that its hours are those it grants."""
        in_force = self.overrides.in_force(budget, self.on, tier=tier, account_id=account)
        p = cast(BudgetParameters, in_force.parameters)
        people = (p.fte[str(tier)] if tier else None) if granted else serving_fte
        hours = None if people is None else people * p.hours_per_fte
        priced = self._priced(account, tier)
        given = {
            "tier": tier,
            "revenue": revenue,
            "hours": hours,
            "hour_cost": self.costs[HOUR_COST],
            "promises": [{"key": one.promise.key, "cost": one.cost} for one in priced],
        }
        result: Explained = budget.explain(read_inputs(budget.inputs, given), in_force, self.on)
        return Funding(tier, result, revenue, hours, self.costs[HOUR_COST], priced)

    def _priced(self, account: int, tier: int | None) -> list[Priced]:
        """What of a tier's promises costs money by itself, at what the tier owes the account."""
        if tier is None:
            return []
        owed = self.overrides.in_force(service, self.on, tier=tier, account_id=account).parameters
        found = []
        for one in promised(tier):
            if one.costs == "hours":
                continue
            cost, count = self.costs[one.cost_key(tier)], None
            if one.costs == "each":
                count = getattr(owed, one.key).get(str(tier), Decimal(0))
                cost = None if cost is None else cost * count
            found.append(Priced(one, count, cost))
        return found
