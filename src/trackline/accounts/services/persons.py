"""One person who is a contact of several accounts, with a role in each.

An entry names another one of the same person (`same_as`); all entries that hang together by it are one person, whichever
way they point. What belongs to the person follows from one entry to the others; roles, sentiment and owners do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Contact
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry

PERSONAL = ("name", "email", "phone", "location", "time_zone")
"""What belongs to the person and not to their part in an account."""
TAKEN_ON = (*PERSONAL, "title", "function", "seniority")
"""What a further entry of a person starts with."""


def entries_of(ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return for each contact the ids of all entries of its person, itself and deleted ones included.

    One query where nobody stands in several accounts; else one more for each step of the longest chain.
    """
    wanted = frozenset(ids)
    pairs: set[tuple[int, int]] = set()
    ahead = wanted
    seen: set[int] = set()
    while ahead:
        rows = Contact.objects.filter(Q(pk__in=ahead) | Q(same_as__in=ahead), same_as__isnull=False)
        found = set(rows.values_list("pk", "same_as_id"))
        pairs |= found
        seen |= ahead
        ahead = frozenset(pk for pair in found for pk in pair) - seen
    beside: dict[int, set[int]] = {}
    for one, other in pairs:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    return {pk: frozenset(_reach(pk, beside)) for pk in wanted}


def _reach(pk: int, beside: Mapping[int, set[int]]) -> set[int]:
    reached, ahead = {pk}, [pk]
    while ahead:
        new = beside.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return reached


def complete_contact(ctx: Context, data: dict[str, Any]) -> None:
    """Take what belongs to the person from the entry that a new one names."""
    if data.get("same_as") in (None, ""):
        return
    try:
        other = get(ctx, registry.get("contact"), data["same_as"])
    except NotFound:
        raise Invalid.fields({"same_as": f"There is no contact {str(data['same_as'])[:80]}."}) from None
    for name in TAKEN_ON:
        if data.get(name) in (None, "") and getattr(other, name):
            data[name] = getattr(other, name)


def check_person(contact: Any) -> None:
    """Refuse a second entry of a person in one account, and lines of entries that lead back to where they began."""
    if contact.same_as_id is None:
        return
    entries = entries_of([contact.same_as_id])[contact.same_as_id]
    if contact.pk in entries and contact.pk in _above(contact.same_as_id):
        raise Invalid.fields({"same_as": "They are known as one person already."})
    entries |= entries_of([contact.pk])[contact.pk] if contact.pk else frozenset()
    accounts = Contact.objects.filter(pk__in=entries - {contact.pk}, deleted_at__isnull=True)
    by_account: dict[int, str] = {contact.account_id: contact.name}
    for account, name in accounts.values_list("account_id", "name"):
        if account in by_account:
            raise Invalid.fields(
                {"same_as": f"{name} stands in one account twice then. Choose an entry of another account."}
            )
        by_account[account] = name


def _above(pk: int | None) -> set[int]:
    seen: set[int] = set()
    while pk is not None and pk not in seen:
        seen.add(pk)
        pk = Contact.objects.filter(pk=pk).values_list("same_as_id", flat=True).first()
    return seen


def follow_person(ctx: Context, contact: Any) -> None:
    """Carry what changed of the person on to their entries in accounts that the writer sees, where it was the same before.

    Entries that differed go on to differ: an address of another company is no mistake.
    """
    moved = {name: pair for name, pair in contact.last_change.changes.items() if name in PERSONAL}
    if not moved:
        return
    rtype = registry.get("contact")
    others = entries_of([contact.pk])[contact.pk] - {contact.pk}
    for other in scoped(ctx, rtype).filter(pk__in=others).order_by("pk") if others else ():
        values = {name: new for name, (old, new) in moved.items() if getattr(other, name) == old}
        if values:
            services.update(ctx, rtype, other.pk, values)


def add_memberships(ctx: Context, rows: list[dict[str, Any]]) -> None:
    """Add to contacts in which other accounts the actor knows the person, with their role there; two queries."""
    people = entries_of(int(row["id"]) for row in rows)
    ids = {pk for entries in people.values() if len(entries) > 1 for pk in entries}
    found: dict[int, dict[str, Any]] = {}
    if ids:
        known = scoped(ctx, registry.get("contact")).filter(pk__in=ids).order_by("account__name")
        for one in known.values("pk", "account_id", "account__key", "account__name", "buying_role", "status"):
            found[one["pk"]] = {
                "contact": str(one["pk"]),
                "account": str(one["account_id"]),
                "account_key": one["account__key"],
                "account_name": one["account__name"],
                "buying_role": one["buying_role"] or None,
                "status": one["status"],
            }
    for row in rows:
        own = int(row["id"])
        row["also_in"] = [found[pk] for pk in found if pk in people[own] and pk != own]


MEMBERSHIPS: Mapping[str, Any] = {
    "also_in": {
        "type": "array",
        "readOnly": True,
        "description": "Other accounts in which the person is a contact, as far as the caller sees them.",
        "items": {
            "type": "object",
            "properties": {
                "contact": {"type": "string"},
                "account": {"type": "string"},
                "account_key": {"type": "string"},
                "account_name": {"type": "string"},
                "buying_role": {"type": ["string", "null"]},
                "status": {"type": "string", "enum": list(Contact.Status.values)},
            },
        },
        "example": [
            {
                "contact": "57", "account": "8", "account_key": "nordwall", "account_name": "Nordwall Logistik",
                "buying_role": "economic_buyer", "status": "active",
            }
        ],
    }
}  # fmt: skip
