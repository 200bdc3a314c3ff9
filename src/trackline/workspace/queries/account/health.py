"""The computed health of an account as its overview shows it: score, parts, trend over a span, what changed in it, what is
missing, what contradicts. Scores of the span are compared like with like: under today's figures, on inputs both days have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from trackline.accounts.models import Account, Metric, Observation, Score, ScoreChange
from trackline.accounts.rulebook.alike import Alike, alike, restated
from trackline.accounts.rulebook.feeding import SETTING
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.core.decimals import ZERO
from trackline.core.periods import months_before
from trackline.core.playbook.rules import PRESET
from trackline.kit import formats
from trackline.track.health import JUDGED, MODELS, RULES, STALE_DAYS
from trackline.track.rules.disagreement import WORDS, disagreement, way_of
from trackline.track.rules.health_inputs import RELATIONSHIP, USAGE, wiring
from trackline.workspace.queries.account.why import DEFAULT_SPAN, SPANS, Entry, entry_of, told_alike

ENTRIES = 5
"""So many changes of the span are told at once, those that moved the score furthest."""
TRENDS = {
    "decreasing": "fewer", "none_open": "none open", "stable": "stable", "increasing": "more", "escalated": "escalated",
}  # fmt: skip
GATES = {
    "nps": "NPS",
    "benefit_realization": "benefit realization",
    "champions_per_unit": "champions in each unit",
    "negative_streak": "two falling quarters",
    "champion_velocity": "champions lost",
    "sponsor_exit": "sponsor gone",
    "legal_dispute": "legal dispute",
    "composite": "score below 60",
}
"""What the relationship model tells besides its score."""


@dataclass(frozen=True)
class PartRow:
    """One part of the score: points of what it can earn, what it judged, and the change in the window."""

    label: str
    said: str
    title: str
    band: str
    points: Decimal | None
    most: Decimal
    change: Decimal | None

    @property
    def share(self) -> Decimal | None:
        """Points in % of what the part can earn."""
        return None if self.points is None or not self.most else 100 * self.points / self.most


@dataclass(frozen=True)
class Missing:
    """An input without a value, why, and how it is filled; `metric` is the first metric that fills it."""

    label: str
    why: str
    get: str
    metric: str


@dataclass(frozen=True)
class Trend:
    """Scores of a span, oldest first, over the bands of the model; None where there was no score.

    `restated_until` is the last day whose score was made under other figures and is drawn under today's.
    """

    start: date
    end: date
    points: Sequence[tuple[date, Decimal | None]]
    green: Decimal
    amber: Decimal
    restated_until: date | None = None

    @property
    def known(self) -> bool:
        """Whether there is a score to draw."""
        return any(value is not None for _, value in self.points)


@dataclass(frozen=True)
class Model:
    """What one model finds."""

    preset: str
    value: Decimal | None
    band: str
    on: date
    coverage_pct: Decimal
    version: str
    missing: Sequence[Missing]
    gates: Sequence[str]

    @property
    def rule_id(self) -> str:
        """The id of the rule that computes it."""
        return RULES[self.preset].id

    @property
    def description(self) -> str:
        """What that rule says in plain words."""
        return RULES[self.preset].description


@dataclass(frozen=True)
class Disagreement:
    """Score and ARR say different things; money is of twelve months ago and now."""

    words: str
    pct: Decimal
    before: Decimal
    before_on: date
    now: Decimal


@dataclass(frozen=True)
class Health:
    """The health section of the overview."""

    shown: Model
    other: Model | None
    parts: Sequence[PartRow]
    total_change: Decimal | None
    before_on: date | None
    alike: Alike | None
    span: str
    trend: Trend
    entries: Sequence[Entry]
    as_of: date | None
    stale: bool
    disagreement: Disagreement | None

    @property
    def finding(self) -> str:
        """The trend in a sentence."""
        known = [value for _, value in self.trend.points if value is not None]
        if not known:
            return f"No score in {self.span_words}."
        low, high = min(known), max(known)
        now = "no score today" if self.shown.value is None else f"{formats.number(self.shown.value, 1)} today"
        return f"Between {formats.number(low, 1)} and {formats.number(high, 1)} in {self.span_words}, {now}."

    @property
    def span_words(self) -> str:
        """The span in words."""
        return SPANS[self.span][1]

    @property
    def like_with_like(self) -> str:
        """What made it necessary to state the earlier score anew, in a sentence; "" where nothing did."""
        return told_alike(self.alike, self.shown.rule_id) if self.alike and not self.alike.plain else ""


def health_of(account: Account, today: date, span: str = DEFAULT_SPAN) -> Health | None:
    """Return the computed health of an account over a span, or None while nothing has been computed; in six queries, one
    more where figures of the rule changed in the span."""
    span = span if span in SPANS else DEFAULT_SPAN
    start = today - timedelta(days=SPANS[span][0])
    rows = Score.objects.filter(account=account, rule__in=list(MODELS), preset="", on__lte=today)
    line = [
        _Point(pk, MODELS[rule], on, value, version)
        for pk, rule, on, value, version in rows.order_by("on").values_list("pk", "rule", "on", "value", "version")
    ]
    preset = (account.health or {}).get("preset") or USAGE
    mine = [one for one in line if one.model == preset]
    if not mine:
        return None
    older = [one for one in mine if one.on <= start]
    shown = [*older[-1:], *(one for one in mine if one.on > start)]
    newest = {one.model: one.pk for one in line}
    found = Score.objects.in_bulk({*newest.values(), shown[0].pk})
    score = found[newest[preset]]
    before = found[shown[0].pk] if shown[0].pk != score.pk else None
    overrides, rule = Overrides.load(today), RULES[preset]
    same = alike(rule, before, score, overrides, account.tier) if before else None
    other = found.get(newest.get(RELATIONSHIP if preset == USAGE else USAGE, 0))
    as_of = date.fromisoformat(account.health["as_of"]) if (account.health or {}).get("as_of") else None
    return Health(
        shown=_model(score, today),
        other=_model(other, today) if other else None,
        parts=_parts(score, same),
        total_change=same.difference.delta if same else None,
        before_on=before.on if before else None,
        alike=same,
        span=span,
        trend=_trend(account, preset, shown, overrides, start, today),
        entries=_entries(account, rule.id, start),
        as_of=as_of,
        stale=as_of is not None and (today - as_of).days > STALE_DAYS,
        disagreement=_disagreement(account, score, today),
    )


class _Point(NamedTuple):
    """What the line needs of a score."""

    pk: int
    model: str
    on: date
    value: Decimal | None
    version: str


def _trend(
    account: Account, preset: str, line: Sequence[_Point], overrides: Overrides, start: date, today: date
) -> Trend:
    """Return the line of a span with every score under today's figures."""
    rule = RULES[preset]
    bands: Any = overrides.in_force(rule, today, tier=account.tier, account_id=account.pk).parameters
    others = [one.pk for one in line if one.version != line[-1].version]
    anew: dict[int, Decimal | None] = {}
    for pk, score in (Score.objects.in_bulk(others) if others else {}).items():
        value = restated(rule, score, overrides, account.tier, today).value
        anew[pk] = Decimal(value) if isinstance(value, Decimal | int) else None
    points = [(max(one.on, start), anew.get(one.pk, one.value)) for one in line]
    moved = [one.on for one in line if one.pk in anew and anew[one.pk] != one.value]
    return Trend(start, today, points, bands.bands.limit("green"), bands.bands.limit("amber"), max(moved, default=None))


