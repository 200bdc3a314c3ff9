"""All records of one account with what they point to, as one object that an import reads back.

What belongs to the account is there whole, with what stands in archives alone. Of the book there is what the account's
records name: people, products, metrics, pipelines with their stages. Of the accounts above there is the name alone, so that
the tree is the same; what points into other accounts is left out, and told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from trackline.kit.history.queries import account_page
from trackline.kit.policy import READ, Context
from trackline.kit.records import exports
from trackline.kit.records.queries import ListParams, get
from trackline.kit.records.types import RecordType, registry

Item = dict[str, Any]
FORM = 1
"""Version of the file's form."""
CHANGES_AT_ONCE = 200
_NAMED = ("id", "created_at", "updated_at", "version", "key", "name", "currency", "parent")
"""What is told of an account above."""


@dataclass
class Whole:
    """An account's file: its records by type and id, and how many references into other accounts were left out, by field."""

    account: Any
    records: dict[str, dict[str, Item]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, items: Iterable[Item]) -> None:
        """Add records of a type; those that are there already stay as they are."""
        known = self.records.setdefault(name, {})
        for item in items:
            known.setdefault(item["id"], item)

    def has(self, name: str, pk: str) -> bool:
        """Tell whether a record is in the file."""
        return pk in self.records.get(name, {})


def whole_of(ctx: Context, account: Any) -> Whole:
    """Return the file of an account by id or key. Raises `NotFound`, `Forbidden`."""
    ctx.require(READ)
    found = Whole(get(ctx, registry.get("account"), account))
    for rtype in registry.all():
        if rtype.account:
            found.add(rtype.name, _rows(ctx, rtype, Q(**{rtype.account_pk_path: found.account.pk})))
    _add_above(ctx, found)
    _add_named(ctx, found)
    for rtype in registry.all():
        inside = found.records.get(rtype.name, {})
        found.records[rtype.name] = {pk: item for pk, item in inside.items() if _stays_inside(rtype, item, found)}
    return found


def pieces(ctx: Context, whole: Whole) -> Iterator[str]:
    """Yield the file as JSON, one record a line; the history of the account stands beside its records."""
    head = {
        "form": FORM,
        "account": whole.account.key,
        "as_of": ctx.now.isoformat(),
        "records": {registry.get(name).resource: len(items) for name, items in whole.records.items() if items},
        "left_out": dict(whole.left_out),
    }
    yield f'{{"trackline": {json.dumps(head, ensure_ascii=False)}'
    for rtype in registry.all():
        if items := whole.records.get(rtype.name):
            yield f',\n"{rtype.resource}": '
            yield from exports.json_pieces(items.values())
    yield ',\n"history": {"changes": '
    yield from exports.json_pieces(_changes(ctx, whole.account.pk))
    yield "}\n}\n"


def _rows(ctx: Context, rtype: RecordType, only: Q) -> Iterator[Item]:
    return exports.rows(ctx, rtype, ListParams(), only, archive=True)


def _changes(ctx: Context, pk: int) -> Iterator[Item]:
    page = account_page(ctx, pk, CHANGES_AT_ONCE)
    yield from page.items
    while page.next:
        page = account_page(ctx, pk, CHANGES_AT_ONCE, page.next)
        yield from page.items


def _add_above(ctx: Context, found: Whole) -> None:
    above = [int(part) for part in found.account.path.split("/") if part and int(part) != found.account.pk]
    rows = exports.rows(ctx, registry.get("account"), ListParams(), Q(pk__in=above))
    blank: Item = {"custom": {}, "external_ids": {}}
    found.add("account", ({name: item[name] for name in _NAMED} | blank for item in rows))


def _add_named(ctx: Context, found: Whole) -> None:
    """Add what of the book is named, and what that names in turn; what is deleted or out of sight does not come."""
    asked: set[tuple[str, str]] = set()
    while wanted := _named(found) - asked:
        asked |= wanted
        for rtype in registry.all():
            ids = [pk for name, pk in wanted if name == rtype.name]
            if not ids:
                continue
            found.add(rtype.name, _rows(ctx, rtype, Q(pk__in=ids)))
            for part in registry.children(rtype):
                if (
                    not part.account and rtype.name != "user"
                ):  # stages of a pipeline; people are not made of what they own
                    found.add(part.name, _rows(ctx, part, Q(**{f"{part.parent}__in": ids})))


def _named(found: Whole) -> set[tuple[str, str]]:
    """The records of the book that those in the file name."""
    return {
        (spec.target, pk)
        for name, items in found.records.items()
        for spec in registry.get(name).specs.values()
        if spec.target and _is_of_the_book(registry.get(spec.target))
        for item in items.values()
        for pk in _pointed(item, spec.name)
        if not found.has(spec.target, pk)
    }


def _is_of_the_book(rtype: RecordType) -> bool:
    return not rtype.account or rtype.shared


def _pointed(item: Item, name: str) -> list[str]:
    value = item.get(name)
    return value if isinstance(value, list) else [value] if value else []


def _stays_inside(rtype: RecordType, item: Item, found: Whole) -> bool:
    """Take out what points to records that are not in the file; False for a record that is nothing without."""
    for spec in rtype.specs.values():
        if not spec.target:
            continue
        out = [pk for pk in _pointed(item, spec.name) if not found.has(spec.target, pk)]
        if not out:
            continue
        found.left_out[f"{rtype.resource}.{spec.name}"] += len(out)
        if spec.many:
            item[spec.name] = [pk for pk in item[spec.name] if pk not in out]
        elif spec.required:
            return False
        else:
            item[spec.name] = None
    return True
