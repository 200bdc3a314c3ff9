"""Which accounts would be proposed for another tier, were the figures of a rule adjusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.preview import TierMove, tells_tiers
from trackline.book.rules.score import composite
from trackline.book.rules.tiers import cutoffs
from trackline.book.scoring.run import given, scored
from trackline.core.playbook import Rule
from trackline.kit.policy import system_context


def tier_moves(_rule: Rule, now: Overrides, then: Overrides, today: date) -> Sequence[TierMove]:
    """Score the book once with what is in force and once with what would be; the figures are read once."""
    facts = given(system_context(timezone.now()), today)
    before, after = ({place.account: place.tier for place in scored(facts, side).places} for side in (now, then))
    accounts = facts.over.scored if facts.over is not None else {}
    moves = [
        TierMove(pk, account.key, account.name, before.get(pk), after.get(pk))
        for pk, account in accounts.items()
        if before.get(pk) != after.get(pk)
    ]
    return sorted(moves, key=lambda move: (move.after or 4, move.before or 4, move.name))


def listen() -> None:
    """Have the rulebook's preview tell of tiers."""
    tells_tiers((composite.id, cutoffs.id), tier_moves)
