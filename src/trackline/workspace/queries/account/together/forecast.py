"""What the open routes of a group are worth: by account, by state, and what they bring in together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.rules.forecast import Deals, distribution
from trackline.align.rules.gate import OPEN
from trackline.core.decimals import ZERO
from trackline.kit import formats
from trackline.workspace.queries.account.cards.pipeline import Fan
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.routes import LABELS, routes_of


@dataclass(frozen=True)
class Line:
    """Open routes with one name: an account, or a state. `url` leads to the account's own forecast."""

    name: str
    url: str
    count: int
    gross: Decimal
    weighted: Decimal


@dataclass(frozen=True)
class GroupForecast:
    """The routes of a group in one currency. `left_out` names routes without value, chance or exchange rate."""

    currency: str
    count: int
    gross: Decimal
    weighted: Decimal
    accounts: Sequence[Line]
    states: Sequence[Line]
    fan: Fan | None
    sd: Decimal | None
    exact: bool
    left_out: Sequence[tuple[int, str, str]]

    @property
    def finding(self) -> str:
        """The forecast in a sentence."""
        if self.fan is None:
            return "No open route with a value and a chance."
        low, middle, high = (formats.money(self.fan.quantiles[name], self.currency) for name in ("p10", "p50", "p90"))
        return f"Nine in ten chances of {low} or more, even odds of {middle}, one in ten of {high}."


@dataclass(frozen=True)
class _Deal:
    account: int
    state: str
    value: Decimal
    chance: Decimal


def group_forecast(head: Head) -> GroupForecast:
    """Return the forecast of the accounts that a page shows, in two queries: each route is won or lost on its own.

    Source: PIPE-12, PIPE-13.
    """
    deals, left_out = [], []
    routes = routes_of(head).filter(state__in=OPEN).order_by("expected_close_on", "pk")
    for route in routes.only("account_id", "title", "state", "value", "currency", "probability"):
        worth = head.rates.between(route.value, route.currency, head.currency)
        lacks = [
            *(["no value"] if route.value is None else []),
            *([f"no exchange rate of {route.currency}"] if route.value is not None and worth is None else []),
            *(["no probability"] if route.probability is None else []),
        ]
        if lacks or worth is None or route.probability is None:
            left_out.append((route.pk, route.title, " and ".join(lacks)))
        else:
            deals.append(_Deal(route.account_id, route.state, worth, route.probability))
    gross, weighted = _gross(deals), _weighted(deals)
    given = Deals.model_validate({"deals": [{"value": one.value, "probability": one.chance} for one in deals]})
    in_force = Overrides.load(head.today).in_force(
        distribution, head.today, tier=head.account.tier, account_id=head.account.pk, preset=""
    )
    found = distribution.explain(given, in_force, head.today)
    fan = None
    if deals and found.value is not None:
        quantiles = {name: Decimal(str(value)) for name, value in found.details["quantiles"].items()}
        fan = Fan(quantiles, Decimal(found.value), None, gross, head.currency)
    accounts = [
        _line(row.name, f"{row.url}/align/forecast", [one for one in deals if one.account == row.id])
        for row in head.members.values()
    ]
    states = [_line(LABELS[state], "", [one for one in deals if one.state == state]) for state in OPEN]
    return GroupForecast(
        head.currency, len(deals), gross, weighted, sorted(accounts, key=lambda one: (-one.weighted, one.name)), states,
        fan, Decimal(str(found.details["sd"])) if fan else None, found.details["method"] == "exact", left_out,
    )  # fmt: skip


def _line(name: str, url: str, deals: Sequence[_Deal]) -> Line:
    return Line(name, url, len(deals), _gross(deals), _weighted(deals))


def _gross(deals: Sequence[_Deal]) -> Decimal:
    return sum((one.value for one in deals), ZERO)


def _weighted(deals: Sequence[_Deal]) -> Decimal:
    return sum((one.value * one.chance / 100 for one in deals), ZERO)
