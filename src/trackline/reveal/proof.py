"""Value proven to the customer: what was committed, what is verified, and what that is of what they pay (VAL-12 to VAL-14).

The sums are those of the rules: an outcome that the rule of realization leaves out is named, never counted beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import ZERO
from trackline.core.playbook import Explained, Rule
from trackline.core.playbook.inputs import read_inputs
from trackline.reveal.models import ValueOutcome
from trackline.reveal.rules.roi import value_roi
from trackline.reveal.rules.value import value_realization


@dataclass(frozen=True)
class Outcome:
    """One outcome as it counts on a day. `verified` is its worth once the customer has verified it, 0 before."""

    record: ValueOutcome
    seen: bool
    verified: Decimal | None

    @property
    def lacks(self) -> Sequence[str]:
        """What it would need to count, in the labels of its fields."""
        parts = (("committed worth", self.record.committed), ("worth", self.verified))
        return [words for words, value in parts if value is None]

    @property
    def change(self) -> Decimal | None:
        """Verified less committed; None for one that does not count."""
        if self.record.committed is None or self.verified is None:
            return None
        return self.verified - Decimal(self.record.committed)


@dataclass(frozen=True)
class Step:
    """A step of the waterfall: by how much one outcome, or several small ones, move the committed worth."""

    label: str
    amount: Decimal
    seen: bool
    outcome: int | None = None


@dataclass(frozen=True)
class Proof:
    """An account's value outcomes, newest first, with what the rules find in them."""

    outcomes: Sequence[Outcome]
    realization: Explained
    roi: Explained

    @property
    def left_out(self) -> Sequence[Outcome]:
        """Outcomes that do not count, because an amount is missing."""
        return [one for one in self.outcomes if one.lacks]

    @property
    def unverified(self) -> int:
        """How many outcomes the customer has not verified."""
        return sum(not one.seen for one in self.outcomes)

    @property
    def committed(self) -> Decimal:
        """Committed worth of the outcomes that count."""
        found: Decimal = self.realization.details["committed"] or ZERO
        return found

    @property
    def verified(self) -> Decimal:
        """Verified worth of the outcomes that count."""
        found: Decimal = self.realization.details["verified"] or ZERO
        return found

    def steps(self, most: int = 6) -> list[Step]:
        """Return how the committed worth becomes the verified one, the largest steps first; small ones together."""
        moves = [(one, one.change) for one in self.outcomes]
        moved = sorted(((one, change) for one, change in moves if change), key=lambda pair: -abs(pair[1]))
        shown, rest = (moved, []) if len(moved) <= most else (moved[: most - 1], moved[most - 1 :])
        steps = [Step(one.record.title, change, one.seen, one.record.pk) for one, change in shown]
        if rest:
            amount = sum((change for _, change in rest), ZERO)
            steps.append(Step(f"{len(rest)} more", amount, all(one.seen for one, _ in rest)))
        return steps


def is_verified(verified_on: date | None, on: date) -> bool:
    """Tell whether the customer has verified an outcome by a day."""
    return verified_on is not None and verified_on <= on


def verified_worth(money: Decimal | None, verified_on: date | None, on: date) -> Decimal | None:
    """Return what an outcome counts as verified on a day: its worth, 0 before; None for a verified one without worth."""
    return money if is_verified(verified_on, on) else ZERO


def proof_of(account: Account, on: date, overrides: Overrides | None = None) -> Proof:
    """Return the value proven to an account on a day, under the figures in force; in two queries, one where they are given.

    The sums rest on no figure; colour and window do.
    """
    return proofs_of([account], on, overrides or Overrides.load(on))[account.pk]


def proofs_of(accounts: Sequence[Account], on: date, overrides: Overrides) -> Mapping[int, Proof]:
    """Return the value proven to accounts by their ids, in one query."""
    rows = ValueOutcome.objects.filter(account__in=accounts, deleted_at__isnull=True)
    outcomes: dict[int, list[Outcome]] = {account.pk: [] for account in accounts}
    for record in rows.select_related("verified_by", "goal").order_by("-on", "-pk"):
        seen, worth = is_verified(record.verified_on, on), verified_worth(record.money, record.verified_on, on)
        outcomes[record.account_id].append(Outcome(record, seen, worth))
    return {account.pk: _proof(account, outcomes[account.pk], on, overrides) for account in accounts}


def _proof(account: Account, outcomes: Sequence[Outcome], on: date, overrides: Overrides) -> Proof:
    return Proof(
        outcomes,
        _found(
            value_realization,
            {"outcomes": [{"committed": one.record.committed, "verified": one.verified} for one in outcomes]},
            account, on, overrides,
        ),
        _found(
            value_roi,
            {
                "outcomes": [{"money": one.record.money, "verified_on": one.record.verified_on} for one in outcomes],
                "arr": account.arr,
            },
            account, on, overrides,
        ),
    )  # fmt: skip


def to_json(proof: Proof) -> dict[str, Any]:
    """Return the value proven, JSON-ready."""
    roi = proof.roi
    return {
        "committed": proof.committed,
        "verified": proof.verified,
        "realized_pct": proof.realization.value,
        "band": proof.realization.band,
        "left_out": [
            {"id": str(one.record.pk), "title": one.record.title, "lacks": list(one.lacks)} for one in proof.left_out
        ],
        "unverified": proof.unverified,
        "roi": {"multiple": roi.value, **roi.details, "missing": list(roi.missing), "notes": list(roi.notes)},
        "steps": [
            {
                "id": str(step.outcome) if step.outcome else None,
                "label": step.label,
                "amount": step.amount,
                "verified": step.seen,
            }
            for step in proof.steps()
        ],
    }


def _found(rule: Rule, raw: dict[str, Any], account: Account, on: date, overrides: Overrides) -> Explained:
    held = overrides.in_force(rule, on, tier=account.tier, account_id=account.pk)
    return rule.explain(read_inputs(rule.inputs, raw), held, on)
