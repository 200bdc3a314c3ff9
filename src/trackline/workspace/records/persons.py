"""A contact's person in other accounts: their part there, entries that may be theirs too, and adding them elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from trackline.accounts.services.persons import PERSONAL, TAKEN_ON, entries_of
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses, cells

LIKELY = 3
"""So many entries that may be the same person are offered at once."""


@dataclass(frozen=True)
class Part:
    """An entry of the person in another account; `differs` names what is noted otherwise there."""

    contact: Any
    differs: Sequence[str]

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"contact/{self.contact.pk}"


@dataclass(frozen=True)
class Parts:
    """What the panel of a contact tells of the person beyond its account."""

    parts: Sequence[Part]
    likely: Sequence[Any]
    add: Mapping[str, str] | None
    set_url: str
    version: int


def parts_of(ctx: Context, contact: Any) -> Parts:
    """Return the entries of a contact's person that the actor sees, in three queries at most."""
    rtype = registry.get("contact")
    entries = entries_of([contact.pk])[contact.pk] - {contact.pk}
    rows = scoped(ctx, rtype).exclude(pk=contact.pk).select_related("account").order_by("account__name", "pk")
    others = list(rows.filter(pk__in=entries)) if entries else []
    edit = cells.may_edit(ctx, rtype)
    likely = []
    if edit:
        there = {contact.account_id, *(one.account_id for one in others)}
        same = Q(name__iexact=contact.name) | (Q(email__iexact=contact.email) if contact.email else Q())
        likely = list(rows.filter(same).exclude(account__in=there).exclude(pk__in=entries)[:LIKELY])
    given = {name: getattr(contact, name) for name in TAKEN_ON} | {"same_as": contact.pk}
    return Parts(
        [Part(one, _differing(contact, one)) for one in others],
        likely,
        {"url": addresses.new(rtype, given), "panel": addresses.new_panel(rtype, given)} if edit else None,
        addresses.act(rtype, contact.pk, "set"),
        contact.version,
    )


def _differing(one: Any, other: Any) -> list[str]:
    specs = registry.get("contact").specs
    names = [name for name in PERSONAL if getattr(other, name) and getattr(other, name) != getattr(one, name)]
    return [f"{specs[name].label.lower()} {getattr(other, name)}" for name in names]
