"""Scorecards as pages, API and command line tell them: which there are, what each found, which breaches wait for an answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Q

from trackline.book.cards.accounts import Point
from trackline.book.cards.judging import WORDS, Judged, Line, judge, with_lines
from trackline.book.models import Scorecard, ScorecardBreach, ScorecardResult
from trackline.core.playbook import Explained
from trackline.core.scales import UNKNOWN
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest, NotFound
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry

SHOWN = 50
"""So many scorecards stand on a page, and so many breaches above them."""


@dataclass(frozen=True)
class Asked:
    """Which scorecards are asked for: of what (`level`), in which state ("": shadow and live), words, and the page."""

    level: str = ""
    state: str = ""
    q: str = ""
    page: int = 1


@dataclass(frozen=True)
class Listed:
    """A scorecard with its newest result, how many metrics have which band, its breaches, and the composite over time."""

    card: Scorecard
    result: ScorecardResult | None
    counts: Mapping[str, int]
    breaches: int
    late: int
    trend: Sequence[Point]

    @property
    def band(self) -> str:
        """The colour of the newest result."""
        return self.result.band if self.result else UNKNOWN

    @property
    def of(self) -> str:
        """Whose figures it counts."""
        return of_words(self.card)


def of_words(card: Scorecard) -> str:
    """Say whose figures a scorecard counts."""
    if card.account:
        return card.account.name
    return card.manager.name if card.manager else "The whole book"


@dataclass(frozen=True)
class Clock:
    """A breach with its clock: `hours` until the answer is due, negative once it is late."""

    breach: ScorecardBreach
    hours: Decimal

    @property
    def of(self) -> str:
        """Whose figures the scorecard counts."""
        return of_words(self.breach.line.scorecard)

    @property
    def late(self) -> bool:
        """Whether the answer is overdue."""
        return self.breach.state == "open" and self.hours < 0

    @property
    def words(self) -> str:
        """What the clock says."""
        if self.breach.state != "open":
            return str(self.breach.get_state_display()).lower()
        hours = abs(self.hours)
        span = f"{formats.number(hours, 0)} h" if hours < 72 else f"{formats.number(hours / 24, 0)} d"
        return f"answer late by {span}" if self.late else f"answer due in {span}"


def listed(ctx: Context, asked: Asked) -> tuple[list[Listed], int]:
    """Return a page of scorecards and how many there are in all, those of the book first; six queries."""
    rows = scoped(ctx, registry.get("scorecard")).select_related("account", "manager")
    rows = rows.filter(state=asked.state) if asked.state else rows.exclude(state="archived")
    if asked.level:
        rows = rows.filter(level=asked.level)
    for word in asked.q.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(account__name__icontains=word) | Q(manager__name__icontains=word)
        )
    first = {"nulls_first": True}
    ordered = rows.order_by(F("account__name").asc(**first), F("manager__name").asc(**first), "name", "pk")
    total = rows.count()
    start = (max(asked.page, 1) - 1) * SHOWN
    cards = list(ordered[start : start + SHOWN])
    return [_listed(card, *found) for card, *found in _beside(ctx, cards)], total


def _beside(ctx: Context, cards: Sequence[Scorecard]) -> list[tuple[Any, ...]]:
    ids = [card.pk for card in cards]
    results = ScorecardResult.objects.filter(scorecard__in=ids)
    newest = dict(results.order_by().values_list("scorecard").annotate(Max("on")))
    held = {
        row.scorecard_id: row
        for row in results.filter(on__in=set(newest.values()))
        if newest[row.scorecard_id] == row.on
    }
    trends: dict[int, list[Point]] = defaultdict(list)
    for card, on, value in results.filter(value__isnull=False).order_by("on").values_list("scorecard", "on", "value"):
        if value is not None:
            trends[card].append((on, value))
    waiting: Counter[int] = Counter()
    late: Counter[int] = Counter()
    rows = ScorecardBreach.objects.alive().exclude(state="over").filter(line__scorecard__in=ids)
    for card, state, due in rows.values_list("line__scorecard", "state", "due_at"):
        waiting[card] += 1
        late[card] += state == "open" and due is not None and due < ctx.now
    return [(card, held.get(card.pk), waiting[card.pk], late[card.pk], trends[card.pk]) for card in cards]


def _listed(card: Scorecard, result: ScorecardResult | None, waiting: int, late: int, trend: Sequence[Point]) -> Listed:
    counts = Counter(line["band"] for line in result.lines) if result else Counter()
    return Listed(card, result, {band: counts[band] for band in WORDS}, waiting, late, trend)


def clocks(ctx: Context, *, among: Q | None = None, card: int | None = None, every: bool = False) -> list[Clock]:
    """Return the breaches that are not over, those of live cards, the most pressing first; of a card, or `among` some.

    With `every` those that are over and those in shadow too, the newest first. One query.
    """
    rows = scoped(ctx, registry.get("scorecard_breach")).select_related(
        "owner", "escalated_to", "line__metric", "line__scorecard__account", "line__scorecard__manager"
    )
    if not every:
        rows = rows.exclude(state="over").filter(line__scorecard__state="live")
    if card is not None:
        rows = rows.filter(line__scorecard=card)
    if among is not None:
        rows = rows.filter(among)
    rows = rows.order_by("-opened_at", "-pk") if every else rows.order_by("-state", "due_at", "pk")
    return [clock_of(one, ctx.now) for one in rows[:SHOWN]]


def clock_of(one: ScorecardBreach, now: datetime) -> Clock:
    """Return a breach with its clock."""
    seconds = (one.due_at - now).total_seconds() if one.due_at else 0
    return Clock(one, Decimal(round(seconds)) / 3600)


def judged_of(ctx: Context, pk: Any, on: date | None = None) -> Judged:
    """Judge a scorecard as of a day (today), with history. Raises `NotFound`, `BadRequest` for a day that is not over."""
    day = on or ctx.today
    if day > ctx.today:
        raise BadRequest("on: a day not after today is expected.", [{"loc": ["query", "on"], "msg": "after today"}])
    card = get(ctx, registry.get("scorecard"), pk)
    return judge(ctx, with_lines(Scorecard.objects.filter(pk=card.pk)), day, history=True)[0]


def kept_of(ctx: Context, pk: Any, on: date) -> ScorecardResult:
    """Return what a scorecard found on a day, by the targets of then. Raises `NotFound`."""
    card = get(ctx, registry.get("scorecard"), pk)
    found = ScorecardResult.objects.filter(scorecard=card, on=on).first()
    if found is None:
        raise NotFound(f"{card.name} has no result of {on.isoformat()}.")
    return found


# -- as JSON -------------------------------------------------------------------------------------------------------


def listed_json(one: Listed) -> dict[str, Any]:
    """Return a scorecard with its newest result as JSON has it."""
    card, result = one.card, one.result
    return {
        "id": str(card.pk), "name": card.name, "level": card.level, "of": one.of,
        "account": card.account.key if card.account else None,
        "manager": card.manager.username if card.manager else None, "state": card.state, "mode": card.mode,
        "as_of": result.on if result else None, "value": result.value if result else None, "band": one.band,
        "coverage_pct": result.coverage_pct if result else None,
        "provisional": result.provisional if result else None,
        "metrics": {WORDS[band].lower().replace(" ", "_"): count for band, count in one.counts.items()},
        "breaches": one.breaches, "late": one.late,
    }  # fmt: skip


def judged_json(found: Judged, waiting: Sequence[Clock] = ()) -> dict[str, Any]:
    """Return a judged scorecard as JSON has it: each metric with value, targets, band, confidence, guardrail and action."""
    card = found.card
    return {
        "id": str(card.pk), "name": card.name, "level": card.level,
        "account": card.account.key if card.account else None,
        "manager": card.manager.username if card.manager else None, "state": card.state, "mode": card.mode,
        "as_of": found.on, "value": found.value, "band": found.band, "coverage_pct": found.result.coverage_pct,
        "notes": list(found.result.notes), "rule": found.result.rule, "version": found.result.version,
        "metrics": [line_told(line) for line in found.lines],
        "breaches": [clock_json(one) for one in waiting],
    }  # fmt: skip


def line_told(line: Line) -> dict[str, Any]:
    """Return a metric of a judged scorecard as JSON has it."""
    one, guard = line.line, line.guard
    return {
        "key": one.metric.key, "name": one.name, "domain": one.domain, "leading": line.leading, "unit": one.metric.unit,
        "value": line.found.value, "as_of": line.found.oldest or line.found.as_of, "detail": line.found.detail,
        "missing": line.found.missing if line.found.value is None else None, "notes": list(line.found.notes),
        "minimum": one.minimum, "committed": one.committed, "stretch": one.stretch, "weight": line.weight, "flag": one.flag,
        "attainment": line.attainment, "contribution": line.contribution, "band": line.band, "state": line.word,
        "baseline": one.baseline, "baseline_of_quarters": _value(line.baseline), "chance_pct": _value(line.chance),
        "verdict": line.chance.details.get("verdict") if line.chance else None, "drift_pct": _value(line.drift),
        "guardrail": {
            "metric": guard.metric.key, "value": guard.found.value, "side": guard.side, "limit": guard.limit, "holds": guard.holds,
        } if guard else None,
        "owner": one.owner.username if one.owner else None,
        "client_owner": one.client_owner.name if one.client_owner else None, "serves": one.serves, "action": one.action,
    }  # fmt: skip


def _value(found: Explained | None) -> Decimal | None:
    return found.value if found and isinstance(found.value, Decimal) else None


def clock_json(one: Clock) -> dict[str, Any]:
    """Return a breach with its clock as JSON has it."""
    breach = one.breach
    return {
        "id": str(breach.pk), "title": breach.title, "metric": breach.line.metric.key,
        "scorecard": str(breach.line.scorecard_id), "from_band": breach.from_band, "to_band": breach.to_band,
        "owner": breach.owner.username if breach.owner else None, "state": breach.state, "opened_at": breach.opened_at,
        "due_at": breach.due_at, "late": one.late, "answer": breach.answer,
        "escalated_to": breach.escalated_to.username if breach.escalated_to else None,
    }  # fmt: skip
