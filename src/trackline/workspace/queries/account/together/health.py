"""The health of a group: its accounts side by side, and how much money stands in each colour. Nothing is averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.models import Account
from trackline.core.decimals import HUNDRED, ZERO
from trackline.kit import formats
from trackline.track.models import HealthSnapshot
from trackline.workspace.queries.account.head import Head

BANDS = ("red", "amber", "green", "unknown")


@dataclass(frozen=True)
class HealthLine:
    """An account with its headline, the change in 30 days, and how we see it."""

    account: Account
    url: str
    band: str
    value: Decimal | None
    change: Decimal | None
    snapshot: HealthSnapshot | None
    arr: Decimal | None


@dataclass(frozen=True)
class BandSum:
    """The accounts of one colour and their ARR; `share` is theirs in % of the ARR that is known."""

    band: str
    count: int
    arr: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class GroupHealth:
    """The accounts, the worst first, and the sums by colour."""

    lines: Sequence[HealthLine]
    bands: Sequence[BandSum]
    currency: str
    without_arr: Sequence[str]

    @property
    def finding(self) -> str:
        """The group in a sentence."""
        said = [f"{one.count} {'not scored' if one.band == 'unknown' else one.band}" for one in self.bands if one.count]
        red = next(one for one in self.bands if one.band == "red")
        tail = f"; {formats.money(red.arr, self.currency)} of ARR stands in red" if red.arr else ""
        return f"{', '.join(said)}{tail}."


def group_health(head: Head) -> GroupHealth:
    """Return the health of the accounts that a page shows, in one query beside that of the accounts. Source: HLT-00."""
    newest: dict[int, HealthSnapshot] = {}
    for snapshot in HealthSnapshot.objects.filter(account__in=head.ids, deleted_at__isnull=True).order_by("on", "pk"):
        newest[snapshot.account_id] = snapshot
    lines = []
    for account in head.accounts:
        held = account.health or {}
        value, change = _decimal(held.get("value")), _decimal(held.get("change"))
        worth = head.worth(account.arr, account.currency)
        lines.append(
            HealthLine(
                account, f"/accounts/{account.key}", held.get("band") or "unknown", value, change,
                newest.get(account.pk), worth,
            )
        )  # fmt: skip
    lines.sort(key=lambda one: (BANDS.index(one.band), one.value or 0, one.account.name))
    known = sum((one.arr for one in lines if one.arr is not None), ZERO)
    bands = [_sum(band, [one for one in lines if one.band == band], known) for band in BANDS]
    return GroupHealth(lines, bands, head.currency, [one.account.name for one in lines if one.arr is None])


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _sum(band: str, lines: Sequence[HealthLine], known: Decimal) -> BandSum:
    arr = sum((one.arr for one in lines if one.arr is not None), ZERO)
    return BandSum(band, len(lines), arr, arr * HUNDRED / known if known else None)