def _entries(account: Account, rule_id: str, start: date) -> list[Entry]:
    """The changes of the span that moved the score furthest, the newest first; one query."""
    rows = ScoreChange.objects.filter(account=account, rule=rule_id, preset="", on__gt=start).select_related("by")
    moved = [one for one in rows.order_by("-pk") if one.from_value is not None and one.from_value != one.to_value]
    moved.sort(key=lambda one: -abs((one.to_value or ZERO) - (one.from_value or ZERO)))
    return [entry_of(one) for one in sorted(moved[:ENTRIES], key=lambda one: -one.pk)]


def metric_ids(health: Health | None) -> dict[str, int]:
    """Return the ids of the metrics that fill what is missing, by key; one query where something is."""
    keys = {one.metric for one in health.shown.missing if one.metric} if health else set()
    if not keys:
        return {}
    metrics = Metric.objects.filter(key__in=keys, account__isnull=True, deleted_at__isnull=True)
    return dict(metrics.values_list("key", "pk"))


def _model(row: Score, today: date) -> Model:
    changed = setting(SETTING).get(row.rule, {})
    feeds = wiring().models[MODELS[row.rule]].adjusted(changed).inputs
    missing = []
    for one in row.missing:
        feed = feeds[one["input"]]
        last = date.fromisoformat(one["last_on"]) if one["last_on"] else None
        why = f"last reading {formats.day(last, today)}" if last else "no reading"
        if one.get("refused"):
            why = f"reading of {formats.day(last, today)} is out of range" if last else "out of range"
        metrics = feed.sources[0].metrics
        missing.append(Missing(feed.label, why, feed.get, metrics[0] if metrics else ""))
    gates = [GATES.get(key, key.replace("_", " ")) for key in row.details.get("gates_failed", ())]
    return Model(MODELS[row.rule], row.value, row.band, row.on, row.coverage_pct, row.version, missing, gates)


