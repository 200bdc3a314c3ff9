"""Growth initiatives of the book: ranked by their scores, laid out by horizon, and as many of them as people can carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.book.initiatives import priority
from trackline.book.models import Initiative
from trackline.book.queries.narrowing import Narrowing, narrowing
from trackline.book.rules.initiatives import Demand, Lane, Month, carried, horizon_of, lanes, load_of
from trackline.core.playbook import Explained
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

OPEN = (Initiative.Status.PROPOSED, Initiative.Status.ACTIVE, Initiative.Status.WATCH)


@dataclass(frozen=True)
class Ranked:
    """An initiative with its place. `budget` is in the book's currency; None where not known or without a rate.

    `fits` says whether people can carry it with all above it, None where its months or hours or the capacity are not known;
    `moves_to` is the first month in which they could.
    """

    initiative: Initiative
    account: Mapping[str, Any]
    result: Explained
    horizon: str
    budget: Decimal | None
    routes: Sequence[Any]
    fits: bool | None
    moves_to: date | None

    @property
    def points(self) -> Decimal | None:
        """The composite, 0 to 100; None where too little is scored."""
        return self.result.value if isinstance(self.result.value, Decimal) else None

    @property
    def passes(self) -> bool | None:
        """Whether the score passes the first gate."""
        found: bool | None = self.result.details["passes"]
        return found


@dataclass(frozen=True)
class Initiatives:
    """Those that are open, the best first; `rest` are in the backlog or over. `capacity` is in hours a month, None not told."""

    currency: str
    narrowed: Narrowing
    rows: Sequence[Ranked]
    rest: Sequence[Ranked]
    lanes: Sequence[Lane]
    months: Sequence[Month]
    capacity: int | None

    @property
    def line(self) -> int | None:
        """The place of the first one that people cannot carry as planned, from 0; None where all fit or nothing is known."""
        return next((at for at, row in enumerate(self.rows) if row.fits is False), None)


def initiatives_of(ctx: Context, filters: Mapping[str, str] | None = None) -> Initiatives:
    """Return the growth initiatives of the accounts that the filters keep; six queries.

    Source: GRW-01, GRW-03, GRW-07.
    """
    narrowed, rates, overrides = narrowing(ctx, filters or {}), rates_in_force(ctx.today), Overrides.load(ctx.today)
    found = scoped(ctx, registry.get("initiative")).select_related("owner").prefetch_related("routes").order_by("pk")
    kept = [one for one in found if one.account_id in narrowed.ids]
    scored = [(one, priority(one, overrides, ctx, narrowed.accounts[one.account_id]["tier"])) for one in kept]
    scored.sort(key=lambda pair: (-(pair[1].value if isinstance(pair[1].value, Decimal) else Decimal(-1)), pair[0].pk))
    capacity = int(setting("growth.capacity_hours")) or None
    demands = [
        Demand(one.pk, one.start_on, one.months, one.hours_a_month)
        for one, _ in scored
        if one.status in OPEN and one.start_on and one.months and one.hours_a_month is not None
    ]
    fits, moves = carried(demands, capacity) if capacity else (set(), {})
    told = {demand.key for demand in demands} if capacity else set()
    rows = [
        Ranked(
            one,
            narrowed.accounts[one.account_id],
            result,
            horizon_of(one.months),
            rates.convert(one.budget, one.currency),
            [route for route in one.routes.all() if route.deleted_at is None],
            one.pk in fits if one.pk in told else None,
            moves.get(one.pk),
        )
        for one, result in scored
    ]
    going = [row for row in rows if row.initiative.status in OPEN]
    return Initiatives(
        rates.book,
        narrowed,
        going,
        [row for row in rows if row.initiative.status not in OPEN],
        lanes((row.horizon, row.budget) for row in going if row.horizon and row.budget is not None),
        [month for month in load_of(demands, capacity) if month.first >= ctx.today.replace(day=1)],
        capacity,
    )


def initiatives(ctx: Context, filters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the same as JSON has it."""
    found = initiatives_of(ctx, filters)
    return {
        "as_of": ctx.today,
        "currency": found.currency,
        "rows": [row_json(row) for row in found.rows],
        "rest": [row_json(row) for row in found.rest],
        "horizons": [
            {
                "key": lane.band.key, "label": lane.band.label, "budget": lane.budget, "share_pct": lane.share_pct,
                "target_pct": lane.band.target_pct, "gap": lane.gap, "flagged": lane.flagged,
            }
            for lane in found.lanes
        ],
        "capacity_hours": found.capacity,
        "months": [
            {"month": f"{month.first:%Y-%m}", "hours": month.hours, "load_pct": month.load_pct, "over": month.over}
            for month in found.months
        ],
        "notes": notes_of(found),
    }  # fmt: skip


def row_json(row: Ranked) -> dict[str, Any]:
    """Return an initiative with its place as JSON has it."""
    one = row.initiative
    return {
        "id": str(one.pk),
        "title": one.title,
        "account": row.account["key"],
        "account_name": row.account["name"],
        "owner": one.owner.username if one.owner else None,
        "status": one.status,
        "gate": one.gate,
        "score": row.points,
        "passes": row.passes,
        "contributions": {part.key: part.contribution for part in row.result.parts},
        "horizon": row.horizon or None,
        "start_on": one.start_on,
        "months": one.months,
        "budget": row.budget,
        "hours_a_month": one.hours_a_month,
        "fits": row.fits,
        "moves_to": f"{row.moves_to:%Y-%m}" if row.moves_to else None,
        "routes": [str(route.pk) for route in row.routes],
    }


def notes_of(found: Initiatives) -> list[str]:
    """Say what is not known."""
    notes = []
    if found.capacity is None:
        notes.append(
            "How many hours a month people have for initiatives is not told: nothing says where capacity ends."
        )
    elif unknown := sum(row.fits is None for row in found.rows):
        notes.append(f"{unknown} of {len(found.rows)} have no start, months or hours: they ask for nothing yet.")
    loose = sum(row.budget is None or not row.horizon for row in found.rows)
    if loose:
        notes.append(f"{loose} of {len(found.rows)} have no budget or no months: they count in no horizon.")
    return notes
