"""Inputs of the hall's rules out of records: who covers an account.

Each collector takes any number of accounts and a day and reads a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Contact
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, register
from trackline.accounts.rulebook.sources import lacking, origin
from trackline.accounts.rules.stakeholder_map import area_of, is_active, level_of
from trackline.accounts.rules.stakeholders import coverage
from trackline.core.playbook.feeds import file_feeds
from trackline.kit.records.services import WriteEvent

FEEDS = Path(__file__).parent / "rules" / "feeds.yaml"
ALIVE = Q(deleted_at__isnull=True)
PLACING = frozenset(
    {"seniority", "function", "business_unit", "buying_role", "is_exec_sponsor", "status", "last_touch_on"}
)
"""Fields of a contact that place it."""
LACKS = {"level": "seniority", "area": "functional area", "active": "two-way touch"}
"""What a contact must say so that its cell is known."""


def collect_coverage(ids: Sequence[int], on: date, _batch: Batch) -> Mapping[int, Collected]:
    """Return the contacts of each account as the coverage rule sees them, in one query.

    Who has moved or departed is left out. `missing` names each contact whose cell is not known.
    """
    found = {pk: Collected({"contacts": []}, {"contacts": []}) for pk in ids}
    rows = Contact.objects.filter(ALIVE, account__in=ids, status="active").order_by(
        "account", "-influence", "name", "pk"
    )
    for pk, unit_area, *fields in rows.values_list(
        "account", "business_unit__area", "pk", "name", "seniority", "function", "buying_role", "is_exec_sponsor",
        "last_touch_on",
    ):  # fmt: skip
        _add_contact(found[pk], unit_area or "", *fields, on=on)
    return found


def _add_contact(
    found: Collected, unit_area: str, pk: int, name: str, seniority: str, function: str, role: str, sponsor: bool,
    touched_on: date | None, *, on: date,
) -> None:  # fmt: skip
    placed = area_of(unit_area, function, role)
    active = is_active(touched_on, on)
    person: dict[str, Any] = {
        "level": level_of(seniority),
        "area": placed.area,
        "active": active,
        "c_suite": seniority == "c_suite",
        "roles": [*filter(None, [role]), *(["exec_sponsor"] if sponsor else [])],
    }
    found.values["contacts"].append(person)
    found.sources["contacts"].append(origin("contact", pk, name, touched_on, on) | {"area_by": placed.by})
    lacks = [words for key, words in LACKS.items() if person[key] is None]
    if lacks:
        found.missing.append(lacking("contacts", "contact", pk, name, lacks))


def places_contact(event: WriteEvent) -> bool:
    """Say whether a write may change who covers an account: a contact, a touch, the area of a unit."""
    name = event.rtype.name
    if name == "contact":
        return event.action != "update" or bool(event.changed & PLACING)
    if name == "business_unit":
        return event.action != "update" or "area" in event.changed
    return name == "interaction"


def register_all() -> None:
    """Have the rules of the hall computed on live data."""
    register(LiveRule(coverage, collect_coverage, file_feeds(FEEDS)[coverage.id], places_contact))
