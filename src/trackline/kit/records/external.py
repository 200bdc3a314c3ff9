"""Ids that other systems give our records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction

from trackline.kit.problems import Invalid
from trackline.kit.records.models import ExternalId
from trackline.kit.records.types import RecordType
from trackline.kit.statements import NUMBERS, TEXT, Statement

_of_several = Statement(
    lambda record_type, pks: (
        ExternalId.objects.filter(record_type=record_type, record_id__in=pks)
        .order_by("system")
        .values_list("record_id", "system", "value")
    ),
    TEXT,
    NUMBERS,
)


def external_ids_of(rtype: RecordType, pk: int) -> dict[str, str]:
    """Return `{system: id}` of one record."""
    return dict(ExternalId.objects.filter(record_type=rtype.name, record_id=pk).values_list("system", "value"))


def external_ids_for(rtype: RecordType, pks: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return `{record id: {system: id}}` of several records in one query."""
    found: dict[int, dict[str, str]] = {}
    for pk, system, value in _of_several.rows(rtype.name, list(pks)):
        found.setdefault(pk, {})[system] = value
    return found


def set_external_ids(rtype: RecordType, pk: int, wanted: Mapping[str, str]) -> None:
    """Replace the external ids of a record; an id that another record holds is refused."""
    try:
        with transaction.atomic():
            ExternalId.objects.filter(record_type=rtype.name, record_id=pk).delete()
            ExternalId.objects.bulk_create(
                ExternalId(record_type=rtype.name, record_id=pk, system=system, value=value)
                for system, value in wanted.items()
            )
    except IntegrityError:
        raise Invalid.fields({"external_ids": "Another record holds one of these ids."}) from None
