"""What renews in a group, when, and whether it is prepared; money in one currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from trackline.align.models import OPEN_CYCLES, RenewalCycle
from trackline.core.decimals import ZERO
from trackline.kit import formats
from trackline.workspace.queries.account.contracts import Contracts, contracts_of
from trackline.workspace.queries.account.head import RENEWAL_WINDOW_DAYS, Head

ALIVE = Q(deleted_at__isnull=True)
SPANS = (90, RENEWAL_WINDOW_DAYS, 365)
"""Days ahead whose renewals are added up: a quarter, the longest preset (RNW-01), a year."""


@dataclass(frozen=True)
class RenewalLine:
    """The next renewal of one account. `arr` is what is up in the group's currency: of the open cycle, else its ARR."""

    name: str
    url: str
    on: date | None
    days: int | None
    arr: Decimal | None
    cycle: RenewalCycle | None

    @property
    def unprepared(self) -> bool:
        """Whether it lies within the window, or has passed, and no cycle prepares it."""
        return self.days is not None and self.days <= RENEWAL_WINDOW_DAYS and self.cycle is None


@dataclass(frozen=True)
class Due:
    """What renews within some days: how many accounts, and their ARR."""

    days: int
    count: int
    arr: Decimal


@dataclass(frozen=True)
class GroupRenewals:
    """The renewals of all accounts, the next first, sums by span (each holds the shorter ones), and what contracts ask for."""

    lines: Sequence[RenewalLine]
    due: Sequence[Due]
    signed: Contracts
    currency: str

    @property
    def without_date(self) -> Sequence[str]:
        """Accounts without a renewal date."""
        return [line.name for line in self.lines if line.on is None]

    @property
    def without_arr(self) -> Sequence[str]:
        """Accounts whose renewal counts in no sum: no ARR, or no rate for it."""
        return [line.name for line in self.lines if line.on is not None and line.arr is None]

    @property
    def finding(self) -> str:
        """The renewals in a sentence."""
        near = next(one for one in self.due if one.days == RENEWAL_WINDOW_DAYS)
        waiting = sum(line.unprepared for line in self.lines)
        said = (
            f"{formats.money(near.arr, self.currency)} in {formats.counted(near.count, 'account')} within {near.days} d"
        )
        return f"{said}, {waiting} not prepared" if waiting else said


def group_renewals(head: Head) -> GroupRenewals:
    """Return what renews in the accounts that a page shows, in five queries beside that of the accounts. Source: RNW-01."""
    cycles: dict[int, RenewalCycle] = {}
    for cycle in RenewalCycle.objects.filter(ALIVE, account__in=head.ids, state__in=OPEN_CYCLES).order_by(
        "-renewal_date"
    ):
        cycles[cycle.account_id] = cycle
    dates = {one.pk: one.renewal_date for one in head.accounts}
    lines = []
    for pk, member in head.members.items():
        cycle, on = cycles.get(pk), dates.get(pk)
        up = cycle.arr_up if cycle and cycle.arr_up is not None else member.arr
        worth = head.worth(up, member.currency)
        days = (on - head.today).days if on else None
        lines.append(RenewalLine(member.name, f"{member.url}/align/contracts", on, days, worth, cycle))
    lines.sort(key=lambda line: (line.on is None, line.on or date.max, line.name.casefold()))
    return GroupRenewals(
        lines, [_due(lines, days) for days in SPANS], contracts_of(head.ids, head.today), head.currency
    )


def _due(lines: Sequence[RenewalLine], days: int) -> Due:
    near = [line for line in lines if line.days is not None and line.days <= days]
    return Due(days, len(near), sum((line.arr for line in near if line.arr is not None), ZERO))
