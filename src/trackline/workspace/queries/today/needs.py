"""Accounts that need somebody now, each with its reason and the one thing to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import Rates, Sum
from trackline.core.scales import UNKNOWN
from trackline.track.models import HealthSnapshot
from trackline.workspace.queries.next_action import Candidates, NextAction, candidates
from trackline.workspace.queries.today.scope import Scope

SHOWN = 5


@dataclass(frozen=True)
class Need:
    """An account with its next best action; `others` counts further candidates."""

    account: Any
    action: NextAction
    others: int
    snapshot: HealthSnapshot | None
    renews_in: int | None


@dataclass(frozen=True)
class Needs:
    """The accounts that need somebody, first things first, and how many do not.

    `calm` counts those whose health is known, `blank` those of which nothing tells how they are.
    """

    rows: Sequence[Need]
    count: int
    money: Sum
    calm: int
    calm_money: Sum
    blank: int
    blank_money: Sum


def needs_of(scope: Scope, rates: Rates) -> Needs:
    """Return the accounts with something late, unprepared or off track, in a fixed number of queries.

    Ordered by kind of reason (see `next_action.ORDER`), within a kind by ARR.
    """
    found = candidates(scope.accounts, scope.today)
    accounts = {row["pk"]: row for row in scope.accounts.values("pk", "arr", "currency", "health")}
    first = {pk: action for pk, one in found.items() if pk in accounts and (action := one.first)}

    def order(pk: int) -> tuple[int, Decimal, int]:
        action = first[pk]
        worth = rates.convert(accounts[pk]["arr"], accounts[pk]["currency"]) or Decimal(0)
        return (action.rank if action else 9, -worth, pk)

    ranked = sorted((pk for pk, action in first.items() if action), key=order)
    shown = ranked[:SHOWN]
    records = {one.pk: one for one in scope.accounts.filter(pk__in=shown).select_related("owner")}
    snapshots: dict[int, HealthSnapshot] = {}
    for snapshot in HealthSnapshot.objects.filter(account__in=shown, deleted_at__isnull=True).order_by("on"):
        snapshots[snapshot.account_id] = snapshot
    rows = [_need(scope, records[pk], found[pk], snapshots.get(pk)) for pk in shown]
    quiet = [pk for pk in accounts if pk not in first]
    calm = [pk for pk in quiet if accounts[pk]["health"].get("band", UNKNOWN) != UNKNOWN]
    blank = [pk for pk in quiet if accounts[pk]["health"].get("band", UNKNOWN) == UNKNOWN]

    def money(keys: Sequence[int]) -> Sum:
        return rates.total((accounts[pk]["arr"], accounts[pk]["currency"]) for pk in keys)

    return Needs(rows, len(ranked), money(ranked), len(calm), money(calm), len(blank), money(blank))


def _need(scope: Scope, account: Any, found: Candidates, snapshot: HealthSnapshot | None) -> Need:
    action = found.first
    assert action is not None, "only accounts with a candidate are shown"
    others = sum(len(listed) for listed in found.by_rank.values()) - 1
    on = account.renewal_date
    return Need(account, action, others, snapshot, (on - scope.today).days if on else None)
