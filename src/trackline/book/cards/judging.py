"""Scorecards judged: each metric by its own targets, the card by weights or flags, and how sure the targets are.

Source: SC-04, SC-05, SC-06, TGT-02, TGT-05, TGT-06, TGT-09.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from trackline.accounts.models import Metric
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.kpi_library import LibraryKpi, library
from trackline.accounts.settings import setting
from trackline.book.cards.accounts import AccountMeasures, Measured, Point
from trackline.book.cards.portfolio import PortfolioMeasures
from trackline.book.dashboards.shapes import Found
from trackline.book.models import Scorecard, ScorecardLine, ScorecardResult
from trackline.book.rules.card_checks import DOMAINS
from trackline.book.rules.card_checks import checks as checks_rule
from trackline.book.rules.card_status import priority
from trackline.book.rules.scorecard import scorecard
from trackline.book.rules.targets import baseline, chance, drift
from trackline.core.decimals import HUNDRED
from trackline.core.periods import quarter_of
from trackline.core.playbook import Explained, Rule
from trackline.core.playbook.inputs import read_inputs
from trackline.core.scales import AMBER, GREEN, RED, UNKNOWN
from trackline.kit.policy import Context
from trackline.kit.records.models import ALIVE

WORDS: Mapping[str, str] = {GREEN: "Met", AMBER: "Missed", RED: "Breached", UNKNOWN: "No data"}
"""What a band means on a scorecard: at the committed target, between it and the minimum, beyond that, not known."""
VOLUMES = ("currency", "count")
"""Units whose drift is told against what is expected, not against the way. Source: TGT-09."""
PAIRED = ("FIN", "GRO", "DEL")
"""Domains whose targets need a guardrail. Source: TGT-06."""


@dataclass(frozen=True)
class Guard:
    """The guardrail of a metric: what it reads, and whether it holds; None where that is not known."""

    metric: Metric
    found: Found
    limit: Decimal
    side: str
    holds: bool | None


@dataclass(frozen=True)
class Line:
    """A metric of a card as judged. `attainment` and `contribution` are points; `chance` is None without history."""

    line: ScorecardLine
    found: Found
    band: str
    attainment: Decimal | None
    weight: Decimal | None
    contribution: Decimal | None
    trend: Sequence[Point]
    guard: Guard | None
    baseline: Explained | None
    chance: Explained | None
    drift: Explained | None

    @property
    def word(self) -> str:
        """The band in a word."""
        return WORDS[self.band]

    @property
    def domain(self) -> str:
        """The domain in words."""
        return DOMAINS[self.line.domain]

    @property
    def leading(self) -> bool:
        """Whether the metric announces rather than confirms."""
        return is_leading(self.line.metric)


@dataclass(frozen=True)
class Judged:
    """A scorecard on a day: its lines in order, the composite where it goes by weights, its band."""

    card: Scorecard
    on: date
    result: Explained
    lines: Sequence[Line]

    @property
    def value(self) -> Decimal | None:
        """The composite, 0 to 100; None by flags or where too little is known."""
        return self.result.value if isinstance(self.result.value, Decimal) else None

    @property
    def band(self) -> str:
        """The colour of the card."""
        return self.result.band or UNKNOWN

    def count(self, band: str) -> int:
        """Return how many lines have a band."""
        return sum(line.band == band for line in self.lines)

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Bands with their words and how many lines each has."""
        return [(band, word, self.count(band)) for band, word in WORDS.items()]


def is_leading(metric: Metric) -> bool:
    """Say whether a metric leads: by the library where it is a KPI of it, else by its own word."""
    kpi = kpi_of(metric)
    return (kpi.kind if kpi else metric.kind) == "leading"


def with_lines(cards: Any) -> Any:
    """Return a query of cards with what judging reads of them."""
    lines = (
        ScorecardLine.objects.filter(ALIVE)
        .select_related("metric", "guardrail", "owner", "client_owner")
        .order_by("pk")
    )
    return cards.select_related("account", "manager").prefetch_related(Prefetch("lines", lines, to_attr="held"))


