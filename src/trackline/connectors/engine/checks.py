"""The record type's own tests of a value, as the drafter wants them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trackline.connectors.mapping.cells import BadCell, Check
from trackline.kit.records.fields import BadValue, FieldSpec
from trackline.kit.records.types import RecordType

_UNCHECKED = frozenset({"date", "datetime", "time", "boolean", "ref", "refs", "email", "object"})


def checks_of(rtype: RecordType) -> dict[str, Check]:
    """Field → its test: length of texts, range and size of numbers, words of choices."""
    return {name: _check(spec) for name, spec in rtype.specs.items() if spec.kind not in _UNCHECKED}


def _check(spec: FieldSpec) -> Check:
    if spec.kind == "choice":
        return lambda value: _choice(spec, value)

    def check(value: Any) -> Any:
        try:
            return spec.parse_json(value)
        except BadValue as problem:
            raise BadCell(str(problem)) from None

    return check


def _choice(spec: FieldSpec, value: Any) -> Any:
    """A stored choice; numbers are matched by value."""
    if isinstance(value, Decimal):
        value = int(value) if value == int(value) else value
    options = [key for key, _ in spec.choices]
    if value in options:
        return value
    raise BadCell(f"One of {', '.join(str(label) for _, label in spec.choices)} is expected.")
