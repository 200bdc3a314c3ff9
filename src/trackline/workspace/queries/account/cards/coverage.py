"""Who covers an account: nine cells of level and area, what hangs by one person, who is not placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Score
from trackline.accounts.rules.stakeholder_map import AREAS, wiring
from trackline.accounts.rules.stakeholders import coverage
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.cards.score import Lack, Shown, lacks_of_records, shown, sources, value_of
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.acts import Act

RULE = coverage.id
LEVELS = (("executive", "Executive"), ("director", "Director"), ("individual", "Individual"))
AREA_NAMES: Mapping[str, str] = {"buying": "Buying", "using": "Using", "adjacent": "Adjacent"}
THREADS: Mapping[str, tuple[str, str]] = {
    "single_threaded": ("red", "Single-threaded"),
    "thin": ("amber", "Thin thread"),
    "ok": ("green", "Sound thread"),
}
ROLES: Mapping[str, str] = {
    "champion": "champion",
    "economic_buyer": "economic buyer",
    "exec_sponsor": "executive sponsor",
    "user_influencer": "user influencer",
}


@dataclass(frozen=True)
class Person:
    """A contact who is still there; `active` is None without a touch on record, `silent_days` says how long ago one was
    that no longer counts.

    `cell` is empty where level or area is not known; `roles` holds `c_suite` too.
    """

    id: int
    name: str
    active: bool | None
    silent_days: int | None
    cell: str
    roles: frozenset[str]

    @property
    def quiet(self) -> str:
        """Why they do not count, in words."""
        return "no two-way touch on record" if self.active is None else f"last touch {self.silent_days} d ago"

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"contact/{self.id}"


@dataclass(frozen=True)
class Cell:
    """One of the nine: its active people, and who of it has fallen silent."""

    area: str
    people: Sequence[Person]
    silent: Sequence[Person]

    @property
    def solo(self) -> bool:
        """Whether one departure empties it."""
        return len(self.people) == 1


@dataclass(frozen=True)
class Row:
    """The cells of one level."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Gap:
    """What coverage lacks, and the act that closes it (None for who may not write)."""

    band: str
    words: str
    why: str
    act: Act | None


@dataclass(frozen=True)
class CoverageCard:
    """The card; `target` is the number of cells that the account's tier asks for, None without a tier."""

    shown: Shown
    value: Decimal
    band: str
    covered: int
    redundancy: int
    target: int | None
    thread: tuple[str, str]
    rows: Sequence[Row]
    gaps: Sequence[Gap]
    unplaced: Sequence[Lack]

    @property
    def areas(self) -> Sequence[str]:
        """Names of the columns."""
        return list(AREA_NAMES.values())

    @property
    def active_days(self) -> int:
        """For how many days a two-way touch keeps a contact active."""
        return wiring().active_days

    @property
    def solo(self) -> int:
        """How many cells hang on one person."""
        return sum(cell.solo for row in self.rows for cell in row.cells)

    @property
    def finding(self) -> str:
        """The grid in a sentence."""
        said = f"{self.covered} of 9 cells covered"
        if not self.solo:
            return f"{said}, none by one person alone."
        number = "one cell hangs" if self.solo == 1 else f"{self.solo} cells hang"
        return f"{said}; {number} on one person: if one leaves, {self.redundancy} of 9 remain."


def coverage_card(score: Score | None, head: Head) -> CoverageCard | None:
    """Return the card of a stored score, or None without one."""
    if score is None or score.value is None:
        return None
    details = score.details
    people = _people(score)
    rows = _rows(people)
    return CoverageCard(
        shown=shown(score, head),
        value=score.value,
        band=score.band,
        covered=details["covered"],
        redundancy=details["redundancy_min"],
        target=wiring().targets.get(head.account.tier) if head.account.tier else None,
        thread=THREADS[details["thread"]],
        rows=rows,
        gaps=_gaps(details, people, rows, head),
        unplaced=lacks_of_records(score, "contacts", head),
    )


def _people(score: Score) -> list[Person]:
    """Return the contacts on record."""
    found = []
    for given, source in zip(value_of(score, "contacts") or (), sources(score, "contacts"), strict=True):
        active = given["active"]
        silent = source["age_days"] if active is False else None
        cell = f"{given['level']}/{given['area']}" if given["level"] and given["area"] else ""
        roles = frozenset([*given["roles"], *(["c_suite"] if given["c_suite"] else [])])
        found.append(Person(source["record_id"], source["label"], active, silent, cell, roles))
    return found


def _rows(people: Sequence[Person]) -> list[Row]:
    def held(cell: str, *, active: bool) -> list[Person]:
        return [one for one in people if one.cell == cell and one.active is active]

    return [
        Row(
            label,
            [Cell(area, held(f"{level}/{area}", active=True), held(f"{level}/{area}", active=False)) for area in AREAS],
        )
        for level, label in LEVELS
    ]


def _gaps(details: Mapping[str, Any], people: Sequence[Person], rows: Sequence[Row], head: Head) -> list[Gap]:
    """Return what coverage lacks, gravest first: the thread, the top, roles, then empty cells."""
    sound = "Three active contacts over two levels make a sound thread."
    gaps = []
    if details["thread"] != "ok":
        single = details["thread"] == "single_threaded"
        words = (
            "The account hangs on one active contact or none" if single else "Two active contacts, or all on one level"
        )
        gaps.append(_thread_gap("red" if single else "amber", words, sound, people, head))
    if details["c_level_gap"]:
        gaps.append(_role_gap("red", "No active contact in the C-suite", "c_suite", people, head, seniority="c_suite"))
    for role in details["missing_roles"]:
        given = {"is_exec_sponsor": "true"} if role == "exec_sponsor" else {"buying_role": role}
        gaps.append(_role_gap("amber", f"No active {ROLES[role]}", role, people, head, **given))
    empty = [f"{row.label.lower()} {cell.area}" for row in rows for cell in row.cells if not cell.people]
    if empty:
        words = "One cell is empty" if len(empty) == 1 else f"{len(empty)} cells are empty"
        gaps.append(_gap("unknown", words, f"{', '.join(empty).capitalize()}.", head))
    return gaps


def _gap(band: str, words: str, why: str, head: Head, **given: Any) -> Gap:
    act = acts.create("contact", "Add a contact", account=head.account.pk, **given) if head.can_write else None
    return Gap(band, words, why, act)


def _thread_gap(band: str, words: str, sound: str, people: Sequence[Person], head: Head) -> Gap:
    """Say how many more would count after a touch; where there are none, offer to add a contact."""
    waiting = [one for one in people if not one.active]
    if not waiting:
        return _gap(band, words, sound, head)
    more = f"{len(waiting)} more {'stands' if len(waiting) == 1 else 'stand'} on record without a touch that counts."
    return Gap(band, words, f"{sound} {more}", _touch(waiting[0], head))


def _role_gap(band: str, words: str, role: str, people: Sequence[Person], head: Head, **given: Any) -> Gap:
    """Name who holds the role and does not count for want of a touch; where nobody holds it, offer to add a contact."""
    holders = [one for one in people if role in one.roles and not one.active]
    if not holders:
        return _gap(band, words, "Nobody on record.", head, **given)
    nearest = min(holders, key=lambda one: (one.silent_days is None, one.silent_days or 0))
    return Gap(band, words, f"{nearest.name}: {nearest.quiet}.", _touch(nearest, head))


def _touch(one: Person, head: Head) -> Act | None:
    """The form that logs a touch with somebody, or None for who may not write."""
    act = acts.create("interaction", "Log a touch", account=head.account.pk, contacts=one.id)
    return act if head.can_write else None
