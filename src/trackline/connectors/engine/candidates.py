"""A row whose record is known, and what records of each type are known by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trackline.connectors.mapping.drafts import Draft

#: What a record cannot be without.
NEEDED = {
    "account": "name",
    "contact": "name",
    "user": "name",
    "product": "name",
    "business_unit": "name",
    "route": "title",
    "contract": "ref",
    "issue": "title",
    "note": "title",
    "interaction": "on",
}
#: What no two living records of a type (of one account) may share.
UNIQUE = {"contact": "email", "product": "name", "business_unit": "name"}


@dataclass(slots=True)
class Candidate:
    """A draft whose record is known: an existing one, or a new key."""

    draft: Draft
    pk: int
    is_new: bool
    #: Stored values by attribute name (`owner_id`).
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[int]] = field(default_factory=dict)
