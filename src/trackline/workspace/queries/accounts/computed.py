"""Computed cells of one account, drawn anew after a field of it was saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.rates import rates_in_force
from trackline.kit.policy import Context
from trackline.workspace.queries.accounts.columns import anchored, available
from trackline.workspace.queries.accounts.filters import ACCOUNT
from trackline.workspace.queries.accounts.page import beside_of, rows_of
from trackline.workspace.records import cells
from trackline.workspace.records.facts import Facts, Item


def computed_cells(ctx: Context, item: Item, facts: Facts) -> Mapping[str, str]:
    """Draw what the Accounts list computes out of one account, in six queries; sums of groups are left to a reload."""
    rates = rates_in_force(ctx.today)
    known: list[Any] = [column for column in available(rates).values() if column.draw and column.name != "group_arr"]
    [row] = rows_of([int(item["id"])], known)
    beside = beside_of(ctx, [row["id"]], known, rates, {})
    return {anchored(column): column.draw(row, facts, beside) for column in known}


cells.COMPUTED[ACCOUNT.name] = computed_cells
