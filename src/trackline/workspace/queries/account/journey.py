"""The journey of an account now and at the start of a span: like compared with like."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from trackline.accounts.settings import setting
from trackline.kit import formats
from trackline.track.models import JourneyDimension, JourneyScore
from trackline.track.rules.journey import journey_index

ALIVE = Q(deleted_at__isnull=True)
SPANS: Mapping[str, tuple[int, str]] = {"90": (90, "90 days"), "182": (182, "26 weeks"), "366": (366, "1 year")}
DEFAULT_SPAN = "90"
FEWEST, MOST = 3, 6
"""So many axes a radar can show: with fewer there is no area, with more no shape."""


@dataclass(frozen=True)
class JourneyRow:
    """A dimension with the scores in force today and at the start of the span, with their days."""

    dimension: JourneyDimension
    now: Decimal | None
    on: date | None
    before: Decimal | None
    before_on: date | None

    @property
    def change(self) -> Decimal | None:
        """Score today less score at the start."""
        return self.now - self.before if self.now is not None and self.before is not None else None


@dataclass(frozen=True)
class Journey:
    """All active dimensions, and the index of those scored lately enough, today and at the start of the span."""

    rows: Sequence[JourneyRow]
    span: str
    start: date
    index: Decimal | None
    index_before: Decimal | None
    stale: Sequence[str]

    @property
    def change(self) -> Decimal | None:
        """Index today less index at the start, where the same dimensions make both."""
        if self.index is None or self.index_before is None:
            return None
        return self.index - self.index_before

    @property
    def radar(self) -> bool:
        """Whether every dimension is scored and there are few enough for a shape."""
        return FEWEST <= len(self.rows) <= MOST and all(row.now is not None for row in self.rows)

    @property
    def finding(self) -> str:
        """The journey in a sentence."""
        if self.index is None:
            return "No dimension was scored lately enough for an index."
        said = f"Journey index {formats.number(self.index, 1)} of 100"
        if self.change is None:
            return f"{said}; not comparable with {formats.day(self.start)}."
        if not round(self.change, 1):
            return f"{said}, as on {formats.day(self.start)}."
        way = "up" if self.change > 0 else "down"
        return f"{said}, {way} {formats.number(abs(self.change), 1)} since {formats.day(self.start)}."


def journey_of(account_id: int, today: date, span: str = "") -> Journey:
    """Return the journey of an account over a span; see `journeys_of`."""
    return journeys_of([account_id], today, span)[account_id]


def journeys_of(accounts: Collection[int], today: date, span: str = "") -> Mapping[int, Journey]:
    """Return the journeys of accounts over a span, in two queries. A score holds until the next one; for the index only so
    long.

    Source: TRK-14, TRK-15.
    """
    chosen = span if span in SPANS else DEFAULT_SPAN
    scores: dict[int, dict[int, list[JourneyScore]]] = {pk: {} for pk in accounts}
    for score in JourneyScore.objects.filter(ALIVE, account__in=scores, on__lte=today).order_by("-on", "-pk"):
        scores[score.account_id].setdefault(score.dimension_id, []).append(score)
    dimensions = list(JourneyDimension.objects.filter(ALIVE, active=True).order_by("set_key", "position", "pk"))
    return {pk: _journey(dimensions, mine, today, chosen) for pk, mine in scores.items()}


def _journey(
    dimensions: Sequence[JourneyDimension], scores: Mapping[int, Sequence[JourneyScore]], today: date, chosen: str
) -> Journey:
    start = today - timedelta(days=SPANS[chosen][0])
    rows = []
    for dimension in dimensions:
        found = scores.get(dimension.pk, ())
        now = found[0] if found else None
        old = next((score for score in found if score.on <= start), None)
        rows.append(
            JourneyRow(
                dimension, now.score if now else None, now.on if now else None, old.score if old else None,
                old.on if old else None,
            )
        )  # fmt: skip
    most = timedelta(days=setting("journey.max_age_days"))
    fresh = [row for row in rows if row.on is not None and today - row.on <= most]
    then = [row for row in rows if row.before_on is not None and start - row.before_on <= most]
    same = {row.dimension.pk for row in fresh} == {row.dimension.pk for row in then}
    return Journey(
        rows=rows,
        span=chosen,
        start=start,
        index=journey_index([row.now for row in fresh if row.now is not None]),
        index_before=journey_index([row.before for row in then if row.before is not None]) if same else None,
        stale=[row.dimension.name for row in rows if row.on is not None and today - row.on > most],
    )
