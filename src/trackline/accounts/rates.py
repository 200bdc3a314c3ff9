"""Adding up money of several currencies at stored month-end rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import ExchangeRate
from trackline.accounts.settings import setting


@dataclass(frozen=True)
class Sum:
    """An amount in one currency. `converted` says that rates were used; `without_rate` names the currencies left out;
    `empty` says that there was no amount at all, so that 0 means nothing.
    """

    amount: Decimal
    currency: str
    converted: bool = False
    without_rate: tuple[str, ...] = ()
    empty: bool = False

    @property
    def note(self) -> str:
        """Say how the sum came about, or nothing where it is plain addition."""
        parts = []
        if self.converted:
            parts.append(f"in {self.currency} at stored rates")
        if self.without_rate:
            parts.append(f"{', '.join(self.without_rate)} left out: no rate")
        return ", ".join(parts)


@dataclass(frozen=True)
class Rates:
    """What one unit of each currency is worth in the book's currency, as of a day."""

    book: str
    worth: Mapping[str, Decimal]
    dates: Mapping[str, date]

    @property
    def on(self) -> date | None:
        """Return the day of the newest rate."""
        return max(self.dates.values(), default=None)

    def convert(self, amount: Decimal | None, currency: str) -> Decimal | None:
        """Return an amount in the book's currency, or None where there is no amount or no rate."""
        if amount is None:
            return None
        if not currency or currency == self.book:
            return amount
        rate = self.worth.get(currency)
        return amount * rate if rate is not None else None

    def between(self, amount: Decimal | None, currency: str, wanted: str) -> Decimal | None:
        """Return an amount in another currency, over the book's; None where there is no amount or a rate is missing."""
        wanted = wanted or self.book
        if amount is None or (currency or self.book) == wanted:
            return amount
        worth = self.convert(amount, currency)
        rate = Decimal(1) if wanted == self.book else self.worth.get(wanted)
        return worth / rate if worth is not None and rate is not None else None

    def total(self, amounts: Iterable[tuple[Decimal | None, str]]) -> Sum:
        """Add up amounts: in their own currency where they share one, else converted to the book's."""
        known = [(amount, currency or self.book) for amount, currency in amounts if amount is not None]
        currencies = {currency for _, currency in known}
        if len(currencies) <= 1:
            amount = sum((amount for amount, _ in known), Decimal(0))
            return Sum(amount, next(iter(currencies), self.book), empty=not known)
        return self.in_book(known)

    def in_book(self, amounts: Iterable[tuple[Decimal | None, str]]) -> Sum:
        """Add up amounts in the book's currency."""
        total, converted, missing, empty = Decimal(0), False, set(), True
        for amount, currency in amounts:
            if amount is None:
                continue
            empty = False
            worth = self.convert(amount, currency)
            if worth is None:
                missing.add(currency)
                continue
            total += worth
            converted = converted or (currency or self.book) != self.book
        return Sum(total, self.book, converted, tuple(sorted(missing)), empty)

    def weighted(self, routes: Iterable[Any]) -> Sum:
        """Add up routes by value × probability; a route without value counts for nothing."""
        return self.total(
            (route.value * (route.probability or 0) / 100 if route.value is not None else None, route.currency)
            for route in routes
        )


def rates_in_force(today: date) -> Rates:
    """Return the newest stored rate of each currency not later than a day, in two queries."""
    worth: dict[str, Decimal] = {}
    dates: dict[str, date] = {}
    rows = ExchangeRate.objects.filter(on__lte=today).order_by("on").values_list("currency", "on", "rate")
    for currency, on, rate in rows:
        worth[currency], dates[currency] = rate, on
    return Rates(str(setting("book.currency")), worth, dates)
