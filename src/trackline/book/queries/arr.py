"""What each account brings in a year on a day, from the best record there is of it.

In this order: the newest reading of the metric ARR; the contracts in force; the account's own ARR, taken back through the
history of its changes. An account of which none says anything on that day has no figure, and is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from trackline.accounts.models import Observation
from trackline.accounts.rates import Rates
from trackline.align.models import Contract
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

READINGS, CONTRACTS, RECORD = "readings", "contracts", "account"
ALIVE = {"deleted_at__isnull": True}


@dataclass(frozen=True)
class Figures:
    """An account and its ARR on each day asked for, in the book's currency; `source` names the record, "" where none."""

    pk: int
    key: str
    name: str
    values: tuple[Decimal | None, ...]
    source: str
    why: str = ""


def arr_on(ctx: Context, days: Sequence[date], rates: Rates, only: Collection[int] | None = None) -> list[Figures]:
    """Return the ARR of the accounts the actor sees, or of those `only`, on some days, oldest first. Four queries."""
    rows = scoped(ctx, registry.get("account")).order_by("name", "pk")
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    accounts = list(rows.values("id", "key", "name", "currency", "arr", "created_at"))
    ids = {row["id"] for row in accounts}
    narrow = {} if only is None else {"account__in": list(ids)}
    readings = _readings(ids, days, narrow)
    contracts = _contracts(ids, days, narrow)
    record = _own(accounts, ids, days, narrow)
    found = []
    for row in accounts:
        pk, currency = row["id"], row["currency"]
        if pk in readings:
            amounts: Sequence[tuple[Decimal | None, str]] = [(value, currency) for value in readings[pk]]
            values = _converted(amounts, rates)
            source = READINGS
        elif pk in contracts:
            values = tuple(_sum(each, currency, rates) for each in contracts[pk])
            source = CONTRACTS
        else:
            values = _converted([(value, currency) for value in record[pk]], rates)
            source = RECORD if any(value is not None for value in values) else ""
        why = "" if None not in values else _why(row, source, rates)
        found.append(Figures(pk, row["key"], row["name"], values, source, why))
    return found


def _why(row: Mapping[str, Any], source: str, rates: Rates) -> str:
    currency = row["currency"]
    if currency and rates.convert(Decimal(1), currency) is None:
        return f"There is no rate for {currency}."
    if source == READINGS:
        return "The first reading of ARR is later."
    if source == CONTRACTS:
        return "A contract has no ARR."
    return "No ARR is recorded for that day." if row["arr"] is not None else "No ARR is recorded."


def _converted(amounts: Iterable[tuple[Decimal | None, str]], rates: Rates) -> tuple[Decimal | None, ...]:
    return tuple(rates.convert(amount, currency) for amount, currency in amounts)


def _readings(ids: set[int], days: Sequence[date], narrow: Mapping[str, Any]) -> dict[int, list[Decimal | None]]:
    """The newest reading not later than each day, of accounts that have any by the last day."""
    rows = Observation.objects.filter(
        metric__key="arr", metric__account__isnull=True, on__lte=days[-1], **ALIVE, **narrow
    )
    found: dict[int, list[Decimal | None]] = {}
    for account, on, value in rows.order_by("on").values_list("account_id", "on", "value"):
        if account in ids:
            held = found.setdefault(account, [None] * len(days))
            for at, day in enumerate(days):
                if on <= day:
                    held[at] = value
    return found


def _contracts(
    ids: set[int], days: Sequence[date], narrow: Mapping[str, Any]
) -> dict[int, list[list[tuple[Decimal | None, str]]]]:
    """The ARR of contracts in force on each day, of accounts that have contracts with dates. The last day still counts."""
    rows = Contract.objects.filter(start_on__isnull=False, **ALIVE, **narrow)
    found: dict[int, list[list[tuple[Decimal | None, str]]]] = {}
    for account, start, end, arr, currency in rows.values_list("account_id", "start_on", "end_on", "arr", "currency"):
        if account in ids:
            held = found.setdefault(account, [[] for _ in days])
            for at, day in enumerate(days):
                if start <= day and (end is None or day <= end):
                    held[at].append((arr, currency))
    return found


def _sum(amounts: Iterable[tuple[Decimal | None, str]], currency: str, rates: Rates) -> Decimal | None:
    total = Decimal(0)
    for amount, own in amounts:
        worth = rates.convert(amount, own or currency)
        if worth is None:
            return None
        total += worth
    return total


def _own(
    accounts: Sequence[Mapping[str, Any]], ids: set[int], days: Sequence[date], narrow: Mapping[str, Any]
) -> dict[int, list[Decimal | None]]:
    """The account's own ARR: today's, with every later change of it taken back. Before it was recorded it is not known."""
    found = {row["id"]: [row["arr"]] * len(days) for row in accounts}
    made = {row["id"]: timezone.localtime(row["created_at"]).date() for row in accounts}
    start = timezone.make_aware(datetime.combine(days[0], time.max))
    rows = Change.objects.filter(record_type="account", at__gt=start, changes__has_key="arr")
    if narrow:
        rows = rows.filter(record_id__in=list(ids))
    changes = rows.order_by("-at", "-pk")
    for pk, at, changed in changes.values_list("record_id", "at", "changes"):
        if pk in ids:
            on = timezone.localtime(at).date()
            before = changed["arr"][0]
            for index, day in enumerate(days):
                if on > day:
                    found[pk][index] = None if before is None else Decimal(str(before))
    for pk, held in found.items():
        for index, day in enumerate(days):
            if day < made[pk]:
                held[index] = None
    return found
