"""Revenue that accounts are to bring within twelve months, and between which amounts eight in ten outcomes lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from trackline.accounts.rates import Rates
from trackline.book.queries.deals import deals_on
from trackline.book.queries.forecast import chance
from trackline.core.decimals import HUNDRED, ZERO
from trackline.kit.policy import Context

Z80 = Decimal("1.281552")
"""Eight in ten outcomes lie within so many standard deviations of the mean, by the normal distribution."""
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Expected:
    """Revenue of twelve months in the book's currency: the mean, and what encloses eight in ten outcomes; None where the
    ARR of the account is not known."""

    mean: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def funds(self) -> Decimal | None:
        """What a budget may rest on: nothing below 0."""
        return None if self.mean is None or self.mean < 0 else self.mean


def expected_revenue(ctx: Context, arr: Mapping[int, Decimal | None], on: date, rates: Rates) -> Mapping[int, Expected]:
    """Return for accounts, each with its ARR in the book's currency, what stands and what open routes bring in by then,
    renewals of what stands aside. One query. Source: PF-17.
    """
    means, variances, most = dict.fromkeys(arr, ZERO), dict.fromkeys(arr, ZERO), dict.fromkeys(arr, ZERO)
    for deal in deals_on(ctx, [on], rates, accounts=arr)[0].open():
        if deal.kind == "renewal" or deal.value is None or deal.closes_on is None or deal.closes_on > on + YEAR:
            continue
        if deal.state == "open":  # In what state it stood on a past day is not known, so neither is its chance.
            continue
        p = chance(deal) / HUNDRED
        means[deal.account] += deal.value * p
        variances[deal.account] += deal.value**2 * p * (1 - p)
        most[deal.account] += deal.value
    told: dict[int, Expected] = {}
    for pk, stands in arr.items():
        if stands is None:
            told[pk] = Expected()
            continue
        half = Z80 * variances[pk].sqrt()
        told[pk] = Expected(
            stands + means[pk], stands + max(ZERO, means[pk] - half), stands + min(most[pk], means[pk] + half)
        )
    return told
