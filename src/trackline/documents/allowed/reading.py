"""The only way from the records to the customer's page: it reads the fields that `allowed.yaml` names, and no other column.

Source: PERM-07, PERM-08.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import QuerySet

from trackline.documents.allowed.names import allowed, refs_of
from trackline.kit.records.ordering import column_of
from trackline.kit.records.types import registry

Fields = dict[str, Any]


class Row(NamedTuple):
    """A record as it may leave: its fields by name. `pk` and what it belongs to stay inside."""

    pk: int
    of: Any
    fields: Fields


def read(name: str, rows: QuerySet[Any], of: str = "pk") -> list[Row]:
    """Return records as they may leave; a person they name is what may leave of that person, or None once deleted.

    `of` is the column by which the caller sorts them, which does not leave. One query, and one more for each field that
    names people.
    """
    rtype, fields = registry.get(name), allowed()[name]
    columns = [column_of(rtype, field) for field in fields]
    alive = rows.filter(deleted_at__isnull=True)
    found = [
        Row(pk, key, dict(zip(fields, values, strict=True)))
        for pk, key, *values in alive.values_list("pk", of, *columns)
    ]
    for field, spec in refs_of(name, fields).items():
        named = {row.fields[field] for row in found} - {None}
        known = _people(spec.target, named) if named else {}
        for row in found:
            row.fields[field] = known.get(row.fields[field])
    return found


def _people(name: str, pks: set[int]) -> dict[int, Fields]:
    rows = registry.get(name).model.objects.filter(pk__in=pks)
    return {row.pk: row.fields for row in read(name, rows)}
