"""Why a score is what it is: its parts, the readings and records behind each input, what changed over a span, its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, Score, ScoreChange
from trackline.accounts.rulebook import queries, telling
from trackline.accounts.rulebook.alike import Alike, alike
from trackline.accounts.rulebook.live import label_of
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import ZERO
from trackline.core.playbook import Difference, Rule
from trackline.kit import formats
from trackline.kit.problems import NotFound
from trackline.kit.records.types import registry
from trackline.workspace.queries.rulebook.words import explained, figure, words_of
from trackline.workspace.records import addresses

SPANS: Mapping[str, tuple[int, str]] = {
    "30": (30, "30 days"), "90": (90, "90 days"), "180": (180, "180 days"), "365": (365, "1 year"),
}  # fmt: skip
"""Spans to look back over, by their days."""
DEFAULT_SPAN = "90"
LINES = 20
"""So many newest lines of the ledger are shown at once."""
CAUSES = {
    "input": "its input changed",
    "parameter": "a figure of the rule changed",
    "missing": "its input went missing",
    "known": "its input became known",
    "coverage": "the weight of other parts fell on it",
}
KINDS = {
    "observation": "Reading",
    "record": "Record",
    "parameters": "Figures of the rule",
    "time": "Time passed",
    "first": "First score",
}
_MOST_OF_A_LIST = 4


@dataclass(frozen=True)
class Link:
    """A record that something came from; without an address where it is gone."""

    text: str
    url: str = ""
    panel: str = ""


@dataclass(frozen=True)
class PartLine:
    """A part now, and by how much its contribution changed over the span."""

    label: str
    said: str
    band: str
    weight: Decimal | None
    points: Decimal | None
    contribution: Decimal | None
    change: Decimal | None
    cause: str


@dataclass(frozen=True)
class SourceLine:
    """Where an input came from, of which day and how old it is."""

    link: Link
    said: str
    on: date | None
    age: str


@dataclass(frozen=True)
class InputLine:
    """An input with its value and sources."""

    label: str
    said: str
    sources: Sequence[SourceLine]
    more: int


@dataclass(frozen=True)
class MissingLine:
    """An input without a value, or a record that leaves it incomplete, and why."""

    link: Link
    why: str


@dataclass(frozen=True)
class Entry:
    """A line of the ledger."""

    change: ScoreChange
    parts: Sequence[tuple[str, Decimal]]
    kind: str
    cause: Link
    cause_on: date | None

    @property
    def before(self) -> str:
        """The value before, as a number or none."""
        return _value(self.change.from_value)

    @property
    def after(self) -> str:
        """The value after, as a number or none."""
        return _value(self.change.to_value)


@dataclass(frozen=True)
class Why:
    """One score of an account, opened."""

    rule_id: str
    title: str
    about: Sequence[str]
    score: Score
    preset: str
    points: Sequence[tuple[date, Decimal | None]]
    span: str
    start: date
    end: date
    cuts: tuple[Decimal, Decimal] | None
    before: Score | None
    difference: Difference | None
    alike: Alike | None
    parts: Sequence[PartLine]
    inputs: Sequence[InputLine]
    missing: Sequence[MissingLine]
    details: Sequence[tuple[str, str]]
    entries: Sequence[Entry]
    more: bool

    @property
    def said(self) -> str:
        """The value in words."""
        return self.score.text.replace("_", " ") or _value(self.score.value)

    @property
    def has_points(self) -> bool:
        """Whether parts earn points, as in weighted scores."""
        return any(part.contribution is not None for part in self.parts)

    @property
    def charted(self) -> bool:
        """Whether there is a line to draw."""
        return sum(value is not None for _, value in self.points) > 1

    @property
    def finding(self) -> str:
        """What happened over the span, in a sentence."""
        words = SPANS[self.span][1]
        if self.before is None or self.difference is None:
            return f"Nothing to compare with: this is the only score of the last {words}."
        then = self.before.text.replace("_", " ") or _value(self.before.value)
        since = f"since {formats.day(self.before.on, self.end)}"
        if self.difference.empty or not self.moved:
            return f"Nothing moved {since}."
        said = f"{then} → {self.said}" if then != self.said else f"Still {self.said}"
        parts = [f"{one.label} {formats.delta(one.change, decimals=1)}" for one in self.moved if one.change][:3]
        return f"{said} {since}{': ' if parts else '.'}{', '.join(parts)}{'.' if parts else ''}"

    @property
    def moved(self) -> Sequence[PartLine]:
        """The parts that moved over the span, the furthest first."""
        return sorted((one for one in self.parts if one.cause), key=lambda one: -abs(one.change or ZERO))

    @property
    def like_with_like(self) -> str:
        """What moved once figures and inputs are the same on both days, in a sentence; "" where they were anyway."""
        if self.alike is None or self.alike.plain:
            return ""
        return told_alike(self.alike, self.rule_id)

    @property
    def rules_changed(self) -> Sequence[tuple[str, str, str]]:
        """Figures of the rule that differ between both days: which, before, after."""
        found = self.difference.parameters if self.difference else ()
        return [
            (" › ".join(map(words_of, one.path.split("."))), figure(one.before), figure(one.after)) for one in found
        ]


def told_alike(found: Alike, rule_id: str) -> str:
    """Say a comparison like with like in a sentence, with what made it necessary."""
    before, after = (side.value for side in (found.before, found.after))
    if not isinstance(before, Decimal | int) or not isinstance(after, Decimal | int):
        return "Like with like there is no score on both days."
    left = [label_of(rule_id, name) for name in found.left_out]
    moved = formats.delta(Decimal(after) - Decimal(before), decimals=1)
    said = f"Like with like {_value(Decimal(before))} → {_value(Decimal(after))} ({moved})"
    why = ["under today's figures"] if found.restated else []
    why += (
        [
            f"without {', '.join(left[:3])}{f' and {len(left) - 3} more' if len(left) > 3 else ''}, which one of both days lacks"
        ]
        if left
        else []
    )
    return f"{said}: {' and '.join(why)}."


def why_of(account: Account, rule_id: str, today: date, *, preset: str = "", span: str = DEFAULT_SPAN) -> Why:
    """Return a score opened, over a span; raises `NotFound` where the account has none. Seven queries at most."""
    span = span if span in SPANS else DEFAULT_SPAN
    start = today - timedelta(days=SPANS[span][0])
    line = queries.points(account.pk, rule_id, preset)
    if not line:
        raise NotFound(f"There is no score of {rule_id[:80]} on {account.name}.")
    older = [point for point in line if point.on <= start]
    shown = [*older[-1:], *(point for point in line if point.on > start)]
    found = Score.objects.in_bulk({shown[0].pk, line[-1].pk})
    score = found[line[-1].pk]
    before = found[shown[0].pk] if shown[0].pk != score.pk else None
    difference = queries.difference(before, score) if before else None
    rule = telling.rule_of(rule_id)
    lines = queries.ledger(account.pk, rule_id, preset, limit=LINES + 1)
    return Why(
        rule_id,
        telling.title_of(rule_id),
        explained(rule) if rule else (),
        score,
        preset,
        [(max(point.on, start), point.value) for point in shown],
        span,
        start,
        today,
        _cuts(rule, score, [point.value for point in shown]),
        before,
        difference,
        alike(rule, before, score, Overrides.load(today), account.tier) if before and rule else None,
        list(_parts(score, before, difference)),
        list(_inputs(score)),
        [_missing(one, rule_id, today) for one in score.missing],
        list(_details(score)),
        [entry_of(change) for change in lines[:LINES]],
        len(lines) > LINES,
    )


def _cuts(rule: Rule | None, score: Score, values: Sequence[Decimal | None]) -> tuple[Decimal, Decimal] | None:
    """Where green and amber begin, in rules with scores of 0 to 100 that have these colours."""
    parameters: Any = rule.in_force(score.on, score.preset or None).parameters if rule else None
    bands: Any = getattr(parameters, "bands", None)
    cuts = getattr(bands, "cuts", ())
    if [cut.band for cut in cuts] != ["green", "amber"] or any(v is not None and not 0 <= v <= 100 for v in values):
        return None
    return Decimal(bands.limit("green")), Decimal(bands.limit("amber"))


def _parts(score: Score, before: Score | None, difference: Difference | None) -> Iterator[PartLine]:
    moved = {part.key: part for part in difference.parts} if difference else {}
    now = {part["key"] for part in score.parts}
    gone = [part for part in (before.parts if before else ()) if part["key"] not in now]
    for part in [*score.parts, *gone]:
        change = moved.get(part["key"])
        lost = part["key"] not in now
        yield PartLine(
            part["label"],
            "missing" if lost else said(part["input"]),
            "unknown" if lost else part["band"] or "",
            None if lost else _number(part["weight"]),
            None if lost else _number(part["points"]),
            None if lost else _number(part["contribution"]),
            change.delta if change else None,
            ", ".join(CAUSES[cause] for cause in change.causes) if change else "",
        )


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _inputs(score: Score) -> Iterator[InputLine]:
    for one in telling.inputs_of([score])[*score.key, score.on]:
        lines = [_source(source) for source in one.sources]
        yield InputLine(
            label_of(score.rule, one.name), said(one.value), lines[:_MOST_OF_A_LIST], len(lines[_MOST_OF_A_LIST:])
        )


def _missing(one: Mapping[str, Any], rule_id: str, today: date) -> MissingLine:
    label = label_of(rule_id, one["input"])
    if one.get("lacks"):
        pk = one.get("record_id")
        link = _link(str(one.get("record_type", "")), int(pk) if pk else None, str(one.get("label") or label))
        return MissingLine(link, f"no {', '.join(one['lacks'])}")
    last = date.fromisoformat(one["last_on"]) if one.get("last_on") else None
    why = f"last reading {formats.day(last, today)}" if last else "nothing recorded"
    return MissingLine(Link(label), f"{why}, out of range" if one.get("refused") else why)


def _details(score: Score) -> Iterator[tuple[str, str]]:
    """What a rule tells besides its value, as far as it fits into a line each."""
    for name, value in score.details.items():
        if isinstance(value, Mapping):
            continue
        if value not in (None, "", []):
            yield words_of(name), said(value)


def _source(source: telling.Source) -> SourceLine:
    value = "" if source.value is None else formats.number(source.value)
    age = "" if not source.age_days else f"{source.age_days} d old"
    return SourceLine(_link(source.record_type, source.record_id, source.label, source.gone), value, source.on, age)


def _link(record_type: str, pk: int | None, label: str, gone: bool = False) -> Link:
    rtype = registry.find(record_type) if record_type else None
    if rtype is None or pk is None or gone:
        return Link(label)
    return Link(label or rtype.label, addresses.page(rtype, pk), "" if rtype.is_account else addresses.panel(rtype, pk))


def entry_of(change: ScoreChange) -> Entry:
    """Return a line of the ledger with its cause as a link."""
    cause = change.cause
    pk = cause.get("record_id")
    told = [
        (part["label"], Decimal(str(part["delta"]))) for part in change.difference.get("parts", ()) if part["delta"]
    ]
    return Entry(
        change,
        told,
        KINDS.get(cause.get("kind", ""), cause.get("kind", "")),
        _link(cause.get("record_type", ""), int(pk) if pk else None, cause.get("label", "")),
        date.fromisoformat(cause["on"]) if cause.get("on") else None,
    )


def said(value: Any) -> str:
    """An input in words: numbers as numbers, lists by their length where they are long."""
    if isinstance(value, list) and (len(value) > _MOST_OF_A_LIST or any(isinstance(one, Mapping) for one in value)):
        return f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
    if isinstance(value, str):
        return value.replace("_", " ")
    return figure(value)


def _value(value: Decimal | None) -> str:
    return "no score" if value is None else formats.number(value, 0 if value == value.to_integral_value() else 1)
