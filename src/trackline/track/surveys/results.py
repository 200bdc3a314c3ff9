"""What the surveys of an account say: results of a wave, their trend, and who is due to be asked (SUR-03 to SUR-18)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import several
from trackline.core.decimals import mean
from trackline.track.models import Response, Wave
from trackline.track.models.surveys import Audience
from trackline.track.rules.survey import NpsParameters, Side
from trackline.track.rules.survey_loop import response_rate
from trackline.track.rules.surveys import surveys
from trackline.track.surveys.scores import ANSWERS, Scores, scores_of

ALIVE = Q(deleted_at__isnull=True)
TEXTS: Mapping[str, str] = {
    "reason": "Main reason",
    "ease_reason": "What helped or hindered",
    "wishes": "What would create most value",
}
QUESTIONS: Mapping[str, str] = {
    "recommend": "Would recommend us, 0–10",
    "expectations": "Last contact as expected, 1–5",
    "quality": "Quality as agreed, 1–5",
    "communication": "Timely, relevant communication, 1–5",
    "ease": "Ease of reaching the goal, 1–7",
    "strategy": "Helps their strategy, 1–5",
    "innovation": "Seen as innovative, 1–5",
}
SIDES: Mapping[Side, str] = {"promoter": "green", "passive": "amber", "detractor": "red"}
"""Colours of those who recommend us or not."""
YEAR, NEAR_DAYS = timedelta(days=365), 92
MAY_LIKE_US = ("positive", "advocate")


@dataclass(frozen=True)
class Verbatim:
    """Something that was written, with who wrote it, unless they answered without a name."""

    who: str
    panel: str
    audience: str
    rating: int | None
    label: str
    text: str
    band: str
    """How the same person would recommend us: green promotes, red detracts."""


@dataclass(frozen=True)
class Group:
    """An audience: how many answered, and the mean of each question (None: no answers) with its colour; hidden where fewer
    than `least` of those without a name answered.
    """

    label: str
    answered: int
    hidden: bool
    least: int
    means: Mapping[str, Decimal | None]
    bands: Mapping[str, str]


@dataclass(frozen=True)
class WaveResult:
    """A wave with its results."""

    wave: Wave
    asked: int
    answered: int
    rate: Decimal | None
    few: bool
    scores: Scores
    spread: Sequence[int]
    groups: Sequence[Group]
    verbatims: Sequence[Verbatim]
    hidden_texts: int
    themes: Sequence[tuple[str, int, int, int]]
    wishes: Sequence[Response]
    """Answers that wish for something, but for those that stay hidden; each kept as a note of the account."""
    hidden_detractors: Sequence[Response]

    @property
    def panel(self) -> str:
        """Address of the wave's panel."""
        return f"wave/{self.wave.pk}"

    @property
    def coverage(self) -> int:
        """Audiences of three that answered. Source: SUR-02."""
        return sum(group.answered > 0 for group in self.groups)


def results_of(account: Account, today: date, only: Wave | None = None) -> list[WaveResult]:
    """Return the waves of an account that were sent, the newest first, with their results; a fixed number of queries."""
    rows = Wave.objects.filter(ALIVE, account=account, sent_on__isnull=False)
    if only is not None:
        rows = rows.filter(pk=only.pk)
    found, _ = _results(rows, {account.pk: account}, today)
    return found


@dataclass(frozen=True)
class Pooled:
    """The newest answered wave of each account that feeds the metrics, and all their answers taken together.

    `results` go by account; an account without such a wave stands in none. `rate` is None where some wave does not know
    how many were asked.
    """

    results: Mapping[int, WaveResult]
    scores: Scores
    spread: Sequence[int]
    answered: int
    asked: int
    rate: Decimal | None


def pooled(accounts: Iterable[Account], today: date, whole: Account) -> Pooled:
    """Return the newest waves of several accounts and what their answers add up to under the figures of the `whole`.

    Every answer counts once, whatever the size of its account (SUR-06). A fixed number of queries.
    """
    held = {account.pk: account for account in accounts}
    sent = Wave.objects.filter(ALIVE, account__in=held, sent_on__isnull=False, responses__deleted_at__isnull=True)
    newest: dict[int, int] = {}
    for wave in sent.filter(responses__isnull=False).order_by("sent_on", "pk").distinct():
        if surveys().version(wave.survey, wave.survey_version, wave.sent_on or date.max).feeds:
            newest[wave.account_id] = wave.pk
    found, rows = _results(Wave.objects.filter(pk__in=newest.values()), held, today)
    scores = scores_of(rows, Overrides.load(today), whole, today)
    counted = Counter(row.recommend for row in rows)
    asked = sum(one.asked for one in found)
    told = asked and all(one.rate is not None for one in found)
    return Pooled(
        {one.wave.account_id: one for one in found},
        scores,
        [counted[mark] for mark in range(11)],
        len(rows),
        asked,
        response_rate(asked, len(rows)) if told else None,
    )


