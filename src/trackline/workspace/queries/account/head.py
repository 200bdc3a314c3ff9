"""What stands on top of every page of an account: who it is, four figures, the TRACK line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q

from trackline.accounts.completeness import Completeness, Section, compute, sections
from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, Sum, rates_in_force
from trackline.align.models import OPEN_CYCLES, RenewalCycle
from trackline.book.tiers.held import Held, held_by
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.merges import survivor_of
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.track.models import HealthSnapshot

RENEWAL_WINDOW_DAYS = 180
"""A renewal nearer than this needs something that prepares it (the longest preset, RNW-01)."""


@dataclass(frozen=True)
class Relative:
    """An account above or below in the tree."""

    id: int
    key: str
    name: str
    parent_id: int | None
    arr: Any
    currency: str

    @property
    def url(self) -> str:
        """Address of its page."""
        return f"/accounts/{self.key}"


WORST_FIRST = ("red", "amber", "green")


@dataclass(frozen=True)
class Head:
    """The account with what its head shows; `above` runs from the top of the tree, `below` are all that stand under it.

    `complete` holds the completeness of the account, and of all below where that was asked for. `together` says that a page
    shows the account with all below it, `in_group` that its links lead to pages that do.
    """

    account: Account
    today: date
    can_write: bool
    owned: bool
    rates: Rates
    snapshot: HealthSnapshot | None
    cycle: RenewalCycle | None
    above: Sequence[Relative]
    below: Sequence[Relative]
    held: Held
    complete: Mapping[int, Completeness]
    together: bool = False
    in_group: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        """The accounts that a page shows: this one, or it with all below."""
        return (self.account.pk, *(row.id for row in self.below)) if self.together else (self.account.pk,)

    @property
    def completeness(self) -> Completeness:
        """How complete the account is."""
        return self.complete[self.account.pk]

    @cached_property
    def accounts(self) -> Sequence[Account]:
        """The accounts that a page shows, with their owners, by name; one query for all parts of a page."""
        return list(Account.objects.filter(pk__in=self.ids).select_related("owner").order_by("name", "pk"))

    @cached_property
    def members(self) -> Mapping[int, Relative]:
        """The accounts that a page shows, by id: this one first."""
        one = self.account
        own = Relative(one.pk, one.key, one.name, one.parent_id, one.arr, one.currency)
        return {row.id: row for row in (own, *(self.below if self.together else ()))}

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The names of the accounts that a page shows together, by id; empty where it shows one."""
        return {row.id: row.name for row in self.members.values()} if self.together else {}

    @property
    def currency(self) -> str:
        """The currency that the accounts of a page share, else the book's."""
        codes = {self.account.currency, *(row.currency for row in self.below if self.together)}
        return (self.account.currency if len(codes) == 1 else "") or self.rates.book

    def worth(self, amount: Decimal | None, currency: str) -> Decimal | None:
        """Return an amount in the page's currency in whole units, so that lines add up to their sum; None without a rate."""
        found = self.rates.between(amount, currency, self.currency)
        return None if found is None else Decimal(round(found))

    @property
    def used_rates(self) -> Sequence[tuple[str, Decimal | None, date | None]]:
        """What one unit of each other currency of the accounts shown is worth in the page's, and of when; None: no rate."""
        codes = sorted({row.currency for row in self.members.values() if row.currency} - {self.currency})
        return [
            (code, self.rates.between(Decimal(1), code, self.currency), self.rates.dates.get(code)) for code in codes
        ]

    @property
    def url(self) -> str:
        """Address of the account's page."""
        return f"/accounts/{self.account.key}"

    @property
    def seen_otherwise(self) -> str:
        """The worse colour of our own view where it is another than that of the computed headline, else nothing."""
        computed = self.account.health.get("band")
        seen = (self.snapshot.delivery, self.snapshot.relationship) if self.snapshot else ()
        own = next((band for band in WORST_FIRST if band in seen), "")
        return own if own and computed in WORST_FIRST and own != computed else ""

    @cached_property
    def stations(self) -> list[dict[str, Any]]:
        """The sections as stations of the TRACK line."""
        return [
            {
                "key": section.key,
                "letter": section.letter,
                "name": section.title,
                "percent": self.completeness.pct(section.key),
                "url": f"{self.url}/{section.key}{'?group=1' if self.in_group else ''}",
            }
            for section in sections()
        ]

    @property
    def gaps(self) -> int:
        """How many conditions of the five sections fail."""
        return sum(len(self.completeness.missing(section.key)) for section in sections())

    @cached_property
    def group(self) -> Sum | None:
        """ARR of the account and all below it, in one currency; None for an account without any below."""
        if not self.below:
            return None
        own = [(self.account.arr, self.account.currency)]
        return self.rates.total([*own, *((row.arr, row.currency) for row in self.below)])

    @property
    def renews_in(self) -> int | None:
        """Days to the renewal date, negative once it has passed."""
        on = self.account.renewal_date
        return (on - self.today).days if on else None

    @property
    def renewal_open(self) -> bool:
        """Whether the renewal lies within the window and no cycle prepares it."""
        return self.renews_in is not None and self.renews_in <= RENEWAL_WINDOW_DAYS and self.cycle is None


def section_of(key: str) -> Section:
    """Return a TRACK section by its key, or raise `NotFound`."""
    for section in sections():
        if section.key == key:
            return section
    raise NotFound(f"There is no section {key}.")


def head_of(ctx: Context, key: str, *, whole: bool = False) -> Head:
    """Return the head of an account by key or id (a merged one is its survivor), or raise `NotFound`.

    With `whole` the completeness of all below is read with its own. Queries do not grow with the account.
    """
    rows = scoped(ctx, registry.get("account")).select_related("owner", "exec_sponsor", "customer_sponsor")
    account = rows.filter(key=key).first()
    if account is None and key.isdecimal() and len(key) < 19:
        account = rows.filter(pk=int(key)).first()
    if account is None and (survivor := survivor_of(registry.get("account"), key)) is not None:
        account = rows.filter(pk=survivor).first()
    if account is None:
        raise NotFound(f"There is no account {key[:80]}.")
    above, below = _relatives(ctx, account)
    snapshots = HealthSnapshot.objects.filter(account=account, deleted_at__isnull=True)
    cycles = RenewalCycle.objects.filter(account=account, deleted_at__isnull=True)
    return Head(
        account=account,
        today=ctx.today,
        can_write=ctx.actor.may(WRITE),
        owned=account.owner_id is not None and account.owner_id == ctx.actor.user_id,
        rates=rates_in_force(ctx.today),
        snapshot=snapshots.order_by("-on").first(),
        cycle=cycles.filter(state__in=OPEN_CYCLES).order_by("renewal_date").first(),
        above=above,
        below=below,
        held=held_by(account),
        complete=compute([account.pk, *(row.id for row in below if whole)], ctx.today),
    )


def _relatives(ctx: Context, account: Account) -> tuple[list[Relative], list[Relative]]:
    ids = [int(part) for part in account.path.split("/") if part and int(part) != account.pk]
    rows = scoped(ctx, registry.get("account")).filter(Q(pk__in=ids) | Q(path__startswith=account.path))
    fields = ("id", "key", "name", "parent_id", "arr", "currency")
    found: Mapping[int, Relative] = {
        row["id"]: Relative(**row) for row in rows.exclude(pk=account.pk).order_by("path").values(*fields)
    }
    above = [found[pk] for pk in ids if pk in found]
    return above, [row for pk, row in found.items() if pk not in ids]
