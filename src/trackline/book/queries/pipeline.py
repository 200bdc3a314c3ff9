"""The pipeline of the book, added up by quarter, owner, product, account, group or stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import User
from trackline.accounts.settings import setting
from trackline.align.models import Product, RouteState, Stage
from trackline.book.queries.deals import Deal, Deals, deals_as_of
from trackline.book.queries.narrowing import tops_of
from trackline.core.periods import quarter_of
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

BY = ("quarter", "owner", "product", "account", "group", "stage")
STATES = ("open", "won", "lost")
ALIVE = {"deleted_at__isnull": True}


@dataclass(frozen=True)
class Entry:
    """What a group of routes is called: a key that is its own, and a name."""

    key: str | None
    name: str
    order: Any = None


Namer = Callable[[Deal], Entry]


def pipeline(ctx: Context, on: date, by: str, state: str = "open") -> dict[str, Any]:
    """Return value and count of routes by one of `BY`, in the book's currency.

    A quarter is the fiscal one in which a route closed, or is expected to. Owners and products go by their names, since
    they have no keys; `null` is what is not set. Quarters and stages stand in their order, the rest by value.
    """
    deals = deals_as_of(ctx, on)
    chosen = [deal for deal in deals.rows if (deal.is_open if state == "open" else deal.state == state)]
    name = NAMERS[by](ctx, deals)
    values: dict[str | None, Decimal] = {}
    counts: dict[str | None, int] = {}
    entries: dict[str | None, Entry] = {}
    for deal in chosen:
        entry = name(deal)
        entries[entry.key] = entry
        values[entry.key] = values.get(entry.key, Decimal(0)) + (deal.value or 0)
        counts[entry.key] = counts.get(entry.key, 0) + 1
    if by in ("quarter", "stage"):
        order = sorted(entries, key=lambda key: (key is None, entries[key].order))
    else:
        order = sorted(entries, key=lambda key: (-values[key], key is None, entries[key].name))
    without_value = sum(deal.value is None for deal in chosen)
    notes = [*deals.notes]
    if without_value:
        notes.append(f"{without_value} have no value: they count, and add nothing.")
    return {
        "by": by,
        "state": state,
        "as_of": on,
        "currency": deals.rates.book,
        "rows": [{"key": key, "name": entries[key].name, "value": values[key], "count": counts[key]} for key in order],
        "total": sum(values.values(), Decimal(0)),
        "count": len(chosen),
        "notes": notes,
    }


# -- by what -------------------------------------------------------------------------------------------------------


def _by_quarter(_ctx: Context, _deals: Deals) -> Namer:
    first = int(setting("book.fiscal_year_start_month"))

    def name(deal: Deal) -> Entry:
        if deal.closes_on is None:
            return Entry(None, "No date", "")
        key = quarter_of(deal.closes_on, first).key
        return Entry(key, key, key)

    return name


def _by_owner(_ctx: Context, deals: Deals) -> Namer:
    ids = {deal.owner for deal in deals.rows if deal.owner is not None}
    people = list(User.objects.filter(pk__in=ids).values_list("pk", "name", "username"))
    return _named({pk: (name, username) for pk, name, username in people}, lambda deal: deal.owner, "No owner")


def _by_product(_ctx: Context, deals: Deals) -> Namer:
    ids = {deal.product for deal in deals.rows if deal.product is not None}
    rows = Product.objects.filter(pk__in=ids).values_list("pk", "name")
    return _named({pk: (name, str(pk)) for pk, name in rows}, lambda deal: deal.product, "No product")


def _named(known: Mapping[int, tuple[str, str]], of: Callable[[Deal], int | None], none: str) -> Namer:
    """Keys are names; where two share one, what tells them apart stands behind it."""
    times: dict[str, int] = {}
    for name, _ in known.values():
        times[name] = times.get(name, 0) + 1
    entries = {
        pk: Entry(name if times[name] == 1 else f"{name} ({other})", name) for pk, (name, other) in known.items()
    }
    return lambda deal: Entry(None, none) if (pk := of(deal)) is None else entries[pk]


def _by_account(ctx: Context, _deals: Deals) -> Namer:
    rows = scoped(ctx, registry.get("account")).values_list("pk", "key", "name")
    accounts = {pk: Entry(key, name) for pk, key, name in rows}
    return lambda deal: accounts[deal.account]


def _by_group(ctx: Context, _deals: Deals) -> Namer:
    """The highest account above that the actor sees."""
    rows = list(scoped(ctx, registry.get("account")).values("pk", "key", "name", "path"))
    entries = {row["pk"]: Entry(row["key"], row["name"]) for row in rows}
    tops = tops_of(rows)
    return lambda deal: entries[tops[deal.account]]


def _by_stage(_ctx: Context, _deals: Deals) -> Namer:
    entries: dict[str, Entry] = {}
    rows = Stage.objects.filter(**ALIVE).order_by("-pipeline__is_default", "pipeline", "position")
    for order, (key, name) in enumerate(rows.values_list("key", "name")):
        entries.setdefault(key, Entry(key, name, order))
    for state in RouteState:
        entries.setdefault(state.value, Entry(state.value, state.label, len(entries) + 1000))
    none = Entry(None, "Stage not known", 0)
    return lambda deal: (entries.get(deal.stage) or Entry(deal.stage, deal.stage, 9999)) if deal.stage else none


NAMERS: Mapping[str, Callable[[Context, Deals], Namer]] = {
    "quarter": _by_quarter,
    "owner": _by_owner,
    "product": _by_product,
    "account": _by_account,
    "group": _by_group,
    "stage": _by_stage,
}
