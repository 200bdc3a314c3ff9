"""Contracts of an account on its page: which need a decision, what their notice and capacity say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.align.contracts import Use, uses_of
from trackline.align.models import Contract
from trackline.align.rules.terms import notice_band, notice_on
from trackline.kit import formats
from trackline.kit.templatetags.tl import shape
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.tables import Computed

ALIVE = Q(deleted_at__isnull=True)
DASH = mark_safe('<span class="missing-value" aria-hidden="true">–</span><span class="sr">not set</span>')


@dataclass(frozen=True)
class Notice:
    """A running contract with its last day for notice, and what happens without one."""

    contract: Contract
    on: date
    days: int
    band: str

    @property
    def otherwise(self) -> str:
        """What happens if nobody gives notice."""
        return "it renews by itself" if self.contract.auto_renew else "it ends"


@dataclass(frozen=True)
class Contracts:
    """The notices that are near or have just passed, and the use of each running contract."""

    notices: Sequence[Notice]
    uses: Mapping[int, Sequence[Use]]

    @property
    def full(self) -> Sequence[Use]:
        """Items that run into their limit."""
        return [use for uses in self.uses.values() for use in uses if use.near_limit]


def contracts_of(accounts: Iterable[int], today: date) -> Contracts:
    """Return what running contracts of accounts ask for, in four queries."""
    alive = Contract.objects.filter(ALIVE, Q(end_on__isnull=True) | Q(end_on__gte=today), account__in=list(accounts))
    running = list(alive.select_related("account"))
    notices = [found for contract in running if (found := notice_of(contract, today)) and found.band]
    return Contracts(sorted(notices, key=lambda one: one.on), uses_of([one.pk for one in running], today))


@dataclass(frozen=True)
class ContractNote:
    """When notice has to be given on the contract that ends first."""

    contract: Contract
    notice_on: date | None
    ends_in: int


def next_contract_end(account_id: int, today: date) -> ContractNote | None:
    """Return the contract that ends next, with the last day for notice, in one query."""
    found = Contract.objects.filter(ALIVE, account_id=account_id, end_on__gte=today).order_by("end_on").first()
    if found is None or found.end_on is None:
        return None
    notice = found.end_on - timedelta(days=found.notice_days) if found.notice_days is not None else None
    return ContractNote(found, notice, (found.end_on - today).days)


def notice_of(contract: Contract, today: date) -> Notice | None:
    """Return the last day for notice of a contract, or None where end or period is not known."""
    last = notice_on(contract.end_on, contract.notice_days)
    return Notice(contract, last, (last - today).days, notice_band(last, today)) if last else None


def contract_columns(found: Contracts, today: date) -> Sequence[str | Computed]:
    """Return the columns of an account's contracts: until when notice can be given, and how far capacity is used."""

    def notice(item: Item, _facts: Facts) -> SafeString:
        end = item["end_on"] if isinstance(item["end_on"], date | None) else date.fromisoformat(str(item["end_on"]))
        last = notice_on(end, item["notice_days"])
        if last is None or end is None:
            return DASH
        band = notice_band(last, today) if end >= today else ""
        words = formats.day(last, today)
        return format_html('<span class="status">{}<span>{}</span></span>', shape(band, True), words) if band else words  # type: ignore[return-value]

    def used(item: Item, _facts: Facts) -> SafeString:
        shares = [use.pct for use in found.uses.get(int(item["id"]), ()) if use.pct is not None]
        if not shares:
            return DASH
        near = any(use.near_limit for use in found.uses[int(item["id"])])
        words = formats.percent(max(shares), 0)
        if near:
            return format_html(
                '<span class="status">{}<span>{}, at its limit</span></span>', shape("amber", True), words
            )
        return words  # type: ignore[return-value]

    return (
        "ref", "start_on", "end_on", Computed("notice_on", "Notice by", notice, needs=("end_on", "notice_days")),
        "auto_renew", "arr", Computed("used", "Capacity used", used, css="right"),
    )  # fmt: skip