def _parts(score: Score, same: Alike | None) -> list[PartRow]:
    """Return each part of the model; what a part can earn is its weight among those with data."""
    rule, feeds = RULES[MODELS[score.rule]], wiring().feeds[MODELS[score.rule]]
    preset = score.inputs.get(PRESET, {}).get("value")
    weights: Any = rule.in_force(score.on, preset).parameters
    moved = {part.key: part.delta for part in same.difference.parts} if same else {}
    then = {part.key for part in same.before.parts} if same else set()
    now = {part["key"]: part for part in score.parts}
    labels = {part["key"]: part["label"] for part in score.parts} | (
        {part.key: part.label for part in same.before.parts} if same else {}
    )
    rows = []
    for key, weight in weights.weights.items():
        part = now.get(key)
        weight = Decimal(str(part["weight"])) if part and part["weight"] is not None else weight
        points = _points(part) if part else None
        names = [name for name in JUDGED.get(key, ()) if name in score.inputs]
        change = moved.get(key, ZERO) if key in then and points is not None else None
        most = 100 * Decimal(str(weight)) / score.coverage_pct if score.coverage_pct and points is not None else weight
        label = labels.get(key) or key.replace("_", " ").capitalize()
        said = ", ".join(_said(feeds[name].says, score.inputs[name]) for name in names)
        title = "; ".join(_origin(score.inputs[name]) for name in names)
        band = (part["band"] if part else None) or "unknown"
        rows.append(PartRow(label, said or "no reading", title, band, points, Decimal(str(most)), change))
    return rows


def _points(part: Mapping[str, Any]) -> Decimal | None:
    return None if part["contribution"] is None else Decimal(str(part["contribution"]))


def _said(words: str, given: Mapping[str, Any]) -> str:
    value = given["value"]
    if value in TRENDS:
        moved = given.get("change_pct")
        return f"{formats.delta(moved)}{formats.NBSP}% in 30 d" if moved is not None else TRENDS[value]
    return words.format(value=formats.number(value, 0 if float(value).is_integer() else 1)) if value is not None else ""


def _origin(given: Mapping[str, Any]) -> str:
    metrics = " and ".join(given.get("metrics", ())) or "records"
    on = f", reading of {formats.day(date.fromisoformat(given['on']))}" if given.get("on") else ""
    return f"{metrics}{on}"


def _disagreement(account: Account, score: Score, today: date) -> Disagreement | None:
    """Say where score and ARR part: healthy but shrinking, ailing but growing; one query."""
    year = months_before(today, wiring().disagreement_months)
    rows = Observation.objects.filter(
        Q(metric__account__isnull=True), account=account, metric__key="arr", deleted_at__isnull=True,
        on__range=(year - timedelta(days=92), today),
    )  # fmt: skip
    readings = list(rows.order_by("on").values_list("on", "value"))
    earlier = [one for one in readings if one[0] <= year]
    if not earlier or not earlier[-1][1] or score.value is None:
        return None
    (before_on, before), (_, now) = earlier[-1], readings[-1]
    pct, limit = 100 * (now - before) / before, wiring().disagreement_pct
    # The score's own band: a gate that holds the colour back does not make an account ailing.
    parameters: Any = RULES[MODELS[score.rule]].in_force(today).parameters
    found = disagreement(parameters.bands.of(score.value), [way_of(pct, limit)])
    return Disagreement(WORDS[found], pct, before, before_on, now) if found else None
