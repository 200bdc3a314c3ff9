"""Value proven to a group: from what was committed to what is verified, account by account, in one currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import HUNDRED, ZERO
from trackline.reveal.proof import Step, proofs_of
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.value import Fall


@dataclass(frozen=True)
class ValueLine:
    """The value of one account in the group's currency; None where its currency has no rate."""

    name: str
    url: str
    outcomes: int
    committed: Decimal | None
    verified: Decimal | None
    unverified: int

    @property
    def realized_pct(self) -> Decimal | None:
        """Verified in % of what was committed."""
        if not self.committed or self.verified is None:
            return None
        return self.verified * HUNDRED / self.committed


@dataclass(frozen=True)
class GroupValue:
    """The lines of the accounts that have outcomes, and the fall of all of them; `without_rate` are left out of it."""

    currency: str
    lines: Sequence[ValueLine]
    committed: Decimal
    verified: Decimal
    fall: Fall | None
    without_rate: Sequence[str]


def group_value(head: Head) -> GroupValue:
    """Return the value proven to the accounts that a page shows, in two queries beside that of the accounts. Source: VAL-12, VAL-13."""
    found = proofs_of(head.accounts, head.today, Overrides.load(head.today))
    lines, steps, without = [], [], []
    level = ZERO
    for account in head.accounts:
        proof = found[account.pk]
        if not proof.outcomes:
            continue
        committed, verified = (head.worth(amount, account.currency) for amount in (proof.committed, proof.verified))
        url = f"/accounts/{account.key}/reveal/value"
        lines.append(ValueLine(account.name, url, len(proof.outcomes), committed, verified, proof.unverified))
        if committed is None or verified is None:
            without.append(account.name)
            continue
        level += committed
        if verified != committed:
            # An account's step waits for the customer while one of its outcomes does.
            steps.append(Step(account.name, verified - committed, not proof.unverified))
    steps.sort(key=lambda step: -abs(step.amount))
    committed, verified = level, level + sum((step.amount for step in steps), ZERO)
    fallen, at = [], committed
    for step in steps:
        fallen.append((step, at, at + step.amount))
        at += step.amount
    fall = Fall(committed, verified, fallen, head.currency) if committed else None
    return GroupValue(head.currency, lines, committed, verified, fall, without)
