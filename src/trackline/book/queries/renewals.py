"""Which accounts renew when, for how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.accounts.settings import several
from trackline.align.models import RenewalCycle
from trackline.book.queries.narrowing import Narrowing, narrowing
from trackline.book.risk.renewals import renewal_risks
from trackline.core.periods import quarter_of
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

CLOSED = (RenewalCycle.State.SIGNED, RenewalCycle.State.LAPSED, RenewalCycle.State.CHURNED)
GONE = (Account.Status.CHURNED, Account.Status.ARCHIVED)


def renewals(
    ctx: Context,
    on: date,
    days: int | None = None,
    filters: Mapping[str, str] | None = None,
    *,
    narrowed: Narrowing | None = None,
) -> dict[str, Any]:
    """Return the accounts the actor sees with their next renewal, soonest first, in the book's currency. Late ones stand
    first. With `days` only those due within so many days, with `filters` only accounts that pass them: `narrowed` holds
    these where they are known already. The renewal cycle in hand says day and amount, else the account. `category` is the
    forecast that people set, else that of the risk class (RNW-15), which `risk` and `risk_reasons` tell; a renewal starts late where nobody has begun it with fewer than
    `late_alert` days left (RNW-04).

    A fixed number of queries. Accounts that have left are not counted; those without a date are named.
    """
    rates = rates_in_force(on)
    cycles, risks = open_cycles(ctx), renewal_risks(on)
    narrowed = narrowed or narrowing(ctx, filters or {})
    columns = ("id", "key", "name", "tier", "currency", "arr", "renewal_date", "health", "owner__name")
    figures = several("book.fiscal_year_start_month", "renewal.late_alert")
    first, late_alert = int(figures["book.fiscal_year_start_month"]), int(figures["renewal.late_alert"])
    rows, undated, without_rate = [], [], []
    for row in scoped(ctx, registry.get("account")).exclude(status__in=GONE).order_by("name", "pk").values(*columns):
        if row["id"] not in narrowed.ids:
            continue
        cycle: Mapping[str, Any] = cycles.get(row["id"], {})
        when = cycle.get("renewal_date") or row["renewal_date"]
        if when is None:
            undated.append(row["key"])
            continue
        if days is not None and when > on + timedelta(days=days):
            continue
        amount = cycle.get("arr_up") if cycle.get("arr_up") is not None else row["arr"]
        worth = rates.convert(amount, row["currency"])
        if worth is None and amount is not None:
            without_rate.append(row["currency"])
        health = (row["health"] or {}).get("band") or "unknown"
        risk = risks.of(row["id"], row["tier"], health)
        rows.append(
            {
                "key": row["key"],
                "name": row["name"],
                "renewal_date": when,
                "days": (when - on).days,
                "quarter": quarter_of(when, first).key,
                "arr": worth,
                "proposed_arr": rates.convert(cycle.get("proposed_arr"), row["currency"]),
                "state": cycle.get("state"),
                "forecast": cycle.get("forecast") or None,
                "tier": row["tier"],
                "health": health,
                "category": cycle.get("forecast") or risk.forecast,
                "risk": risk.band,
                "risk_reasons": list(risk.reasons),
                "late_start": not cycle and (when - on).days < late_alert,
                "owner": row["owner__name"],
            }
        )
    rows.sort(key=lambda found: (found["renewal_date"], found["name"]))
    quarters: dict[str, dict[str, Any]] = {}
    for found in rows:
        part = quarters.setdefault(found["quarter"], {"quarter": found["quarter"], "arr": Decimal(0), "count": 0})
        part["arr"] += found["arr"] or 0
        part["count"] += 1
    return {
        "as_of": on,
        "currency": rates.book,
        "days": days,
        "late_alert": late_alert,
        "rows": rows,
        "arr": sum((found["arr"] or Decimal(0) for found in rows), Decimal(0)),
        "count": len(rows),
        "by_quarter": [quarters[key] for key in sorted(quarters)],
        "undated": undated,
        "notes": _notes(ctx, on, rows, undated, without_rate),
    }


def open_cycles(ctx: Context) -> dict[int, Mapping[str, Any]]:
    """Return the renewal in hand of each account the actor sees, the soonest where several are; one query."""
    rows = scoped(ctx, registry.get("renewal_cycle")).exclude(state__in=CLOSED).order_by("-renewal_date", "-pk")
    columns = ("id", "account_id", "renewal_date", "state", "forecast", "arr_up", "proposed_arr")
    return {row["account_id"]: row for row in rows.values(*columns)}


def _notes(
    ctx: Context, on: date, rows: list[dict[str, Any]], undated: list[str], without_rate: list[str]
) -> list[str]:
    notes = []
    if on < ctx.today:
        notes.append("Renewal dates, ARR, tiers, health and alerts are those of today.")
    late = sum(row["days"] < 0 for row in rows)
    if late:
        notes.append(f"{late} should have renewed before {on.isoformat()}.")
    bare = sum(row["arr"] is None for row in rows) - len(without_rate)
    if bare:
        notes.append(f"{bare} without an ARR.")
    if without_rate:
        notes.append(f"{len(without_rate)} in {', '.join(sorted(set(without_rate)))} add nothing: there is no rate.")
    if undated:
        notes.append(f"{len(undated)} without a renewal date.")
    return notes
