"""Value proven to the customer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from trackline.reveal.models import ValueOutcome

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class Value:
    """Value proven to the customer, in the account's currency."""

    verified: Decimal
    claimed: Decimal
    committed: Decimal
    outcomes: int
    unverified: int

    @property
    def share(self) -> Decimal | None:
        """Verified of committed (else claimed) in %."""
        base = self.committed or self.claimed
        return 100 * self.verified / base if base else None


def value_of(account_id: int) -> Value:
    """Return the sums of value outcomes, in one query."""
    found = ValueOutcome.objects.filter(ALIVE, account_id=account_id).aggregate(
        verified=Sum("money", filter=Q(verified_on__isnull=False)), claimed=Sum("money"), committed=Sum("committed"),
        outcomes=Count("pk"), unverified=Count("pk", filter=Q(verified_on__isnull=True)),
    )  # fmt: skip
    zero = Decimal(0)
    return Value(
        found["verified"] or zero, found["claimed"] or zero, found["committed"] or zero, found["outcomes"],
        found["unverified"],
    )  # fmt: skip
