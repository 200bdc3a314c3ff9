"""What an account's own figures follow while nobody has written them: its contracts in force."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from trackline.accounts.gathering import is_gathered
from trackline.accounts.models import Account
from trackline.accounts.models.account import said_of
from trackline.accounts.rates import Rates, rates_in_force
from trackline.align.models import Contract
from trackline.kit.history.models import Change
from trackline.kit.many import insert, update_columns
from trackline.kit.policy import Context
from trackline.kit.records import services
from trackline.kit.records.types import registry

NOTE = "From the contracts in force"


@dataclass(frozen=True)
class Signed:
    """What counts of a contract."""

    start_on: date | None
    end_on: date | None
    arr: Decimal | None
    currency: str

    def holds(self, on: date) -> bool:
        """Tell whether it is in force on a day; its last day still counts."""
        return (self.start_on is None or self.start_on <= on) and (self.end_on is None or on <= self.end_on)


def listen() -> None:
    """Subscribe to writes of contracts, and of accounts whose figures were emptied."""
    services.subscribers.append(_on_write)


def follow_contracts(ctx: Context, ids: Sequence[int]) -> list[tuple[Account, frozenset[str]]]:
    """Bring ARR and renewal date of accounts in step with their contracts, where nobody wrote them; return what moved.

    ARR is the sum over the contracts in force, in the account's currency; it is not known where one of them has none or
    there is no rate. The renewal date is the first end of a contract in force. A handful of queries, however many accounts.
    Source: TRK-02.
    """
    accounts = Account.objects.alive().filter(pk__in=ids)
    moving = [move.account.pk for move in _moves(ctx, accounts)]
    if not moving:
        return []
    with transaction.atomic():
        moves = _moves(ctx, accounts.filter(pk__in=moving).select_for_update())
        _write(ctx, moves)
    return [(move.account, frozenset(move.changed)) for move in moves if move.changed]


@dataclass
class _Move:
    account: Account
    changed: dict[str, Any]
    follows: dict[str, str]

    @property
    def row(self) -> tuple[Any, ...]:
        one = self.account
        return one.pk, one.arr, one.renewal_date, one.follows, one.version, one.updated_at


def followed_since(versions: Mapping[int, int]) -> Mapping[int, int]:
    """Return how often figures of accounts followed their contracts after a version of each: nobody's own change. One query."""
    rows = Change.objects.filter(record_type="account", record_id__in=list(versions), note=NOTE, batch=None)
    return Counter(pk for pk, version in rows.values_list("record_id", "version") if version > versions[pk])


def _moves(ctx: Context, accounts: QuerySet[Account]) -> list[_Move]:
    by_pk = {account.pk: account for account in accounts}
    signed: dict[int, list[Signed]] = defaultdict(list)
    rows = Contract.objects.alive().filter(account__in=list(by_pk))
    for pk, *values in rows.values_list("account_id", "start_on", "end_on", "arr", "currency"):
        signed[pk].append(Signed(*values))
    rates, found = rates_in_force(ctx.today), []
    for pk, account in by_pk.items():
        told = _told(signed.get(pk, []), account, ctx.today, rates)
        open_ = [name for name in told if getattr(account, name) is None or name in account.following]
        follows = {name: said_of(told[name]) for name in open_ if told[name] is not None}
        changed = {name: told[name] for name in open_ if told[name] != getattr(account, name)}
        if changed or follows != account.follows:
            found.append(_Move(account, changed, follows))
    return found


def _told(contracts: Sequence[Signed], account: Account, on: date, rates: Rates) -> dict[str, Any]:
    """What the contracts say of each figure: nothing where there are none."""
    holding = [one for one in contracts if one.holds(on)]
    amounts = [rates.between(one.arr, one.currency or account.currency, account.currency) for one in holding]
    known = [amount for amount in amounts if amount is not None]
    valued = any(one.arr is not None for one in contracts)
    arr = sum(known, Decimal(0)).quantize(Decimal("0.01")) if valued and len(known) == len(amounts) else None
    return {"arr": arr, "renewal_date": min((one.end_on for one in holding if one.end_on), default=None)}


def _write(ctx: Context, moved: Sequence[_Move]) -> None:
    rtype = registry.get("account")
    # A change of its own: taking the contract back moves the figures again, and must not write them by hand.
    ctx, lines = replace(ctx, batch=None, note=NOTE), []
    for move in moved:
        account, diff = move.account, {}
        account.follows = move.follows
        for name, value in sorted(move.changed.items()):
            spec = rtype.stored[name]
            diff[name] = [spec.to_ledger(getattr(account, name)), spec.to_ledger(value)]
            setattr(account, name, value)
        if diff:
            account.version, account.updated_at = account.version + 1, ctx.now
            lines.append(services.change_of(ctx, rtype, account, "update", diff, account.pk))
    update_columns(Account, ("arr", "renewal_date", "follows", "version", "updated_at"), [move.row for move in moved])
    insert(lines)


def _on_write(ctx: Context, event: services.WriteEvent) -> None:
    emptied = event.rtype.is_account and event.action == "update" and event.changed & {"arr", "renewal_date"}
    if event.account_id is None or is_gathered(event.account_id):
        return
    if event.rtype.name == "contract" or emptied:
        for account, changed in follow_contracts(ctx, [event.account_id]):
            services.tell(ctx, registry.get("account"), account, "update", changed, account.pk)
