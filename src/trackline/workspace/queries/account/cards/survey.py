"""What surveys say together: the relationship health index and its three results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trackline.accounts.models import Score
from trackline.kit import formats
from trackline.track.live_survey import METRICS
from trackline.track.rules.survey import rhi
from trackline.workspace.queries.account.cards.score import Lack, Shown, metric_of, reading_act, shown, sources
from trackline.workspace.queries.account.head import Head

RULE = rhi.id


@dataclass(frozen=True)
class ResultRow:
    """One result: its reading with its day, and the points that it earns of 100."""

    label: str
    result: str
    band: str
    on: date
    points: Decimal
    contribution: Decimal


@dataclass(frozen=True)
class SurveyCard:
    """The card; too few results make no index."""

    shown: Shown
    value: Decimal | None
    band: str
    coverage_pct: Decimal
    rows: Sequence[ResultRow]
    lacks: Sequence[Lack]


def survey_card(score: Score | None, head: Head, metrics: Mapping[str, int]) -> SurveyCard | None:
    """Return the card of a stored score, or None without one; `metrics` are the ids of what can be recorded."""
    if score is None:
        return None
    rows = []
    for part in score.parts:
        source = next(iter(sources(score, part["key"])), None)
        if source and part["points"] is not None:
            points, added = (Decimal(str(part[name])) for name in ("points", "contribution"))
            result, on = formats.number(part["input"]), date.fromisoformat(source["on"])
            rows.append(ResultRow(part["label"], result, part["band"] or "unknown", on, points, added))
    lacks = [
        Lack(
            METRICS[one["input"]],
            f"last result {formats.day(date.fromisoformat(one['last_on']))}, too old"
            if one["last_on"]
            else "no result",
            reading_act(metric_of(score, one["input"]), head, "Record it", metrics),
        )
        for one in score.missing
        if one["input"] in METRICS
    ]
    return SurveyCard(shown(score, head), score.value, score.band, score.coverage_pct, rows, lacks)
