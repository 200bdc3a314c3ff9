"""What the surveys of a quarter say to an executive: scores, how low answers were followed up, what is named most (SUR-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Account
from trackline.accounts.settings import setting
from trackline.core.decimals import plain
from trackline.core.periods import Quarter, quarter_of
from trackline.kit.problems import BadRequest
from trackline.track.models import SurveyCase
from trackline.track.rules import survey_loop
from trackline.track.surveys.answers import steps_of
from trackline.track.surveys.limits import limits
from trackline.track.surveys.results import WaveResult, feeding

ALIVE = Q(deleted_at__isnull=True)
THEMES = 3
"""So many themes are named."""


@dataclass(frozen=True)
class QuarterTold:
    """A fiscal quarter and the one before, `last`: `wave` is the newest of it that feeds the metrics, `before` the newest of
    the quarter before.

    `cases` are those of answers given in it; `mended` are resolved, `late` wait for a step that is overdue. `in_time_pct` is
    None where no step is due yet.
    """

    span: Quarter
    last: Quarter
    wave: WaveResult | None
    before: WaveResult | None
    cases: Sequence[SurveyCase]
    late: int
    in_time_pct: Decimal | None

    @property
    def mended(self) -> int:
        """How many low answers are resolved."""
        return sum(case.status in survey_loop.CLOSED for case in self.cases)

    @property
    def learned(self) -> list[SurveyCase]:
        """Cases that say why it happened and what keeps it from coming back."""
        return [case for case in self.cases if case.root_cause and case.preventive]

    @property
    def themes(self) -> list[str]:
        """What is named most."""
        return [tag for tag, *_ in self.wave.themes[:THEMES]] if self.wave else []

    @property
    def gained(self) -> Decimal | None:
        """NPS less that of the quarter before; None where either is missing."""
        now = self.wave.scores.nps.value if self.wave else None
        then = self.before.scores.nps.value if self.before else None
        return now - then if isinstance(now, Decimal) and isinstance(then, Decimal) else None


def day_in(text: str, today: date) -> date:
    """Return the day that names a quarter; today where none is given. Raises `BadRequest` for what is no day."""
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        raise BadRequest("A day of the quarter is expected, such as 2026-09-30.") from None


def quarter_told(account: Account, found: Sequence[WaveResult], day: date, now: datetime) -> QuarterTold:
    """Return what the fiscal quarter of a day says, out of the results of the account's waves; two queries."""
    first = int(setting("book.fiscal_year_start_month"))
    span = quarter_of(day, first)
    last = quarter_of(span.start - timedelta(days=1), first)
    counted = feeding(found)

    def newest(of: Quarter) -> WaveResult | None:
        return next((one for one in reversed(counted) if of.start <= (one.wave.sent_on or date.max) <= of.end), None)

    rows = SurveyCase.objects.filter(ALIVE, account=account).order_by("answered_at", "pk")
    cases = [case for case in rows if span.start <= timezone.localdate(case.answered_at) <= span.end]
    figures = limits()
    steps = [(case, steps_of(case, figures, now)) for case in cases]
    late = sum(
        case.status not in survey_loop.CLOSED and any(step.in_time is False and step.done is None for step in listed)
        for case, listed in steps
    )
    pct = survey_loop.in_time_pct([step for _, listed in steps for step in listed])
    return QuarterTold(span, last, newest(span), newest(last), cases, late, pct)


def to_json(found: QuarterTold) -> dict[str, Any]:
    """Return a quarter in the shape of the API."""
    wave = found.wave
    scores = {name: getattr(wave.scores, name) for name in ("nps", "csat", "ces", "rhi")} if wave else {}
    return {
        "quarter": found.span.key,
        "from": found.span.start,
        "to": found.span.end,
        "wave": str(wave.wave.pk) if wave else None,
        "asked": wave.asked if wave else None,
        "answered": wave.answered if wave else None,
        "scores": {name: {"value": plain(one.value), "band": one.band} for name, one in scores.items()},
        "nps_change": plain(found.gained),
        "cases": {
            "opened": len(found.cases), "mended": found.mended, "late": found.late,
            "in_time_pct": plain(found.in_time_pct),
        },
        "learned": [
            {"case": str(case.pk), "root_cause": case.root_cause, "preventive": case.preventive}
            for case in found.learned
        ],
        "themes": found.themes,
        "wishes": len(wave.wishes) if wave else 0,
    }  # fmt: skip