def judge(ctx: Context, cards: Iterable[Scorecard], on: date, *, history: bool = False) -> list[Judged]:
    """Judge cards that `with_lines` read, as of a day. Cards of accounts take a fixed number of queries together; those of a
    manager or the book some each. With `history` each line knows what it read before, and how sure its target is.
    """
    listed = list(cards)
    overrides = Overrides.load(on)
    of_accounts = [card for card in listed if card.account_id]
    metrics = {metric.pk: metric for card in of_accounts for metric in _metrics(card)}
    ids = {card.account_id for card in of_accounts if card.account_id}
    measured = AccountMeasures(ctx, ids, metrics.values(), on, history=history) if of_accounts else None
    kept = _kept_trends(listed, on) if history else {}
    books: dict[str, PortfolioMeasures] = {}
    found = []
    for card in listed:
        if measured is not None and card.account_id:
            read = {metric.pk: measured.of(card.account_id, metric) for metric in _metrics(card)}
        else:
            name = card.manager.username if card.manager else ""
            book = books.setdefault(name, PortfolioMeasures(ctx, name, on))
            read = {metric.pk: Measured(book.of(metric)) for metric in _metrics(card)}
        read = {pk: one if one.trend else replace(one, trend=kept.get((card.pk, pk), ())) for pk, one in read.items()}
        found.append(_judged(card, on, read, overrides, history=history))
    return found


def _metrics(card: Scorecard) -> Iterable[Metric]:
    found = {line.metric_id: line.metric for line in card.held}
    guards = {line.guardrail.pk: line.guardrail for line in card.held if line.guardrail}
    return (found | guards).values()


def _kept_trends(cards: Sequence[Scorecard], on: date) -> dict[tuple[int, int], list[Point]]:
    """What results kept of metrics that no readings tell of; one query."""
    found: dict[tuple[int, int], list[Point]] = defaultdict(list)
    rows = ScorecardResult.objects.filter(scorecard__in=[card.pk for card in cards], on__lte=on).order_by("on")
    for card, day, lines in rows.values_list("scorecard", "on", "lines"):
        for line in lines:
            if line["value"] is not None:
                found[card, line["metric_id"]].append((day, Decimal(str(line["value"]))))
    return found


def _judged(card: Scorecard, on: date, read: Mapping[int, Measured], overrides: Overrides, *, history: bool) -> Judged:
    tier = card.account.tier if card.account else None

    def run(rule: Rule, given: Mapping[str, Any]) -> Explained:
        in_force = overrides.in_force(rule, on, tier=tier, account_id=card.account_id)
        return rule.explain(read_inputs(rule.inputs, given), in_force, on)

    rows = [
        {
            "key": line.metric.key, "value": read[line.metric_id].found.value,
            **{name: getattr(line, name) for name in ("minimum", "committed", "stretch")},
        }
        for line in card.held
    ]  # fmt: skip
    weighed = run(
        scorecard, {"metrics": [row | {"weight": line.weight} for row, line in zip(rows, card.held, strict=True)]}
    )
    result = weighed
    if card.mode == Scorecard.Mode.PRIORITY:
        flagged = [row | {"flag": line.flag} for row, line in zip(rows, card.held, strict=True)]
        result = run(priority, {"metrics": flagged})
    parts = {part.key: part for part in weighed.parts}
    colours = {part.key: part.band or UNKNOWN for part in (*result.parts, *weighed.parts)}
    lines = []
    for line in card.held:
        one, part = read[line.metric_id], parts.get(line.metric.key)
        sure = _sureness(line, one, on, run) if history else (None, None, None)
        known = part is not None and part.points is not None
        lines.append(
            Line(
                line, one.found, colours.get(line.metric.key, UNKNOWN), part.points if known and part else None,
                part.weight if part else None, part.contribution if known and part else None, one.trend,
                _guard(line, read), *sure,
            )
        )  # fmt: skip
    return Judged(card, on, result, lines)


