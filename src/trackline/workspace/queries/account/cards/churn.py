"""The risk of losing an account, with the open alerts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trackline.accounts.models import Score
from trackline.watch.models import Alert
from trackline.watch.rules.churn import churn_risk
from trackline.workspace.queries.account.cards.score import Shown, shown, sources, value_of
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.alerts.rows import GRAVITY, band_of

RULE = churn_risk.id


@dataclass(frozen=True)
class AlertRow:
    """An open alert."""

    id: int
    title: str
    severity: str
    band: str
    fired_on: date

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"alert/{self.id}"


@dataclass(frozen=True)
class SeverityRow:
    """What the alerts of one severity add to the index."""

    label: str
    count: int
    chance: Decimal
    points: Decimal


@dataclass(frozen=True)
class ChurnCard:
    """The card: alerts gravest first, and what each severity adds; no value where signals have nothing to look at."""

    shown: Shown
    value: Decimal | None
    band: str
    alerts: Sequence[AlertRow]
    parts: Sequence[SeverityRow]


def churn_card(score: Score | None, head: Head) -> ChurnCard | None:
    """Return the card of a stored score, or None without one."""
    if score is None:
        return None
    names = dict(Alert.Severity.choices)
    rows = zip(value_of(score, "open_signals") or (), sources(score, "open_signals"), strict=True)
    alerts = [
        AlertRow(
            source["record_id"],
            source["label"],
            str(names[severity]),
            band_of(severity),
            date.fromisoformat(source["on"]),
        )
        for severity, source in sorted(rows, key=lambda row: GRAVITY[row[0]])
    ]
    parts = [
        SeverityRow(
            str(names[part["key"]]), part["input"], Decimal(str(part["points"])), Decimal(str(part["contribution"]))
        )
        for part in score.parts
    ]
    return ChurnCard(shown(score, head), score.value, score.band, alerts, parts)
