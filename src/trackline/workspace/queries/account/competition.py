"""Competitors of an account against us: the page of the tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from trackline.align.models import WhitespaceCell
from trackline.kit import formats
from trackline.reveal.checklists import run_of
from trackline.track.competition import Standing, position_of, standings
from trackline.track.models import CompetitivePosition, Competitor
from trackline.track.rules.checklists import Run
from trackline.track.rules.competition import DIMENSIONS
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
STANCES: Mapping[str, str] = {
    "defend": "terms over several years, premium bundles",
    "differentiate": "a roadmap where we are hard to copy",
    "disrupt": "prices by outcome, a pilot built together",
    "disengage": "leave in good order, put people where they win",
    "concede": "leave this one to them",
}
"""What a stance calls for. Source: CMPT-06."""


@dataclass(frozen=True)
class Mark:
    """A competitor on one dimension: their score and how far we are ahead."""

    theirs: int | None
    ahead: Decimal | None
    stance: str | None

    @property
    def tone(self) -> str:
        """Ahead, behind, level, or unknown."""
        return (
            "unknown" if self.ahead is None else "ahead" if self.ahead > 0 else "behind" if self.ahead < 0 else "level"
        )

    @property
    def words(self) -> str:
        """How far we are ahead, in words."""
        if self.ahead is None:
            return "not scored"
        size = formats.number(abs(self.ahead), 0)
        return "level" if not self.ahead else f"{size} {'ahead' if self.ahead > 0 else 'behind'}"


@dataclass(frozen=True)
class Row:
    """A competitor as the page shows it."""

    standing: Standing
    marks: Sequence[Mark]

    @property
    def record(self) -> Competitor:
        """The competitor."""
        return self.standing.record

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"competitor/{self.record.pk}"

    @property
    def suggestion(self) -> str:
        """The stance that the scores suggest, with what it calls for."""
        found = self.standing.suggested
        return f"{found}, {STANCES[found]}" if found else ""

    @property
    def differs(self) -> bool:
        """Whether the stance chosen is another one than the scores suggest."""
        return bool(self.record.stance and self.standing.suggested and self.record.stance != self.standing.suggested)


@dataclass(frozen=True)
class Dimension:
    """A dimension with its weight for the customer (None: not stated) and our own score."""

    key: str
    label: str
    weight: int | None
    ours: int | None


@dataclass(frozen=True)
class CompetitionPage:
    """What the tab shows. `named` are competitors of the white space that are not on the list, with their cells."""

    rows: Sequence[Row]
    position: CompetitivePosition | None
    dimensions: Sequence[Dimension]
    named: Sequence[tuple[str, int, acts.Act]]
    absent: Sequence[str]
    set_position: acts.Act
    add: acts.Act
    ready: Run
    past: bool
    """Whether competitors stand that are no longer watched."""

    @property
    def finding(self) -> str:
        """The nearest rival in a sentence."""
        if not self.rows:
            return "nobody is on the list"
        told = [row for row in self.rows if row.standing.gap.value is not None]
        if not told:
            return f"{len(self.rows)} on the list, not scored enough to compare"
        worst = told[0]
        gap = worst.standing.gap.value
        assert isinstance(gap, Decimal)
        if gap == 0:
            return f"{worst.record.name} is level with us"
        size = formats.number(abs(gap), 1)
        return f"{worst.record.name} is {size} {'behind' if gap > 0 else 'ahead of'} us, of 5"

    @property
    def ours(self) -> Decimal | None:
        """Our weighted score, where it is the same against everybody."""
        found = {row.standing.gap.details["ours"] for row in self.rows} - {None}
        return found.pop() if len(found) == 1 else None

    @property
    def open(self) -> int:
        """Priorities that nothing is planned for."""
        return sum(row.standing.needs_action for row in self.rows)


def competition_page(head: Head, today: date) -> CompetitionPage:
    """Return the competitors of an account, whoever is furthest ahead first; a fixed number of queries."""
    account = head.account.pk
    records = Competitor.objects.filter(ALIVE, account=account, active=True).select_related("account", "owner")
    listed = list(records)
    position = position_of(account)
    rows = [Row(one, _marks(one)) for one in standings(listed, today)]
    dimensions = [
        Dimension(key, label, position.weights[key] if position else None, position.scores[key] if position else None)
        for key, label in DIMENSIONS.items()
    ]
    kinds = {record.type for record in listed}
    return CompetitionPage(
        rows,
        position,
        dimensions,
        _named(account),
        [str(label).lower() for kind, label in Competitor.Type.choices if kind not in kinds] if listed else (),
        acts.open_record("competitive_position", position.pk, "Change weights and our scores")
        if position
        else acts.create("competitive_position", "Say what they weigh", account=account),
        acts.create("competitor", "Add a competitor", account=account),
        run_of(head.account, "competition_ready", today),
        Competitor.objects.filter(ALIVE, account=account, active=False).exists(),
    )


def row_of(competitor: Competitor, today: date) -> Row:
    """Return one competitor as the page shows it."""
    found = standings([competitor], today)[0]
    return Row(found, _marks(found))


def _marks(standing: Standing) -> list[Mark]:
    ahead: dict[str, Any] = {part.key: part.points for part in standing.gap.parts}
    scores, stances = standing.record.scores, standing.gap.details["stances"]
    return [Mark(scores[key], ahead.get(key), stances[key]) for key in DIMENSIONS]


def _named(account: int) -> list[tuple[str, int, acts.Act]]:
    """Names that white space gives to whoever holds a cell and the list does not know."""
    cells = WhitespaceCell.objects.filter(ALIVE, business_unit__account=account, business_unit__deleted_at__isnull=True)
    counted = cells.exclude(competitor="").values_list("competitor").annotate(cells=Count("pk")).order_by("competitor")
    known = {
        name.casefold() for name in Competitor.objects.filter(ALIVE, account=account).values_list("name", flat=True)
    }
    return [
        (name, count, acts.create("competitor", f"Add {name}", account=account, name=name, type="incumbent"))
        for name, count in counted
        if name.strip().casefold() not in known
    ]
