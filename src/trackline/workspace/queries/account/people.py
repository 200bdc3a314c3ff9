"""The people of an account on the power grid: influence by sentiment, or by interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Q

from trackline.accounts.models import Contact
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.stakeholders import Standing, grid
from trackline.core.playbook import InForce
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
PILLS = 6
"""So many people of a cell stand there at once; the others unfold."""
AXES = ("sentiment", "interest")
QUADRANTS: Mapping[str, tuple[str, str]] = {
    "mobilize": ("Mobilize", "convert"),
    "protect_and_grow": ("Protect and grow", "nurture"),
    "monitor": ("Monitor", "watch"),
    "leverage": ("Leverage", "ask for references"),
    "champions": ("Champions", "keep close"),
    "keep_satisfied": ("Keep satisfied", "raise interest"),
    "keep_informed": ("Keep informed", "let them help"),
    "silent_risks": ("Silent risks", "watch"),
}


@dataclass(frozen=True)
class Cell:
    """People of one influence and one value of the second axis.

    `place` is what a person takes on who is moved here, `heading` stands in the first cell of a quadrant.
    """

    influence: int
    value: str
    words: str
    quadrant: str
    people: Sequence[Contact]
    more: Sequence[Contact]
    place: str
    heading: tuple[str, str] | None = None
    ends_right: bool = False
    ends_below: bool = False

    @property
    def name(self) -> str:
        """The cell in words: what screen readers say while a person is carried over it."""
        return f"Influence {self.influence}, {self.words.lower()}: {QUADRANTS[self.quadrant][0]}"


@dataclass(frozen=True)
class GridRow:
    """The people of one influence."""

    influence: int
    high: bool
    cells: Sequence[Cell]


@dataclass(frozen=True)
class PowerGrid:
    """Active contacts by influence and a second axis; `unplaced` are those without a value on it."""

    axis: str
    rows: Sequence[GridRow]
    columns: Sequence[str]
    total: int
    roles: Sequence[tuple[str, str]]
    detractors: int
    high: int
    unplaced: Sequence[Contact]

    @property
    def finding(self) -> str:
        """The grid in a sentence."""
        said = f"{self.high} of {self.total} active contacts have high influence"
        if self.axis == "interest":
            missing = len(self.unplaced)
            return f"{said}; {missing} {'has' if missing == 1 else 'have'} no interest set." if missing else f"{said}."
        against = self.detractors
        if not against:
            return f"{said}; none of them is a detractor."
        return f"{said}; {against} of them {'is a detractor' if against == 1 else 'are detractors'}."


def people_of(*accounts: int) -> list[Contact]:
    """Return the active contacts of accounts with our owners, by name, in one query."""
    rows = Contact.objects.filter(ALIVE, account__in=accounts, status="active")
    return list(rows.select_related("owner", "account").order_by("name", "pk"))


def power_grid(head: Head, people: Sequence[Contact], axis: str = "sentiment") -> PowerGrid:
    """Place people under the rule's figures in force for the account. Source: STK-04, STK-05."""
    account = head.account
    in_force = Overrides.load(head.today).in_force(
        grid, head.today, tier=account.tier, account_id=account.pk, preset=""
    )
    values = (
        [(value, str(label)) for value, label in Contact.Sentiment.choices]
        if axis == "sentiment"
        else [(str(number), f"Interest {number}") for number in range(1, 6)]
    )
    quadrants = {
        (influence, value): _quadrant(head, in_force, axis, influence, value)
        for influence in range(1, 6)
        for value, _ in values
    }
    high = {influence: quadrants[influence, values[0][0]] != quadrants[1, values[0][0]] for influence in range(1, 6)}
    rows = [
        GridRow(
            influence,
            high[influence],
            [_cell(people, axis, influence, value, words, quadrants[influence, value]) for value, words in values],
        )
        for influence in range(5, 0, -1)
    ]
    strong = [one for one in people if high[one.influence]]
    return PowerGrid(
        axis=axis,
        rows=_headed(rows),
        columns=[words for _, words in values],
        total=len(people),
        roles=_roles(people),
        detractors=sum(one.sentiment == Contact.Sentiment.DETRACTOR for one in strong),
        high=len(strong),
        unplaced=[one for one in people if getattr(one, axis) in (None, "")],
    )


def _quadrant(head: Head, in_force: InForce, axis: str, influence: int, value: str) -> str:
    given = Standing.model_validate(
        {"influence": influence, "preset": axis, axis: int(value) if value.isdecimal() else value}
    )
    return str(grid.explain(given, in_force, head.today).value)


def _cell(people: Sequence[Contact], axis: str, influence: int, value: str, words: str, quadrant: str) -> Cell:
    there = [one for one in people if one.influence == influence and str(getattr(one, axis)) == value]
    place = urlencode({"influence": influence, axis: value})
    return Cell(influence, value, words, quadrant, there[:PILLS], there[PILLS:], place)


def _headed(rows: Sequence[GridRow]) -> list[GridRow]:
    """Say in which cells a quadrant begins and where it ends."""
    seen: set[str] = set()
    found = []
    for number, row in enumerate(rows):
        cells = []
        for place, cell in enumerate(row.cells):
            first = cell.quadrant not in seen
            seen.add(cell.quadrant)
            cells.append(
                replace(
                    cell,
                    heading=QUADRANTS[cell.quadrant] if first else None,
                    ends_right=place + 1 < len(row.cells) and row.cells[place + 1].quadrant != cell.quadrant,
                    ends_below=number + 1 < len(rows) and rows[number + 1].cells[place].quadrant != cell.quadrant,
                )
            )
        found.append(replace(row, cells=cells))
    return found


def _roles(people: Sequence[Contact]) -> list[tuple[str, str]]:
    """Return who holds the roles that decide; an empty name where nobody does."""
    roles = []
    for role, label in Contact.BuyingRole.choices:
        if role in ("champion", "economic_buyer", "technical_gatekeeper"):
            roles.append((str(label), _named([one.name for one in people if one.buying_role == role])))
    return [*roles, ("Executive sponsor", _named([one.name for one in people if one.is_exec_sponsor]))]


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