def _guard(line: ScorecardLine, read: Mapping[int, Measured]) -> Guard | None:
    if line.guardrail is None or line.guardrail_limit is None:
        return None
    found = read[line.guardrail.pk].found
    holds = None
    if found.value is not None:
        at_least = line.guardrail_side == ScorecardLine.Side.AT_LEAST
        holds = found.value >= line.guardrail_limit if at_least else found.value <= line.guardrail_limit
    return Guard(line.guardrail, found, line.guardrail_limit, line.guardrail_side, holds)


def _sureness(
    line: ScorecardLine, read: Measured, on: date, run: Any
) -> tuple[Explained | None, Explained | None, Explained | None]:
    """Return the baseline that the quarters before give, the chance of the committed target, and the drift from the way."""
    based = run(baseline, {"quarters": _quarters(read.trend, on)})
    likely = strayed = None
    if line.committed is not None and based.value is not None:
        given = {
            "mean": based.details["mean"], "sd": based.details["sd"], "target": line.committed,
            "more_is_better": line.metric.direction == "increase",
        }  # fmt: skip
        likely = run(chance, given)
    way = (line.baseline, line.committed, line.baseline_on, line.due_on)
    if None not in way and line.baseline != line.committed and read.found.value is not None:
        assert line.baseline_on and line.due_on
        whole = (line.due_on - line.baseline_on).days
        if whole > 0:
            elapsed = max(min(Decimal((on - line.baseline_on).days) * HUNDRED / whole, HUNDRED), Decimal(0))
            mode = "level" if line.metric.unit in VOLUMES else "gap"
            strayed = run(
                drift,
                {"baseline": line.baseline, "target": line.committed, "actual": read.found.value, "elapsed_pct": elapsed, "mode": mode},
            )  # fmt: skip
    return based, likely, strayed


def _quarters(trend: Sequence[Point], on: date) -> list[Decimal | None]:
    """The last value of each fiscal quarter, up to the one that is over or goes on; None where a quarter has none."""
    if not trend:
        return []
    first = int(setting("book.fiscal_year_start_month"))
    by_quarter = {quarter_of(day, first).start: value for day, value in trend}
    starts, day = [], quarter_of(trend[0][0], first)
    while day.start <= on:
        starts.append(day.start)
        day = quarter_of(day.end.fromordinal(day.end.toordinal() + 1), first)
    found = [by_quarter.get(start) for start in starts]
    return found[:-1] if found and found[-1] is None else found


# -- before it is published ----------------------------------------------------------------------------------------


def checks(card: Scorecard, on: date) -> Explained:
    """Return what a card still lacks before it may go live, and what it warns of. `with_lines` read it."""
    metrics = [
        {
            "key": line.metric.key, "name": line.name, "domain": line.domain, "leading": is_leading(line.metric),
            "formula": bool(line.metric.formula or kpi_of(line.metric)), "source": bool(line.metric.source),
            "owner": line.owner_id is not None,
            "client_owner": line.client_owner_id is not None if card.account_id else None,
            "serves": bool(line.serves), "weight": line.weight,
            **{name: getattr(line, name) for name in ("minimum", "committed", "stretch")},
        }
        for line in card.held
    ]  # fmt: skip
    given = {"audience": card.audience or None, "decisions": card.decisions, "mode": card.mode, "metrics": metrics}
    found: Explained = checks_rule(given, as_of=on)
    return found


def unguarded(card: Scorecard) -> list[ScorecardLine]:
    """Return the lines of finance, growth and service without a guardrail. Source: TGT-06."""
    return [line for line in card.held if line.domain in PAIRED and line.guardrail_id is None]


def kpi_of(metric: Metric) -> LibraryKpi | None:
    """Return the KPI of the library that a metric measures, None where there is none."""
    shelf = library()
    return shelf.kpis.get(metric.source) or next((kpi for kpi in shelf.kpis.values() if kpi.metric == metric.key), None)
