"""Who answers for what: open records by person and type, and those that nobody answers for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet

from trackline.accounts.kpis import IN_USE
from trackline.accounts.models import User
from trackline.core.playbook.data import read_yaml
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import RecordType, registry


@dataclass(frozen=True)
class Owned:
    """A type of records with the field that names who answers for one, and the states in which it is open."""

    rtype: RecordType
    field: str
    state: str = ""
    open: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """The filter of lists that keeps what is open."""
        return {self.state: ",".join(self.open)} if self.state else {}

    def rows(self, ctx: Context) -> QuerySet[Any]:
        """The open records that the actor sees."""
        found = scoped(ctx, self.rtype).order_by()
        if self.rtype.name == "metric":
            found = found.filter(IN_USE, active=True)
        return found.filter(Q(**{f"{self.state}__in": self.open})) if self.state else found


@cache
def kinds() -> Mapping[str, Owned]:
    """Return what the data file says, checked, by the name of the type. Raises `ValueError`."""
    found: dict[str, Owned] = {}
    for row in read_yaml(Path(__file__).with_name("owned.yaml").read_text(encoding="utf-8")):
        rtype = registry.get(row["record"])
        state = rtype.specs[row["state"]] if "state" in row else None
        wanted = tuple(row.get("open", ()))
        if rtype.specs[row["field"]].target != "user" or rtype.name in found:
            raise ValueError(f"{rtype.name}: a field that names one of us is expected, once")
        if state and not set(wanted) <= {value for value, _ in state.choices}:
            raise ValueError(f"{rtype.name}: {state.name} knows only {', '.join(v for v, _ in state.choices)}")
        found[rtype.name] = Owned(rtype, row["field"], row.get("state", ""), wanted)
    return found


@dataclass(frozen=True)
class Holding:
    """A person, None for nobody, with how many open records of each type they answer for."""

    person: User | None
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.counts.values())

    @property
    def gone(self) -> bool:
        """Whether the person is no longer active, and so answers for nothing."""
        return self.person is not None and not self.person.is_active


def owning(ctx: Context) -> list[Holding]:
    """Return who answers for what of the records that the actor sees: those first who are no longer active, then nobody, then
    who answers for most. One query for each type and one for the people. Source: DQ-01."""
    counts: dict[int | None, dict[str, int]] = {}
    for name, kind in kinds().items():
        for person, count in kind.rows(ctx).values_list(kind.field).annotate(Count("pk")):
            counts.setdefault(person, {})[name] = count
    people = {one.pk: one for one in User.objects.filter(pk__in=[pk for pk in counts if pk])}
    found = [Holding(people[pk] if pk else None, held) for pk, held in counts.items() if pk is None or pk in people]
    found.sort(key=lambda one: (not one.gone, one.person is not None, -one.total, str(one.person or "").casefold()))
    return found


def owning_json(ctx: Context) -> dict[str, Any]:
    """Return the same as JSON has it; `user` is null for what nobody answers for."""
    return {
        "as_of": ctx.today,
        "people": [
            {
                "user": one.person.username if one.person else None,
                "name": one.person.name if one.person else None,
                "active": one.person.is_active if one.person else None,
                "total": one.total,
                "counts": dict(one.counts),
            }
            for one in owning(ctx)
        ],
    }


def held_kinds(found: Sequence[Holding]) -> list[Owned]:
    """Return the types of which somebody answers for any."""
    return [kind for name, kind in kinds().items() if any(name in one.counts for one in found)]
