"""How much of the revenue of a day is still there on a later one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import Rates, rates_in_force
from trackline.accounts.rules.kpi.financial import gross_revenue_retention, net_revenue_retention
from trackline.book.queries.arr import Figures, arr_on
from trackline.book.queries.losses import reasons_of
from trackline.core.playbook import Explained
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest

ZERO = Decimal(0)


def retention(ctx: Context, start: date, end: date) -> dict[str, Any]:
    """Return what the ARR of the accounts at the end of the first day became by the last: expansion, contraction, churn,
    net and gross retention in percent (KPI-002, KPI-030). Accounts new since then are told apart and not counted.

    Both days are converted at the rates of the last day: a move of a currency is neither expansion nor contraction.
    Accounts whose ARR is not known on one of the days are left out and named; `reasons` tells why revenue went. Raises `BadRequest` for days out of order.
    """
    if end < start:
        raise BadRequest("to: a day not before `from` is expected.", [{"loc": ["query", "to"], "msg": "before from"}])
    rates = rates_in_force(end)
    accounts = arr_on(ctx, (start, end), rates)
    return moves_of(accounts, start, end, rates) | {"reasons": reasons_of(accounts, start, end)}


def moves_of(accounts: Iterable[Figures], start: date, end: date, rates: Rates) -> dict[str, Any]:
    """Return the same of accounts whose ARR on both days was read."""
    rows, missing = [], []
    for account in accounts:
        before, after = account.values
        if before is None or after is None:
            missing.append({"key": account.key, "name": account.name, "why": account.why})
        else:
            rows.append((account, before, after))
    kept = [(before, after) for _, before, after in rows if before > 0]
    starting = sum((before for before, _ in kept), ZERO)
    moves = {
        "starting_arr": starting,
        "expansion": sum((after - before for before, after in kept if after > before), ZERO),
        "contraction": sum((before - after for before, after in kept if 0 < after < before), ZERO),
        "churn": sum((before for before, after in kept if after <= 0), ZERO),
    }
    net: Explained = net_revenue_retention(moves, as_of=end)
    gross: Explained = gross_revenue_retention(
        {name: moves[name] for name in ("starting_arr", "contraction", "churn")}, as_of=end
    )
    sources = {account.source for account, _, _ in rows}
    return {
        "from": start,
        "to": end,
        "currency": rates.book,
        **moves,
        "nrr_pct": net.value,
        "nrr_band": net.band,
        "grr_pct": gross.value,
        "grr_band": gross.band,
        "ending_arr": sum((after for _, after in kept), ZERO),
        "new_arr": sum((after for _, before, after in rows if before <= 0), ZERO),
        "accounts": len(kept),
        "new_accounts": sum(before <= 0 < after for _, before, after in rows),
        "churned": [account.key for account, before, after in rows if before > 0 >= after],
        "missing": missing,
        "notes": [*net.notes, *sources_told(sources, missing)],
    }


def sources_told(sources: set[str], missing: Sequence[Any]) -> list[str]:
    """Say where ARR was read, and how many accounts are left out."""
    said = {
        "readings": "readings of the metric ARR",
        "contracts": "contracts in force",
        "account": "the account's own ARR and its history",
    }
    notes = []
    told = [words for source, words in said.items() if source in sources]
    if told:
        notes.append(f"ARR from {', '.join(told)}.")
    if missing:
        notes.append(f"{len(missing)} without a known ARR on one of the days are left out.")
    return notes
