"""What is read, and as of when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.kit.policy import Context

ALIVE = Q(deleted_at__isnull=True)
RECENT_DAYS = 92
"""What was closed within a quarter still belongs to the account of it."""


@dataclass(frozen=True)
class Scope:
    """Accounts that a document tells of, the one it is about first, as of a day."""

    ctx: Context
    accounts: Sequence[Account]
    on: date

    @property
    def account(self) -> Account:
        """The account that the document is about."""
        return self.accounts[0]

    @cached_property
    def ids(self) -> list[int]:
        """The accounts' ids."""
        return [account.pk for account in self.accounts]

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The accounts' names by id."""
        return {account.pk: account.name for account in self.accounts}

    @cached_property
    def rates(self) -> Rates:
        """The rates by which amounts are added up."""
        return rates_in_force(self.on)

    @cached_property
    def overrides(self) -> Overrides:
        """The figures in force for rules."""
        return Overrides.load(self.on)

    @property
    def recent(self) -> date:
        """Since when what is closed is told."""
        return self.on - timedelta(days=RECENT_DAYS)

    def among(self, model: Any, *conditions: Q, **more: Any) -> Any:
        """Return the living records of a model that belong to the accounts."""
        return model.objects.filter(ALIVE, *conditions, account__in=self.ids, **more)


def named(record: Any) -> str | None:
    """Return the name of a person or record, None where nobody is named."""
    return str(record) if record is not None else None


def word(record: Any, field: str) -> dict[str, str] | None:
    """Return a choice as `{"value", "label"}`, None where none is made."""
    value = getattr(record, field)
    if value in (None, ""):
        return None
    return {"value": str(value), "label": str(getattr(record, f"get_{field}_display")())}
