"""Who reports to whom at the customer, and who moves whom: trees of active contacts, with seats that somebody left and
people still hang on, and the lines drawn between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from trackline.accounts.models import Contact, RelationshipLine
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses

ALIVE = Q(deleted_at__isnull=True)
REPORTS = 8
"""So many direct reports of one person stand there at once; the others unfold."""


LINES = tuple((str(kind), str(label)) for kind, label in RelationshipLine.Kind.choices)
"""Kinds of lines that are drawn, beside reporting lines."""


@dataclass(frozen=True)
class Seat:
    """A person with their direct reports; `vacant` where they have left and the reports have nobody new yet."""

    person: Contact
    reports: Sequence[Seat]
    more: Sequence[Seat]

    @property
    def vacant(self) -> bool:
        """Whether the person is there no more."""
        return self.person.status != Contact.Status.ACTIVE

    @property
    def key(self) -> str:
        """Names its list of reports where more of them are asked for."""
        return f"seat-{self.person.pk}"

    @property
    def count(self) -> int:
        """How many report directly."""
        return len(self.reports) + len(self.more)


@dataclass(frozen=True)
class OrgChart:
    """Trees with at least one line, and people who neither report to anybody nor are reported to."""

    trees: Sequence[Seat]
    loose: Sequence[Contact]
    total: int
    lines: Sequence[RelationshipLine] = ()

    @property
    def finding(self) -> str:
        """The chart in a sentence."""
        drawn = len(self.lines)
        lines = f" {drawn} {'line' if drawn == 1 else 'lines'} of influence." if drawn else ""
        if not self.trees:
            return f"No reporting line is known yet.{lines}"
        alone = len(self.loose)
        if not alone:
            return f"{self.total} contacts, everyone on a reporting line.{lines}"
        return f"{alone} of {self.total} contacts {'has' if alone == 1 else 'have'} no reporting line yet.{lines}"

    @cached_property
    def words(self) -> dict[int, str]:
        """What each person does to others, for where lines cannot be drawn: "supports James, blocks Sabine"."""
        said: dict[int, list[str]] = {}
        for line in self.lines:
            said.setdefault(line.contact_id, []).append(f"{line.kind} {line.toward.name}")
        return {pk: ", ".join(parts) for pk, parts in said.items()}


@dataclass(frozen=True)
class Drawing:
    """What dragging one person onto another draws: a reporting line, or a line of `kind`."""

    kind: str
    label: str
    url: str
    current: bool
    account_id: int

    @property
    def new_url(self) -> str:
        """Takes a line drawn by dragging; the contact it starts from is added to it."""
        given = {"account": self.account_id, "kind": self.kind}
        return addresses.new(registry.get("relationship_line"), given)


def drawings(account_id: int, here: str, wanted: str) -> list[Drawing]:
    """Return what may be drawn on the chart; reporting lines unless another kind is `wanted`."""
    chosen = wanted if wanted in dict(LINES) else ""
    return [
        Drawing(kind, label, f"{here}?draw={kind}" if kind else here, kind == chosen, account_id)
        for kind, label in (("", "Reports to"), *LINES)
    ]


def lines_among(accounts: Collection[int], people: Sequence[Contact]) -> list[RelationshipLine]:
    """Return the lines between people, by name, in one query."""
    there = {one.pk for one in people}
    rows = RelationshipLine.objects.filter(ALIVE, account__in=accounts).select_related("contact", "toward")
    found = [line for line in rows if line.contact_id in there and line.toward_id in there]
    return sorted(found, key=lambda line: (line.contact.name, line.toward.name, line.kind))


def org_chart(accounts: Collection[int], people: Sequence[Contact], lines: Sequence[RelationshipLine] = ()) -> OrgChart:
    """Return the reporting lines among active contacts, in one query more for seats that were left."""
    gone = Contact.objects.filter(
        ALIVE, account__in=accounts, direct_reports__status="active", direct_reports__deleted_at__isnull=True
    ).exclude(status="active")
    shown = {
        one.pk: one for one in (*people, *gone.select_related("owner", "account").order_by("name", "pk").distinct())
    }
    below: dict[int, list[Contact]] = {}
    for one in shown.values():
        if one.reports_to_id in shown:
            below.setdefault(one.reports_to_id, []).append(one)
    tops = [one for one in shown.values() if one.reports_to_id not in shown]
    seen: set[int] = set()
    trees = [_seat(one, below, seen) for one in tops if one.pk in below]
    # Lines that run in a circle, as only a direct write to the database makes them, begin at their first name.
    trees += [_seat(one, below, seen) for one in shown.values() if one.pk in below and one.pk not in seen]
    loose = [one for one in tops if one.pk not in below]
    return OrgChart(sorted(trees, key=lambda seat: (-_size(seat), seat.person.name)), loose, len(people), lines)


def _seat(person: Contact, below: dict[int, list[Contact]], seen: set[int]) -> Seat:
    seen.add(person.pk)
    reports = [_seat(one, below, seen) for one in below.get(person.pk, ()) if one.pk not in seen]
    return Seat(person, reports[:REPORTS], reports[REPORTS:])


def _size(seat: Seat) -> int:
    return 1 + sum(_size(one) for one in (*seat.reports, *seat.more))
