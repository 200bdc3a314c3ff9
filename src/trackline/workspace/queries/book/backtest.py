"""The back-test of a scoring model on screen: each outcome with its verdict, and one of them account by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from trackline.book.models import ScoringModel
from trackline.book.queries.backtest import chance_words
from trackline.book.scoring.backtest import Backtest, Outcome, backtest
from trackline.core.decimals import ZERO
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

VERDICTS = {"foretold": ("foretold", "green"), "not_foretold": ("not foretold", "red"), "insufficient": ("too few", "unknown")}  # fmt: skip
MOST_SHOWN = 50


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `refused` says what of it makes no sense."""

    on: date | None
    until: date | None
    model: ScoringModel | None
    outcome: str
    refused: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Read an address."""
        days, refused = [], ""
        for name in ("as_of", "until"):
            text = given.get(name, "").strip()
            try:
                days.append(date.fromisoformat(text) if text else None)
            except ValueError:
                days.append(None)
                refused = f"{text[:20]} is no day."
        pk = given.get("model", "")
        model = ScoringModel.objects.alive().filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
        return cls(days[0], days[1], model, given.get("outcome", ""), refused)


@dataclass(frozen=True)
class Line:
    """An outcome in a row: ρ, how likely chance alone is, what became of each third by score."""

    key: str
    label: str
    measured: str
    count: int
    rho: Decimal | None
    chance: str
    thirds: Sequence[str]
    verdict: str
    band: str
    note: str
    current: bool


@dataclass(frozen=True)
class Row:
    """An account: where its score put it, what became of it, and how many ranks lie between."""

    key: str
    name: str
    score: Decimal
    outcome: str
    score_rank: Decimal
    outcome_rank: Decimal

    @property
    def gap(self) -> Decimal:
        """Ranks that it did better than its score said; below 0 worse."""
        return self.score_rank - self.outcome_rank


@dataclass(frozen=True)
class Dot:
    """An account in the picture."""

    name: str
    score: float
    outcome: float
    said: str


@dataclass(frozen=True)
class Picked:
    """The outcome that is opened."""

    line: Line
    rows: Sequence[Row]
    more: int
    dots: Sequence[Dot]
    low: str
    high: str
    finding: str


@dataclass(frozen=True)
class BacktestPage:
    """The whole page; `refused` stands in its place where the days make no sense."""

    asked: Asked
    found: Backtest | None = None
    finding: str = ""
    lines: Sequence[Line] = ()
    picked: Picked | None = None
    refused: str = ""


def page_of(ctx: Context, asked: Asked) -> BacktestPage:
    """Run the back-test that an address asks for. Accounts out of scope count and are not named."""
    if asked.refused:
        return BacktestPage(asked, refused=asked.refused)
    try:
        found = backtest(ctx, asked.on, asked.until, asked.model)
    except BadRequest:
        return BacktestPage(
            asked, refused="The day looked at comes after the day scored on, and is today at the latest."
        )
    chosen = _chosen(found, asked.outcome)
    lines = [_line(one, found.currency, one is chosen) for one in found.outcomes]
    picked = None
    if chosen is not None:
        line = next(one for one in lines if one.current)
        picked = _picked(ctx, found, chosen, line)
    return BacktestPage(asked, found, _finding(found), lines, picked)


def _chosen(found: Backtest, key: str) -> Outcome | None:
    """The outcome asked for, else the one that tells accounts apart best."""
    with_rows = [one for one in found.outcomes if one.result.details["accounts"]]
    named = [one for one in with_rows if one.key == key]
    return next(iter([*named, *sorted(with_rows, key=lambda one: -len(set(one.values.values())))]), None)


def _finding(found: Backtest) -> str:
    if not found.run.places:
        return "Nothing could be scored on that day"
    total = len(found.outcomes)
    good, bad = len(found.with_verdict("foretold")), len(found.with_verdict("not_foretold"))
    if not good and not bad:
        return "Too little is known to judge the scores by"
    return f"Scores foretold {good} of {good + bad} outcomes" + (
        f"; {total - good - bad} cannot be judged" if total > good + bad else ""
    )


def _line(one: Outcome, currency: str, current: bool) -> Line:
    details = one.result.details
    words, band = VERDICTS[one.verdict]
    return Line(
        one.key,
        one.label,
        one.measured,
        details["count"],
        cast("Decimal | None", one.result.value),
        chance_words(details["chance_pct"]),
        [_said(third["mean"], one.unit, currency) for third in details["thirds"]],
        words,
        band,
        " ".join(one.result.notes),
        current,
    )


def _said(value: Decimal, unit: str, currency: str) -> str:
    if unit == "currency":
        return formats.money(value, currency)
    if unit == "points":
        return f"{'+' if value > 0 else ''}{formats.number(value, 1)} points"
    return formats.percent(value, 0 if abs(value) >= 10 else 1)


def _picked(ctx: Context, found: Backtest, one: Outcome, line: Line) -> Picked:
    names = {account.key: account for account in found.accounts.values()}
    seen = set(scoped(ctx, registry.get("account")).values_list("pk", flat=True))
    scores = {place.account: place.score for place in found.run.places}
    rows = []
    for told in one.result.details["accounts"]:
        account = names[told["key"]]
        if account.pk in seen:
            value = _said(one.values[account.pk], one.unit, found.currency)
            ranks = told["score_rank"], told["outcome_rank"]
            rows.append(Row(account.key, account.name, scores[account.pk], value, *ranks))
    rows.sort(key=lambda row: (-abs(row.gap), row.score_rank, row.name))
    values = [one.values[pk] for pk in scores if pk in one.values]
    low, high = (_said(end(values, default=ZERO), one.unit, found.currency) for end in (min, max))
    dots = [
        Dot(row.name, float(row.score), float(one.values[names[row.key].pk]), f"{row.name}: {row.outcome}")
        for row in rows
    ]
    return Picked(line, rows[:MOST_SHOWN], max(len(rows) - MOST_SHOWN, 0), dots, low, high, _told(line))


def _told(line: Line) -> str:
    """Say in a sentence what became of the best and of the last third."""
    if len(line.thirds) < 3:
        return "Too few accounts to compare thirds."
    return f"The third with the highest scores: {line.thirds[0]} on average; the last third: {line.thirds[2]}."


def models(chosen: ScoringModel | None) -> list[dict[str, Any]]:
    """Return the versions to choose from, newest first."""
    rows = ScoringModel.objects.alive().order_by("-from_on", "-pk")
    return [
        {
            "value": row.pk,
            "label": f"{row.name}, {formats.day(row.from_on)}" if row.from_on else f"{row.name}, from the start",
            "current": chosen is not None and row.pk == chosen.pk,
        }
        for row in rows
    ]
