"""Which accounts are scored, and whose money counts for whom. Source: PF-01."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, rates_in_force

SCORED = (Account.Status.ONBOARDING, Account.Status.ACTIVE, Account.Status.AT_RISK)
"""Customers: neither prospects nor those who have left."""


@dataclass(frozen=True)
class Universe:
    """All living accounts, the ids of those scored in order, and for every account the one its money counts for, if any.

    An account that is not scored on its own counts for the nearest one above that is. Each scored account stands for its
    own figures, so that two of one group do not count money twice.
    """

    on: date
    rates: Rates
    living: Mapping[int, Account]
    scored: Mapping[int, Account]
    home: Mapping[int, int]
    nested: int
    without_rate: frozenset[str]

    def money(self, account: int, amount: Decimal | None) -> Decimal | None:
        """Return an amount in an account's own currency as one in the book's."""
        return self.rates.convert(amount, self.living[account].currency)


def universe(on: date) -> Universe:
    """Read the accounts; three queries."""
    rates = rates_in_force(on)
    columns = (
        "pk", "key", "name", "path", "status", "currency", "arr", "client_fte", "serving_fte", "maturity", "tier",
        "is_decision_level",
    )  # fmt: skip
    living = {account.pk: account for account in Account.objects.alive().only(*columns).order_by("pk")}
    scored = {pk: account for pk, account in living.items() if account.is_decision_level and account.status in SCORED}
    home: dict[int, int] = {}
    nested = 0
    for pk, account in living.items():
        upwards = [int(part) for part in account.path.split("/") if part][::-1] or [pk]
        owner = next((at for at in upwards if at in living and living[at].is_decision_level), None)
        if owner is not None and owner in scored:
            home[pk] = owner
        nested += pk in scored and any(at in scored for at in upwards if at != pk)
    used = {account.currency for account in living.values()}
    missing = frozenset(code for code in used if code and rates.convert(Decimal(1), code) is None)
    return Universe(on, rates, living, scored, home, nested, missing)
