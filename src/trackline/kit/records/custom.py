"""Fields that administrators add to record types."""

from __future__ import annotations

from trackline.kit.records.derive import spec_of_custom
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.models import CustomField


def custom_specs(record_type: str) -> dict[str, FieldSpec]:
    """Return the active custom fields of a record type by key, in their order."""
    rows = CustomField.objects.filter(record_type=record_type, active=True)
    return {row.key: spec_of_custom(row) for row in rows}
