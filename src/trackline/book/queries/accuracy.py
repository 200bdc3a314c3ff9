"""How close past forecasts came: what the routes said at the start of each month or quarter against what was won in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import User
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.align.rules.accuracy import accuracy as rule
from trackline.book.queries.deals import Deal, deals_on
from trackline.book.queries.forecast import chance
from trackline.book.queries.narrowing import narrowing
from trackline.book.queries.targets import targets_of
from trackline.core.periods import Month, Quarter, month_of, quarter_of
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context

PERIODS, MOST = 6, 24
ROLLING = 3
"""So many periods are taken together. Source: PIPE-17."""
BY = ("month", "quarter")
ZERO = Decimal(0)


def accuracy(
    ctx: Context, by: str = "month", periods: int = PERIODS, filters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the last whole periods, oldest first, with what was forecast at the end of the day before each began (value times
    probability of the routes expected to close in it), what was won in it and what was targeted; the last three taken together
    (PIPE-17); and the same by owner. Both sides are converted at today's rates. Of a period that began before any route was
    kept here the forecast is not known, never 0.

    A fixed number of queries, however many periods.
    """
    narrowed, rates = narrowing(ctx, filters or {}), rates_in_force(ctx.today)
    asked = _periods(ctx.today, by, periods)
    *starts, now = deals_on(ctx, [*(period.start - timedelta(days=1) for period in asked), ctx.today], rates)
    first = min((deal.made_on for deal in now.rows), default=None)
    targets = targets_of(narrowed.owner, rates)
    won = [deal for deal in now.rows if deal.state == "won" and deal.account in narrowed.ids and deal.closes_on]
    rows: list[dict[str, Any]] = []
    forecasts: list[Sequence[Deal] | None] = []
    actuals: list[Sequence[Deal]] = []
    for period, start in zip(asked, starts, strict=True):
        eve = period.start - timedelta(days=1)
        known = first is not None and first <= eve
        expected = [
            deal for deal in start.rows
            if deal.is_open and deal.state != "open" and deal.account in narrowed.ids and deal.made_on <= eve
            and deal.closes_on is not None and period.start <= deal.closes_on <= period.end
        ]  # fmt: skip
        brought = [deal for deal in won if deal.closes_on and period.start <= deal.closes_on <= period.end]
        forecast = sum((_weighted(deal) for deal in expected), ZERO) if known else None
        actual = _value(brought)
        forecasts.append(expected if known else None)
        actuals.append(brought)
        target = targets.month(period) if isinstance(period, Month) else targets.quarter(period)
        rows.append(
            {
                "period": period.key,
                "start": period.start,
                "end": period.end,
                "forecast": forecast,
                "routes": len(expected) if known else None,
                "won": actual,
                "won_count": len(brought),
                "difference_pct": _off(forecast, actual),
                "target": target,
            }
        )
    in_force = Overrides.load(ctx.today).in_force(rule, ctx.today)

    def judged(expected: Sequence[Decimal | None], brought: Sequence[Decimal]) -> Explained:
        given = {"forecasts": list(expected[-ROLLING:]), "actuals": list(brought[-ROLLING:])}
        return rule.explain(read_inputs(rule.inputs, given), in_force, ctx.today)

    found = judged([row["forecast"] for row in rows], [row["won"] for row in rows])
    notes = []
    if any(row["forecast"] is None for row in rows):
        notes.append("Before the first route was kept here there is no forecast to compare with.")
    return {
        "as_of": ctx.today,
        "by": by,
        "currency": rates.book,
        "rows": rows,
        "rolling": ROLLING,
        "accuracy_pct": found.value,
        "ok": found.details["ok"],
        "bias": found.details["bias"],
        "owners": _owners(forecasts, actuals, judged),
        "notes": notes,
    }


def _periods(today: date, by: str, count: int) -> list[Month | Quarter]:
    """The last whole months or fiscal quarters, oldest first."""
    first = int(setting("book.fiscal_year_start_month"))
    found: list[Month | Quarter] = []
    day = today
    for _ in range(count + 1):
        period = month_of(day) if by == "month" else quarter_of(day, first)
        found.insert(0, period)
        day = period.start - timedelta(days=1)
    return found[:-1]


def _owners(
    forecasts: Sequence[Sequence[Deal] | None], actuals: Sequence[Sequence[Deal]], judged: Any
) -> list[dict[str, Any]]:
    """The same by owner of the routes, those with most forecast first; one query."""
    ids = {deal.owner for side in (forecasts, actuals) for deals in side for deal in deals or ()}
    people = {user.pk: user for user in User.objects.filter(pk__in=[pk for pk in ids if pk])}
    found = []
    for pk in ids:
        expected = [
            None if deals is None else sum((_weighted(deal) for deal in deals if deal.owner == pk), ZERO)
            for deals in forecasts
        ]
        brought = [_value([deal for deal in deals if deal.owner == pk]) for deals in actuals]
        rolling = judged(expected, brought)
        total = sum((value for value in expected if value is not None), ZERO)
        found.append(
            {
                "owner": people[pk].username if pk in people else None,
                "name": people[pk].name if pk in people else "No owner",
                "forecast": total,
                "won": sum(brought, ZERO),
                "accuracy_pct": rolling.value,
                "ok": rolling.details["ok"],
                "bias": rolling.details["bias"],
            }
        )
    return sorted(found, key=lambda row: (-row["forecast"], -row["won"], row["name"]))


def _weighted(deal: Deal) -> Decimal:
    return (deal.value or ZERO) * chance(deal) / 100


def _value(deals: Sequence[Deal]) -> Decimal:
    return sum((deal.value or ZERO for deal in deals), ZERO)


def _off(forecast: Decimal | None, won: Decimal) -> Decimal | None:
    return (won - forecast) * 100 / forecast if forecast else None
