"""What a round brought: answers and scores of each account, and of all of them together (SUR-06 to SUR-11, SUR-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import several
from trackline.core.decimals import plain
from trackline.kit.policy import Context
from trackline.track.models import Response, SurveyRound, Wave
from trackline.track.models.surveys import Audience
from trackline.track.rules.survey_loop import response_rate
from trackline.track.surveys.results import Group, group_of
from trackline.track.surveys.rounds import counts_of, remind_on, state_of, waves_in
from trackline.track.surveys.scores import Scores, scores_of

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class Part:
    """Answers with what they add up to: of one account, or of all (`wave` is None then)."""

    asked: int
    answered: int
    rate: Decimal | None
    few: bool
    levels: int
    scores: Scores
    wave: Wave | None = None

    @property
    def account(self) -> Account | None:
        """The account, or None for all together."""
        return self.wave.account if self.wave else None

    @property
    def silent(self) -> int:
        """How many have not answered."""
        return max(self.asked - self.answered, 0)


@dataclass(frozen=True)
class RoundResult:
    """A round with what it brought. `remind_on`: when the silent are to be reminded, None where nothing is due to be sent."""

    round: SurveyRound
    state: str
    rows: Sequence[Part]
    total: Part
    spread: Sequence[int]
    groups: Sequence[Group]
    sent_on: date | None
    closes_on: date | None
    remind_on: date | None
    rate_warn_pct: int

    @property
    def scores(self) -> Scores:
        """The scores of all accounts together."""
        return self.total.scores

    @property
    def below(self) -> list[Part]:
        """Accounts of which too few have answered. Source: SUR-17."""
        return [row for row in self.rows if row.few]


def round_result(ctx: Context, found: SurveyRound) -> RoundResult:
    """Return what a round brought in the accounts that the actor sees; a fixed number of queries."""
    return results_of_rounds(ctx, [found])[0]


def results_of_rounds(ctx: Context, rounds: Sequence[SurveyRound]) -> list[RoundResult]:
    """Return what several rounds brought in the accounts that the actor sees; a fixed number of queries."""
    waves = waves_in(ctx, [one.pk for one in rounds])
    every = [wave for found in waves.values() for wave in found]
    counts = counts_of(every)
    answers: dict[int, list[Response]] = {wave.pk: [] for wave in every}
    for row in Response.objects.filter(ALIVE, wave__in=answers).order_by("pk"):
        answers[row.wave_id].append(row)
    overrides = Overrides.load(ctx.today)
    limits = several("survey.group_min", "survey.rate_warn_pct", "survey.reminder_days")
    return [_result(one, waves.get(one.pk, []), counts, answers, overrides, limits, ctx.today) for one in rounds]


def _result(
    found: SurveyRound,
    waves: Sequence[Wave],
    counts: Mapping[int, tuple[int, int]],
    answers: Mapping[int, Sequence[Response]],
    overrides: Overrides,
    limits: Mapping[str, Any],
    today: date,
) -> RoundResult:
    warn, least = limits["survey.rate_warn_pct"], limits["survey.group_min"]

    def part(rows: Sequence[Response], asked: int, wave: Wave | None) -> Part:
        rate = response_rate(asked, len(rows)) if asked >= len(rows) else None
        on = (wave.sent_on if wave else None) or today
        levels = len({row.audience for row in rows if row.audience})
        scores = scores_of(rows, overrides, wave.account if wave else None, on)
        return Part(asked, len(rows), rate, rate is not None and rate < warn, levels, scores, wave)

    rows = [row for wave in waves for row in answers[wave.pk]]
    nameless = Counter(row.audience for row in rows if row.contact_id is None)
    marks = Counter(row.recommend for row in rows)
    total = part(rows, sum(counts[wave.pk][0] for wave in waves), None)
    return RoundResult(
        found,
        state_of(waves),
        [part(answers[wave.pk], counts[wave.pk][0], wave) for wave in waves],
        total,
        [marks[mark] for mark in range(11)],
        [
            group_of(
                str(label), [row for row in rows if row.audience == key], total.scores, 0 < nameless[key] < least, least
            )
            for key, label in Audience.choices
        ],
        min((wave.sent_on for wave in waves if wave.sent_on), default=None),
        max((wave.closes_on for wave in waves if wave.closes_on and wave.status == "open"), default=None),
        remind_on(waves, limits["survey.reminder_days"]),
        warn,
    )


def to_json(found: RoundResult, today: date) -> dict[str, Any]:
    """Return a result in the shape of the API."""
    return {
        "as_of": today,
        "state": found.state,
        "sent_on": found.sent_on,
        "closes_on": found.closes_on,
        "remind_on": found.remind_on,
        "total": _json(found.total),
        "accounts": [
            {"account": row.account.key, "account_name": row.account.name, "wave": str(row.wave.pk), **_json(row)}
            for row in found.rows
            if row.account and row.wave
        ],
        "recommend": list(found.spread),
    }


def _json(part: Part) -> dict[str, Any]:
    return {
        "asked": part.asked,
        "answered": part.answered,
        "rate_pct": plain(part.rate),
        "few": part.few,
        "levels": part.levels,
        **{
            key: {"value": plain(one.value), "band": one.band, "missing": list(one.missing), "notes": list(one.notes)}
            for key, one in (
                ("nps", part.scores.nps), ("csat", part.scores.csat), ("ces", part.scores.ces), ("rhi", part.scores.rhi),
            )
        },
    }  # fmt: skip
