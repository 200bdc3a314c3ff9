"""The page of surveys of an account: the newest wave, the trend, cases with their clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.track.models import Response, SurveyCase, Wave
from trackline.track.rules import survey_loop
from trackline.track.rules.surveys import surveys
from trackline.track.surveys.answers import steps_of
from trackline.track.surveys.limits import limits
from trackline.track.surveys.quarter import QuarterTold, day_in, quarter_told
from trackline.track.surveys.results import WaveResult, by_question, feeding, results_of, year_before
from trackline.workspace.queries.account.head import Head
from trackline.workspace.records import addresses

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class CaseRow:
    """A case with the clocks of its steps."""

    case: SurveyCase
    steps: Sequence[survey_loop.Step]

    @property
    def late(self) -> bool:
        """Whether its next step is overdue."""
        return any(step.in_time is False and step.done is None for step in self.steps)

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"survey_case/{self.case.pk}"


@dataclass(frozen=True)
class SurveysPage:
    """What the tab shows. `shown` is the chosen wave, by default the newest with answers that feeds the metrics."""

    waves: Sequence[WaveResult]
    shown: WaveResult | None
    trend: Sequence[WaveResult]
    cases: Sequence[CaseRow]
    in_time_pct: Decimal | None
    quarter: QuarterTold

    @property
    def by_question(self) -> list[tuple[str, list[tuple[Decimal | None, str]]]]:
        """Each question with the mean of every audience and its colour."""
        return by_question(self.shown.groups if self.shown else ())

    @property
    def compared(self) -> list[tuple[WaveResult, Decimal | None]]:
        """The waves of the trend, the newest first, with what the NPS gained on that of a year before."""
        return [(one, _gained(one, year_before(one, self.trend))) for one in reversed(self.trend)]

    @property
    def years(self) -> list[int]:
        """The years that the trend spans, the newest first."""
        return sorted({one.wave.sent_on.year for one in self.trend if one.wave.sent_on}, reverse=True)

    @property
    def wishes(self) -> list[tuple[Response, dict[str, str]]]:
        """What people of the wave wish for, each with the form of a route that serves it."""
        rtype, rows = registry.get("route"), self.shown.wishes if self.shown else ()
        found = []
        for row in rows:
            text = " ".join(row.wishes.split())
            given = {"account": row.wave.account_id, "title": text[:120], "trigger_event": "Wish in a survey"}
            found.append((row, {"url": addresses.new(rtype, given), "panel": addresses.new_panel(rtype, given)}))
        return found

    @property
    def finding(self) -> str:
        """The wave in a sentence."""
        if self.shown is None:
            return "no answers yet"
        nps, answered = self.shown.scores.nps, self.shown.answered
        rate = f" of {self.shown.asked}, {formats.percent(self.shown.rate, 0)}" if self.shown.rate is not None else ""
        value = f"NPS {formats.number(nps.value, 0)}" if nps.value is not None else "no recommendation asked"
        return f"{value}; {answered} answered{rate}"


def _gained(one: WaveResult, before: WaveResult | None) -> Decimal | None:
    now, then = one.scores.nps.value, before.scores.nps.value if before else None
    return now - then if isinstance(now, Decimal) and isinstance(then, Decimal) else None


def surveys_page(ctx: Context, head: Head, chosen: str = "", quarter: str = "") -> SurveysPage:
    """Return surveys of an account in a fixed number of queries; `chosen` names the wave that is shown,
    `quarter` the one that is told to executives.
    """
    found = results_of(head.account, head.today)
    trend = feeding(found)
    shown = next((one for one in found if str(one.wave.pk) == chosen), trend[-1] if trend else None)
    still, in_time = open_cases(head.ids, ctx.now)
    told = quarter_told(head.account, found, day_in(quarter, head.today), ctx.now)
    return SurveysPage(found, shown, trend, still, in_time, told)


def open_cases(accounts: Iterable[int], now: datetime) -> tuple[list[CaseRow], Decimal | None]:
    """Return the open cases of accounts with their clocks, the most urgent first, and how many steps of all cases were
    in time, in %; two queries.
    """
    figures = limits()
    rows = SurveyCase.objects.filter(ALIVE, account__in=list(accounts)).select_related("owner", "contact", "account")
    cases = [CaseRow(case, steps_of(case, figures, now)) for case in rows]
    still = [row for row in cases if row.case.status not in survey_loop.CLOSED]
    still.sort(key=lambda row: (row.case.due_at is None, row.case.due_at or now))
    return still, survey_loop.in_time_pct([step for row in cases for step in row.steps])


def instrument_of(wave: Wave) -> str:
    """Return what a wave asks, in words."""
    found = surveys().version(wave.survey, wave.survey_version, wave.sent_on or timezone.localdate())
    return f"{found.says}; {len(found.questions)} questions, version {found.version}"
