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
from trackline.track.models import SurveyCase, Wave
from trackline.track.rules import survey_loop
from trackline.track.rules.surveys import surveys
from trackline.track.surveys.answers import steps_of
from trackline.track.surveys.limits import limits
from trackline.track.surveys.results import QUESTIONS, WaveResult, feeding, results_of
from trackline.track.surveys.scores import ANSWERS
from trackline.workspace.queries.account.head import Head

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

    @property
    def by_question(self) -> list[tuple[str, list[Decimal | None]]]:
        """Each question with the mean of every audience."""
        groups = self.shown.groups if self.shown else ()
        return [(QUESTIONS[name], [group.means.get(name) for group in groups]) for name in ANSWERS]

    @property
    def finding(self) -> str:
        """The wave in a sentence."""
        if self.shown is None:
            return "no answers yet"
        nps, answered = self.shown.scores.nps, self.shown.answered
        rate = f" of {self.shown.asked}, {formats.percent(self.shown.rate, 0)}" if self.shown.rate is not None else ""
        value = f"NPS {formats.number(nps.value, 0)}" if nps.value is not None else "no recommendation asked"
        return f"{value}; {answered} answered{rate}"


def surveys_page(ctx: Context, head: Head, chosen: str = "") -> SurveysPage:
    """Return surveys of an account in a fixed number of queries; `chosen` names the wave that is shown."""
    found = results_of(head.account, head.today)
    trend = feeding(found)
    shown = next((one for one in found if str(one.wave.pk) == chosen), trend[-1] if trend else None)
    still, in_time = open_cases(head.ids, ctx.now)
    return SurveysPage(found, shown, trend, still, in_time)


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
