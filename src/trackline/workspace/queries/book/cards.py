"""Scorecards as their pages and files show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from trackline.accounts.models import User
from trackline.book.cards.judging import WORDS, Judged, Line, checks, unguarded
from trackline.book.models import Scorecard, ScorecardLine, ScorecardResult
from trackline.book.queries.scorecards import Asked, Clock, Listed
from trackline.book.rules.card_checks import DOMAINS
from trackline.book.rules.card_presets import presets
from trackline.core.decimals import ONE, plain
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Sheet, columns_of, measured

PATH = "/book/scorecards"
VERDICTS: Mapping[str, str] = {"hard": "hard to reach", "realistic": "realistic", "easy": "easily reached"}
STATES = tuple((state.value, str(state.label)) for state in Scorecard.State)
OFFERED = 500
"""So many accounts are offered to choose from."""
LEVELS = (("book", "The whole book"), ("manager", "Managers"), ("account", "Accounts"))


@dataclass(frozen=True)
class Row:
    """A line of a card in words: value, targets, the range between minimum and stretch, confidence, guardrail."""

    line: Line
    value: str
    targets: Sequence[tuple[str, str]]
    committed: str
    chance: str
    verdict: str
    why_chance: str
    guard: str
    drift: str
    expected: str
    strays: bool
    share: Decimal | None

    @property
    def record(self) -> ScorecardLine:
        """The metric of the card as a record."""
        return self.line.line


@dataclass(frozen=True)
class Group:
    """The metrics of a domain."""

    label: str
    rows: Sequence[Row]


def asked_of(query: QueryDict) -> Asked:
    """Read which scorecards an address asks for; what means nothing is left out."""

    def word(name: str, known: Mapping[str, Any]) -> str:
        value = query.get(name, "")
        return value if value in known else ""

    page = query.get("page", "")
    return Asked(
        word("level", dict(LEVELS)),
        word("state", dict(STATES)),
        query.get("q", "").replace("\x00", "").strip()[:120],
        max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )


def groups_of(found: Judged) -> list[Group]:
    """Return the lines of a judged card by domain, in the order of the domains."""
    rows = [row_of(line) for line in found.lines]
    parts = [Group(label, [row for row in rows if row.record.domain == key]) for key, label in DOMAINS.items()]
    return [part for part in parts if part.rows]


def row_of(line: Line) -> Row:
    """Return a line in words."""
    one, found = line.line, line.found
    named = (("Minimum", one.minimum), ("Committed", one.committed), ("Stretch", one.stretch))
    told = [(label, found.words(target) if target is not None else "not set") for label, target in named]
    chance, verdict, why = _chance(line)
    return Row(
        line, found.words(found.value), told, told[1][1], chance, verdict, why, _guard(line), *_drift(line), _strays(line),
        None if line.attainment is None else min(max(line.attainment, Decimal(0)), Decimal(100)),
    )  # fmt: skip


def _chance(line: Line) -> tuple[str, str, str]:
    """Confidence in a committed target: percent, verdict, and what it rests on."""
    if line.chance is None or line.chance.value is None or line.baseline is None:
        held = line.baseline.notes[0] if line.baseline and line.baseline.notes else "No quarter is known."
        return "", "", f"Not known: {held}"
    value, details = line.chance.value, line.baseline.details
    assert isinstance(value, Decimal)
    mean, quarters = line.found.words(details["mean"]), details["quarters"]
    low, high = (line.found.words(end) for end in line.chance.details["between"])
    why = f"{quarters} quarters around {mean}; a target between {low} and {high} would be realistic"
    certain = (
        "over 99 %" if value > 100 - ONE else "under 1 %" if value < ONE else formats.percent(Decimal(int(value)), 0)
    )
    return certain, VERDICTS[line.chance.details["verdict"]], why


def _guard(line: Line) -> str:
    guard = line.guard
    if guard is None:
        return ""
    side = "at least" if guard.side == ScorecardLine.Side.AT_LEAST else "at most"
    return f"{guard.metric.name} {guard.found.words(guard.found.value)}, {side} {guard.found.words(guard.limit)}"


def _drift(line: Line) -> tuple[str, str]:
    """How far a metric is from its way, and where it should be."""
    found = line.drift
    if found is None or not isinstance(found.value, Decimal):
        return "", ""
    way = "ahead of its way" if found.value >= 0 else "behind its way"
    return (
        f"{formats.percent(abs(found.value), 0)} {way}",
        f"{line.found.words(found.details['expected'])} expected today",
    )


def _strays(line: Line) -> bool:
    """Whether a metric is further behind its way than it may be."""
    found = line.drift
    return bool(found and found.details.get("alert") and isinstance(found.value, Decimal) and found.value < 0)


def readiness(card: Scorecard, on: Any) -> dict[str, Any]:
    """Return what a card lacks before it may go live, and what it warns of."""
    found = checks(card, on)
    bare = [line.name for line in unguarded(card)]
    warnings = [*found.details["warnings"], *([f"Without a guardrail: {', '.join(bare)}."] if bare else [])]
    return {"ready": found.details["ready"], "missing": found.details["missing"], "warnings": warnings}


def alarms_of(waiting: Sequence[Clock]) -> str:
    """Say how many of the breaches told last were false alarms, "" where none was. Source: SC-09."""
    judged = [one for one in waiting if one.breach.verdict != "unjudged"]
    false = sum(one.breach.verdict == "false" for one in judged)
    if not false:
        return ""
    share = formats.percent(Decimal(false) * 100 / len(judged), 1)
    return f"{false} of {len(judged)} judged were false alarms, {share}"


def finding_of(found: Judged) -> str:
    """Say in a line how a card stands."""
    said = [f"{count} {word.lower()}" for _band, word, count in found.counts if count]
    return ", ".join(said) or "no metrics yet"


def kept_words(result: ScorecardResult) -> str:
    """Say in a line how a kept result stood."""
    counts = [(word, sum(line["band"] == band for line in result.lines)) for band, word in WORDS.items()]
    return ", ".join(f"{count} {word.lower()}" for word, count in counts if count)


def offers(ctx: Context) -> dict[str, Any]:
    """Return the standard scorecards, with the accounts and managers that have none; four queries."""
    held = Scorecard.objects.alive().exclude(state="archived").exclude(preset="")
    taken = set(held.values_list("preset", "account", "manager"))
    found, whole = presets(ctx.today), ctx.actor.visible is None
    seen = scoped(ctx, registry.get("account")).exclude(status__in=("archived", "churned"))
    people = User.objects.filter(pk__in=seen.exclude(owner=None).order_by().values("owner")).order_by("name", "pk")
    accounts = seen.order_by("name", "pk").only("pk", "name")[:OFFERED]
    return {
        "presets": found,
        "accounts": [one for one in accounts if ("account", one.pk, None) not in taken],
        "managers": [
            one for one in people if (whole or one.pk == ctx.actor.user_id) and ("manager", None, one.pk) not in taken
        ],
        "book": whole and ("book", None, None) not in taken,
    }


# -- files ---------------------------------------------------------------------------------------------------------


def list_lines(rows: Sequence[Listed]) -> Iterator[list[Any]]:
    """Yield the heading and one line a scorecard."""
    yield ["Scorecard", "Of", "State", "As of", "Composite", "Colour", *WORDS.values(), "Breaches", "Late answers"]
    for one in rows:
        yield [
            one.card.name, one.of, one.card.get_state_display(), one.result.on if one.result else None,
            round(one.result.value, 1) if one.result and one.result.value is not None else None,
            one.band, *one.counts.values(), one.breaches, one.late,
        ]  # fmt: skip


def card_lines(found: Judged) -> Iterator[list[Any]]:
    """Yield the heading and one line a metric of a judged scorecard."""
    yield [
        "As of", "Domain", "Metric", "Leading", "Unit", "Value", "Read", "Minimum", "Committed", "Stretch", "Result", "Attainment %",
        "Weight %", "Points", "Flag", "Baseline", "Chance %", "Verdict", "Drift %", "Guardrail", "Guardrail holds", "Owner",
        "Customer's owner", "Serves", "When missed",
    ]  # fmt: skip
    for line in found.lines:
        one, row = line.line, row_of(line)
        holds = {True: "yes", False: "no", None: ""}[line.guard.holds if line.guard else None]
        yield [
            found.on, line.domain, one.name, "yes" if line.leading else "no", one.metric.unit, _short(line.found.value),
            line.found.oldest or line.found.as_of, *map(_short, (one.minimum, one.committed, one.stretch)), line.word,
            _short(line.attainment), _short(line.weight), _short(line.contribution), one.flag, _short(one.baseline),
            _short(line.chance.value if line.chance else None), row.verdict, _short(line.drift.value if line.drift else None),
            row.guard, holds, one.owner.name if one.owner else "", one.client_owner.name if one.client_owner else "", one.serves,
            one.action,
        ]  # fmt: skip


READINGS = ("Value", "Minimum", "Committed", "Stretch", "Baseline")


def sheet_of(name: str, lines: Iterator[list[Any]]) -> Sheet:
    """Return lines with their heading as a sheet; readings are cells of the unit that stands beside them."""
    heading = next(lines)
    if "Unit" not in heading:
        return Sheet(name, columns_of(heading), list(lines))
    unit, read = heading.index("Unit"), {heading.index(one) for one in READINGS}
    rows = [[measured(cell, line[unit]) if at in read else cell for at, cell in enumerate(line)] for line in lines]
    return Sheet(name, columns_of(heading), rows)


def _short(value: Any) -> Any:
    return plain(round(value, 2)) if isinstance(value, Decimal) else value
