"""Which accounts a figure of the book counts: those the actor sees, narrowed by who manages them and what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

FILTERS = ("owner", "tier", "region", "industry", "group")
NONE = "none"
"""Stands for accounts without the fact asked for."""
COLUMNS = ("pk", "key", "name", "path", "tier", "region", "industry", "owner__username", "owner__name")


@dataclass(frozen=True)
class Narrowing:
    """`ids` are the accounts that count, `choices` what each filter offers: value and words, of all that the actor sees.

    `owner` goes by user name, `group` by the key of the highest account above that the actor sees. `facts` holds value and
    words of each account under each filter.
    """

    ids: frozenset[int]
    accounts: Mapping[int, Mapping[str, Any]]
    choices: Mapping[str, list[tuple[str, str]]]
    filters: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[int, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    @property
    def owner(self) -> str | None:
        """Whose target the accounts stand against: "" for the whole book, None where nobody has set one for such a part."""
        if not self.filters:
            return ""
        return self.filters.get("owner") if set(self.filters) == {"owner"} else None


def narrowing(ctx: Context, filters: Mapping[str, str]) -> Narrowing:
    """Return the accounts that pass all filters, in one query."""
    rows = list(scoped(ctx, registry.get("account")).order_by("name", "pk").values(*COLUMNS))
    tops = tops_of(rows)
    named = {row["pk"]: row for row in rows}
    wanted = {name: value for name, value in filters.items() if name in FILTERS and value}
    facts = {row["pk"]: _facts(row, named[tops[row["pk"]]]) for row in rows}
    kept = (pk for pk, own in facts.items() if all(own[name][0] == value for name, value in wanted.items()))
    return Narrowing(
        frozenset(kept),
        named,
        {name: _choices(name, (own[name] for own in facts.values())) for name in FILTERS},
        wanted,
        facts,
    )


def accounts_in(ctx: Context, filters: Mapping[str, str]) -> QuerySet[Any]:
    """Return the same accounts as a query, to stand in another one; one more query where a group is asked for."""
    found = scoped(ctx, registry.get("account"))
    for name, value in filters.items():
        if name == "owner":
            found = found.filter(owner__isnull=True) if value == NONE else found.filter(owner__username=value)
        elif name == "tier":
            found = found.filter(_tier(value))
        elif name in ("region", "industry"):
            found = found.filter(**{name: "" if value == NONE else value})
        elif name == "group" and value:
            top = scoped(ctx, registry.get("account")).filter(key=value).values_list("path", flat=True).first()
            found = found.filter(path__startswith=top) if top else found.none()
    return found


def _tier(value: str) -> Q:
    if value == NONE:
        return Q(tier__isnull=True)
    return Q(tier=int(value)) if value in ("1", "2", "3") else Q(pk__in=[])


def tops_of(rows: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """Return the highest account above each of those seen, itself where none is."""
    paths = {row["pk"]: row["path"] for row in rows}
    return {pk: next(top for top in [*_ids(path), pk] if top in paths) for pk, path in paths.items()}


def _ids(path: str) -> list[int]:
    return [int(pk) for pk in path.split("/") if pk]


def _facts(row: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Value and words of an account under each filter."""
    return {
        "owner": (row["owner__username"] or NONE, row["owner__name"] or "No owner"),
        "tier": (str(row["tier"] or NONE), f"Tier {row['tier']}" if row["tier"] else "No tier"),
        "region": (row["region"] or NONE, row["region"] or "No region"),
        "industry": (row["industry"] or NONE, row["industry"] or "No industry"),
        "group": (top["key"], top["name"]),
    }


def _choices(name: str, facts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a filter offers; one that would keep everything offers nothing."""
    found = sorted(set(facts), key=lambda one: (one[0] == NONE, one[1].casefold()))
    return found if len(found) > 1 else []
