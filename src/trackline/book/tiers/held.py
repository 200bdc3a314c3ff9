"""Since when accounts hold their tier, and by what: a decision, an override, or somebody's hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Account
from trackline.book.models import TierDecision, TierOverride
from trackline.kit.history.models import Change
from trackline.kit.keys import Keys

ALIVE = Q(deleted_at__isnull=True)
By = Literal["decision", "override", "hand", "start"]


@dataclass(frozen=True)
class Held:
    """The tier of an account, since when it is in force and by what.

    `record` is the decision or override behind it; `who` changed it and `note` says why where it was changed by hand. By
    `start` means that the account came with it, or never had another.
    """

    tier: int | None
    since: date
    by: By
    record: TierDecision | TierOverride | None = None
    who: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        """What put it there, in words of a sentence."""
        if self.by == "decision":
            return "by decision"
        if self.by == "override" and isinstance(self.record, TierOverride):
            return f"by override until {self.record.sunset_on:%-d %b %Y}"
        if self.by == "hand":
            return f"set by {self.who}" if self.who else "set by Trackline"
        return "since the account is here" if self.tier else "never given one"


def held_of(ids: Collection[int]) -> Mapping[int, Held]:
    """Return how accounts hold their tiers, in four queries."""
    return _held(list(Account.objects.filter(pk__in=Keys(ids)).values_list("pk", "tier", "created_at")))


def held_by(account: Account) -> Held:
    """Return how an account that was read already holds its tier, in three queries."""
    return _held([(account.pk, account.tier, account.created_at)])[account.pk]


def _held(accounts: Sequence[tuple[int, int | None, datetime]]) -> Mapping[int, Held]:
    listed = Keys(pk for pk, _, _ in accounts)
    changes = _changes(listed)
    decisions: dict[int, TierDecision] = {}
    for decision in TierDecision.objects.filter(ALIVE, account__in=listed, status="effective").order_by(
        "applied_on", "pk"
    ):
        decisions[decision.account_id] = decision
    overrides = {one.account_id: one for one in TierOverride.objects.filter(ALIVE, account__in=listed, state="active")}
    found: dict[int, Held] = {}
    for pk, tier, made in accounts:
        change, decision, override = changes.get(pk), decisions.get(pk), overrides.get(pk)
        changed_on = timezone.localtime(change.at).date() if change else None
        if override is not None and override.tier == tier:
            found[pk] = Held(tier, override.granted_on, "override", override)
        elif decision is not None and decision.to_tier == tier and not _later(changed_on, decision.applied_on):
            found[pk] = Held(
                tier, decision.applied_on or decision.effective_on or changed_on or date.min, "decision", decision
            )
        elif change is not None and changed_on is not None:
            who = change.actor.name if change.actor else ""
            found[pk] = Held(tier, changed_on, "hand", None, who, change.note)
        else:
            found[pk] = Held(tier, timezone.localtime(made).date(), "start")
    return found


def _later(changed_on: date | None, applied_on: date | None) -> bool:
    """Whether the tier was changed again after a decision took effect."""
    return changed_on is not None and applied_on is not None and changed_on > applied_on


def _changes(ids: list[int]) -> dict[int, Change]:
    """The newest change of each account's tier."""
    rows = Change.objects.filter(record_type="account", record_id__in=ids, changes__has_key="tier")
    return {row.record_id: row for row in rows.select_related("actor").order_by("pk")}
