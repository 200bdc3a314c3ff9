"""Value proven to the customer, as the page of an account shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.models import Score
from trackline.kit import formats
from trackline.reveal.proof import Proof, Step
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.cards.score import Lack, Shown, shown
from trackline.workspace.queries.account.head import Head


@dataclass(frozen=True)
class Fall:
    """From the committed worth to the verified one, step by step; `levels` are the sums before and after each step."""

    start: Decimal
    end: Decimal
    steps: Sequence[tuple[Step, Decimal, Decimal]]
    currency: str

    @property
    def finding(self) -> str:
        """The picture in a sentence."""
        committed, verified = (formats.money(amount, self.currency) for amount in (self.start, self.end))
        waiting = sum(not step.seen for step, _, _ in self.steps)
        tail = f"; {waiting} {'step waits' if waiting == 1 else 'steps wait'} for the customer" if waiting else ""
        return f"{committed} committed, {verified} verified{tail}."


@dataclass(frozen=True)
class ValuePage:
    """Everything `account/value.html` shows. `why` opens the stored score of the realization, where there is one."""

    proof: Proof
    fall: Fall | None
    lacks: Sequence[Lack]
    why: Shown | None
    multiple: str
    roi_lacks: str
    window: Decimal
    nameless: int


def value_page(head: Head, proof: Proof, score: Score | None) -> ValuePage:
    """Return the page out of what the rules find; no query."""
    multiple = proof.roi.value
    return ValuePage(
        proof=proof,
        fall=_fall(proof, head.account.currency) if proof.committed else None,
        lacks=[_lack(one.record.pk, one.record.title, one.lacks, head) for one in proof.left_out],
        why=shown(score, head) if score else None,
        multiple=f"{formats.number(multiple, 2 if Decimal(multiple) < 10 else 1)}×" if multiple is not None else "",
        roi_lacks="the account has no ARR" if "arr" in proof.roi.missing else "",
        window=proof.roi.parameters["window_days"],
        nameless=sum(one.seen and one.record.verified_by_id is None for one in proof.outcomes),
    )


def _fall(proof: Proof, currency: str) -> Fall:
    level, steps = proof.committed, []
    for step in proof.steps():
        steps.append((step, level, level + step.amount))
        level += step.amount
    return Fall(proof.committed, proof.verified, steps, currency)


def _lack(pk: int, label: str, lacks: Sequence[str], head: Head) -> Lack:
    act = acts.open_record("value_outcome", pk, "Add it") if head.can_write else None
    return Lack(label, f"no {' and no '.join(lacks)}", act)
