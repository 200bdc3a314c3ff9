"""The accounts of the book by size: what can be said of them while too little is known for a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.whitespace import open_value
from trackline.book.queries.renewals import GONE
from trackline.book.rules.size import size
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Sized:
    """An account with its place: `arr` and `growth` in the book's currency, their percentile ranks, the tier suggested."""

    key: str
    name: str
    tier_now: int | None
    arr: Decimal | None
    growth: Decimal | None
    place: Mapping[str, Any] | None


@dataclass(frozen=True)
class BySize:
    """The accounts the actor sees, the first first, those without a place last; `of` counts all that have one."""

    on: date
    currency: str
    result: Explained
    rows: Sequence[Sized]

    @property
    def of(self) -> int:
        """Accounts of the book that have a place."""
        return len(self.result.details["accounts"])


def by_size(ctx: Context) -> BySize:
    """Rank the accounts by ARR and open white space. Ranks are among all accounts of the book that have not left; listed are
    those that the actor sees. A handful of queries.

    Source: TRK-03.
    """
    rates = rates_in_force(ctx.today)
    accounts = registry.get("account").model.objects.alive().exclude(status__in=GONE)
    columns = ("pk", "key", "name", "tier", "arr", "currency")
    rows = list(accounts.order_by("name", "pk").values(*columns))
    growth = open_value(accounts, ctx.today, rates)
    sizes = {row["pk"]: (rates.convert(row["arr"], row["currency"]), growth.get(row["pk"])) for row in rows}
    given = [{"key": row["key"], "arr": sizes[row["pk"]][0], "growth": sizes[row["pk"]][1]} for row in rows]
    in_force = Overrides.load(ctx.today).in_force(size, ctx.today)
    result: Explained = size.explain(read_inputs(size.inputs, {"accounts": given}), in_force, ctx.today)
    places = {one["key"]: one for one in result.details["accounts"]}
    seen = set(scoped(ctx, registry.get("account")).values_list("pk", flat=True))
    found = [
        Sized(row["key"], row["name"], row["tier"], *sizes[row["pk"]], places.get(row["key"]))
        for row in rows
        if row["pk"] in seen
    ]
    found.sort(key=lambda one: one.place["rank"] if one.place else len(rows) + 1)
    return BySize(ctx.today, rates.book, result, found)


def by_size_json(ctx: Context) -> dict[str, Any]:
    """Return the same as the API and `--json` tell it."""
    found = by_size(ctx)
    return {
        "as_of": found.on,
        "currency": found.currency,
        "version": found.result.version,
        "of": found.of,
        "accounts": [
            {
                "key": one.key,
                "name": one.name,
                "rank": one.place["rank"] if one.place else None,
                "percentile": one.place["score"] if one.place else None,
                "tier": one.place["tier"] if one.place else None,
                "tier_now": one.tier_now,
                "arr": one.arr,
                "arr_percentile": one.place["arr"] if one.place else None,
                "growth": one.growth,
                "growth_percentile": one.place["growth"] if one.place else None,
            }
            for one in found.rows
        ],
    }
