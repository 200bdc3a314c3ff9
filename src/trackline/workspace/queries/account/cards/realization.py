"""How much of the value that was committed has been verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trackline.accounts.models import Score
from trackline.reveal.rules.value import value_realization
from trackline.workspace.queries.account.cards.score import Lack, Shown, lacks_of_records, shown
from trackline.workspace.queries.account.head import Head

RULE = value_realization.id


@dataclass(frozen=True)
class RealizationCard:
    """The card; without a commitment there is no share."""

    shown: Shown
    value: Decimal | None
    band: str
    lacks: Sequence[Lack]


def realization_card(score: Score | None, head: Head) -> RealizationCard | None:
    """Return the card of a stored score, or None without one."""
    if score is None:
        return None
    return RealizationCard(shown(score, head), score.value, score.band, lacks_of_records(score, "outcomes", head))
