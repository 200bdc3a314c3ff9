"""The whole book in chunks: work that goes on where it was stopped, on the same day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from trackline.accounts.models import Account, RefreshRun, RuleOverride
from trackline.accounts.rulebook.overrides import Slot
from trackline.kit.garbage import few_collections

AT_ONCE = 1000

EVERY_ACCOUNT: Slot = (RuleOverride.Scope.ALL.value, None, None, "")

Work = Callable[[Sequence[int]], None]


def nobody_watches(_count: int) -> None:
    """Progress that nobody watches."""


@dataclass
class Pass:
    """One pass over all living accounts: how many there are, and how many an earlier start had done already."""

    run: RefreshRun
    total: int
    resumed_after: int

    def go(self, work: Work, advance: Callable[[int], None] = nobody_watches) -> int:
        """Do the work for what is left, a chunk and the note of it in one transaction; returns how many accounts."""
        before = self.run.done
        while ids := self._next():
            with few_collections(), transaction.atomic():
                work(ids)
                self.run.last_account, self.run.done = ids[-1], self.run.done + len(ids)
                self.run.save(update_fields=["last_account", "done"])
            advance(len(ids))
        return self.run.done - before

    def finish(self, at: datetime) -> None:
        """Note that the pass came to its end: the next start begins anew."""
        self.run.finished_at = at
        self.run.save(update_fields=["finished_at"])

    def _next(self) -> list[int]:
        rows = Account.objects.filter(deleted_at__isnull=True, pk__gt=self.run.last_account)
        return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def begin(today: date, at: datetime) -> Pass:
    """Begin a pass over the book, or take up the one of today that was stopped."""
    RefreshRun.objects.filter(on__lt=today, finished_at__isnull=True).delete()
    run = RefreshRun.objects.filter(on=today, finished_at__isnull=True).order_by("-pk").first()
    if run is None:
        run = RefreshRun.objects.create(on=today, started_at=at)
    return Pass(run, Account.objects.filter(deleted_at__isnull=True).count(), run.done)


def reach_of(slot: Slot) -> list[int]:
    """Return the ids of the living accounts that a slot is for; one query."""
    scope, tier, account, _preset = slot
    rows = Account.objects.filter(deleted_at__isnull=True)
    if scope == RuleOverride.Scope.TIER:
        rows = rows.filter(tier=tier)
    if scope == RuleOverride.Scope.ACCOUNT:
        rows = rows.filter(pk=account)
    return list(rows.order_by("pk").values_list("pk", flat=True))
