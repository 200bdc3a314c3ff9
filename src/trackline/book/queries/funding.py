"""Which accounts' tiers do not pay for what they promise, over a register. Source: PF-26."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.queries.expected import expected_revenue
from trackline.book.queries.register import Register, Row
from trackline.book.tiers.funding import Funding, Pricing
from trackline.kit.policy import Context


@dataclass(frozen=True)
class Paid:
    """Whether tiers pay for what they promise: accounts that are short, the largest gap first; how many could be judged of
    how many with a tier; and what is missing of the others, by input, with how many lack it."""

    short: Sequence[tuple[Row, Funding]]
    judged: int
    tiered: int
    lacks: Sequence[tuple[str, int]]


def paid(ctx: Context, found: Register) -> Paid:
    """Judge the accounts with a tier that a register keeps. Three queries."""
    rows = [row for row in found.rows if row.tier is not None]
    money = expected_revenue(ctx, {row.pk: row.arr for row in rows}, found.on, found.rates)
    pricing = Pricing.load(Overrides.load(found.on), found.on)
    every = [(row, pricing.funding(row.pk, row.tier, money[row.pk].funds, row.facts["serving_fte"])) for row in rows]
    short = [(row, one) for row, one in every if one.pays is False]
    short.sort(key=lambda pair: (-pair[1].result.details["over"], pair[0].facts["name"]))
    lacks: dict[str, int] = {}
    for _row, one in every:
        for name in one.result.missing:
            lacks[name] = lacks.get(name, 0) + 1
    return Paid(short, sum(one.pays is not None for _row, one in every), len(rows), list(lacks.items()))