def _results(
    rows: QuerySet[Wave], accounts: Mapping[int, Account], today: date
) -> tuple[list[WaveResult], list[Response]]:
    """The results of waves, the newest first, and all answers behind them."""
    waves = list(
        rows.annotate(people=Count("invitation", filter=Q(invitation__contact__deleted_at__isnull=True))).order_by(
            "-sent_on", "-pk"
        )
    )
    answers: dict[int, list[Response]] = {}
    for row in (
        Response.objects.filter(ALIVE, wave__in=[wave.pk for wave in waves])
        .select_related("contact", "note")
        .order_by("-on", "-pk")
    ):
        answers.setdefault(row.wave_id, []).append(row)
    overrides = Overrides.load(today)
    limits = several("survey.group_min", "survey.rate_warn_pct", "survey.detractor_to")
    results = [_result(wave, answers.get(wave.pk, []), overrides, accounts[wave.account_id], limits) for wave in waves]
    return results, [row for listed in answers.values() for row in listed]


def _result(
    wave: Wave, rows: list[Response], overrides: Overrides, account: Account, limits: Mapping[str, Any]
) -> WaveResult:
    asked = max(wave.asked or 0, wave.people)  # type: ignore[attr-defined]
    rate = response_rate(asked, len(rows)) if asked >= len(rows) else None
    counted = Counter(row.recommend for row in rows)
    nameless = Counter(row.audience for row in rows if row.contact_id is None)
    least = limits["survey.group_min"]
    masked = {key for key, count in nameless.items() if count < least}
    open_rows = [row for row in rows if row.contact_id or row.audience not in masked]
    scores = scores_of(rows, overrides, account, wave.sent_on or date.max)
    groups = [
        group_of(str(label), [row for row in rows if row.audience == key], scores, key in masked, least)
        for key, label in Audience.choices
    ]
    if others := [row for row in rows if not row.audience]:
        groups.append(group_of("Not known", others, scores, "" in masked, least))
    return WaveResult(
        wave,
        asked,
        len(rows),
        rate,
        rate is not None and rate < limits["survey.rate_warn_pct"],
        scores,
        [counted[mark] for mark in range(11)],
        groups,
        list(_verbatims(open_rows, scores.sides)),
        sum(bool(getattr(row, name)) for row in rows for name in TEXTS)
        - sum(bool(getattr(row, name)) for row in open_rows for name in TEXTS),
        _themes(open_rows, scores.sides),
        [row for row in open_rows if row.wishes],
        [
            row
            for row in rows
            if row.contact
            and row.recommend is not None
            and row.recommend <= limits["survey.detractor_to"]
            and row.contact.sentiment in MAY_LIKE_US
        ],
    )


def group_of(label: str, rows: list[Response], scores: Scores, hidden: bool, least: int) -> Group:
    """Return what an audience answered, without means where they stay hidden (SUR-05)."""
    means: dict[str, Decimal | None] = {}
    bands: dict[str, str] = {}
    if not hidden:
        for name in ANSWERS:
            marks = [value for row in rows if (value := getattr(row, name)) is not None]
            means[name] = mean([Decimal(mark) for mark in marks])
            bands[name] = scores.band_of(name, marks)
    return Group(label, len(rows), hidden, least, means, bands)


def _verbatims(rows: Iterable[Response], sides: NpsParameters) -> Iterable[Verbatim]:
    labels = dict(Audience.choices)
    for row in rows:
        band = "unknown" if row.recommend is None else SIDES[sides.side(row.recommend)]
        for name, label in TEXTS.items():
            if name != "wishes" and (text := getattr(row, name)):  # these stand in a list of their own
                who = row.contact.name if row.contact else "Anonymous"
                audience = str(labels.get(row.audience, ""))
                yield Verbatim(who, f"response/{row.pk}", audience, row.recommend, label, text, band)


def _themes(rows: Iterable[Response], sides: NpsParameters) -> list[tuple[str, int, int, int]]:
    """Themes with the promoters, passives and detractors that name them, most named first. Source: SUR-11."""
    counted: dict[str, list[int]] = {}
    for row in rows:
        if row.recommend is not None:
            at = list(SIDES).index(sides.side(row.recommend))
            for tag in row.tags:
                counted.setdefault(tag, [0, 0, 0])[at] += 1
    listed = [(tag, up, middle, down) for tag, (up, middle, down) in counted.items()]
    return sorted(listed, key=lambda one: (-sum(one[1:]), one[0]))


def by_question(groups: Sequence[Group]) -> list[tuple[str, list[tuple[Decimal | None, str]]]]:
    """Return each question in words with the mean of every audience and its colour. Source: SUR-11."""
    return [
        (label, [(group.means.get(name), group.bands.get(name, "")) for group in groups])
        for name, label in QUESTIONS.items()
    ]


def year_before(one: WaveResult, others: Iterable[WaveResult]) -> WaveResult | None:
    """Return the wave that was sent closest to a year before another one, at most a quarter off. Source: SUR-11."""
    if one.wave.sent_on is None:
        return None
    then = one.wave.sent_on - YEAR
    near = [(abs((other.wave.sent_on - then).days), other) for other in others if other.wave.sent_on]
    found = min(near, key=lambda pair: pair[0], default=None)
    return found[1] if found and found[0] <= NEAR_DAYS else None


def feeding(found: Iterable[WaveResult]) -> list[WaveResult]:
    """Return the waves that make the trend, oldest first: those whose survey feeds the metrics, with answers."""
    return [
        one
        for one in reversed(list(found))
        if one.answered
        and surveys().version(one.wave.survey, one.wave.survey_version, one.wave.sent_on or date.max).feeds
    ]
