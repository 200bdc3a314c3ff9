"""Which accounts are scored, and whose money counts for whom. Source: PF-01."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, rates_in_force

SCORED = (Account.Status.ONBOARDING, Account.Status.ACTIVE, Account.Status.AT_RISK)
"""Customers: neither prospects nor those who have left."""
COLUMNS = (
    "pk", "key", "name", "path", "status", "currency", "arr", "client_fte", "serving_fte", "maturity", "tier",
    "is_decision_level", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class Universe:
    """All living accounts, the ids of those scored in order, and for every account the one its money counts for, if any.

    An account that is not scored on its own counts for the nearest one above that is. Each scored account stands for its
    own figures, so that two of one group do not count money twice. `past_arr` holds the ARR of a day in the past, in the
    book's currency; without it accounts bring in what they say today.
    """

    on: date
    rates: Rates
    living: Mapping[int, Account]
    scored: Mapping[int, Account]
    home: Mapping[int, int]
    nested: int
    without_rate: frozenset[str]
    past_arr: Mapping[int, Decimal | None] | None = None

    def money(self, account: int, amount: Decimal | None) -> Decimal | None:
        """Return an amount in an account's own currency as one in the book's."""
        return self.rates.convert(amount, self.living[account].currency)

    def arr(self, account: int) -> Decimal | None:
        """Return what an account brings in a year, in the book's currency."""
        if self.past_arr is not None:
            return self.past_arr.get(account)
        return self.money(account, self.living[account].arr)


def universe(on: date) -> Universe:
    """Read the accounts; three queries."""
    return assembled(on, rates_in_force(on), living_accounts(), lambda account: account.status in SCORED)


def living_accounts() -> dict[int, Account]:
    """Read all accounts that were not deleted; one query."""
    return {account.pk: account for account in Account.objects.alive().only(*COLUMNS).order_by("pk")}


def assembled(
    on: date,
    rates: Rates,
    living: Mapping[int, Account],
    is_customer: Callable[[Account], bool],
    past_arr: Mapping[int, Decimal | None] | None = None,
) -> Universe:
    """Return who is scored among accounts, by who is a customer, and whose money counts for whom."""
    scored = {pk: account for pk, account in living.items() if account.is_decision_level and is_customer(account)}
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
    return Universe(on, rates, living, scored, home, nested, missing, past_arr)
