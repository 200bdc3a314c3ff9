"""Who reports to whom at the customer: trees of active contacts, with seats that somebody left and people still hang on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from trackline.accounts.models import Contact

ALIVE = Q(deleted_at__isnull=True)
REPORTS = 8
"""So many direct reports of one person stand there at once; the others unfold."""


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
    def count(self) -> int:
        """How many report directly."""
        return len(self.reports) + len(self.more)


@dataclass(frozen=True)
class OrgChart:
    """Trees with at least one line, and people who neither report to anybody nor are reported to."""

    trees: Sequence[Seat]
    loose: Sequence[Contact]
    total: int

    @property
    def finding(self) -> str:
        """The chart in a sentence."""
        if not self.trees:
            return "No reporting line is known yet."
        alone = len(self.loose)
        if not alone:
            return f"{self.total} contacts, everyone on a line."
        return f"{alone} of {self.total} contacts {'has' if alone == 1 else 'have'} no reporting line yet."


def org_chart(account_id: int, people: Sequence[Contact]) -> OrgChart:
    """Return the reporting lines among active contacts, in one query more for seats that were left."""
    gone = Contact.objects.filter(
        ALIVE, account_id=account_id, direct_reports__status="active", direct_reports__deleted_at__isnull=True
    ).exclude(status="active")
    shown = {one.pk: one for one in (*people, *gone.select_related("owner").order_by("name", "pk").distinct())}
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
    return OrgChart(sorted(trees, key=lambda seat: (-_size(seat), seat.person.name)), loose, len(people))


def _seat(person: Contact, below: dict[int, list[Contact]], seen: set[int]) -> Seat:
    seen.add(person.pk)
    reports = [_seat(one, below, seen) for one in below.get(person.pk, ()) if one.pk not in seen]
    return Seat(person, reports[:REPORTS], reports[REPORTS:])


def _size(seat: Seat) -> int:
    return 1 + sum(_size(one) for one in (*seat.reports, *seat.more))
