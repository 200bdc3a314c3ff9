"""The record type's own tests of a value, as the drafter wants them."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

from trackline.connectors.mapping.cells import BadCell, Check
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType
from trackline.kit.records.values import BadValue

#: Limits of the database, not of the matter, are not worth telling.
_LARGEST_TOLD = 1_000
_TEXTS = frozenset({"text", "longtext", "picklist"})
_UNCHECKED = frozenset({"date", "datetime", "boolean", "ref", "refs", "email", "object"})


def checks_of(rtype: RecordType) -> dict[str, Check]:
    """Field → its test: length of texts, range and size of numbers, words of choices."""
    return {name: _check(spec) for name, spec in rtype.specs.items() if spec.kind not in _UNCHECKED}


def _check(spec: FieldSpec) -> Check:
    if spec.kind == "choice":
        return Check(lambda value: _choice(spec, value), _listed(spec))

    def test(value: Any) -> Any:
        try:
            return spec.parse_json(value)
        except BadValue as problem:
            told = str(problem)
            # "At least 1 is expected" is less help than both limits.
            raise BadCell(_range(spec) if told.startswith("At ") and " to " in _range(spec) else told) from None

    longest = (spec.max_length or sys.maxsize) if spec.kind in _TEXTS else None
    return Check(test, _range(spec), longest)


def _range(spec: FieldSpec) -> str:
    """What a number must be, in words."""
    if not spec.numeric:
        return ""
    what = "A whole number" if spec.kind == "integer" else "A number"
    if spec.minimum is not None and spec.maximum is not None and spec.maximum <= _LARGEST_TOLD:
        return f"{what} from {spec.minimum:f} to {spec.maximum:f} is expected."
    return f"{what} is expected."


def _listed(spec: FieldSpec) -> str:
    return f"One of {', '.join(str(label) for _, label in spec.choices)} is expected."


def _choice(spec: FieldSpec, value: Any) -> Any:
    """A stored choice; numbers are matched by value."""
    if isinstance(value, Decimal):
        value = int(value) if value == int(value) else value
    options = [key for key, _ in spec.choices]
    if value in options:
        return value
    raise BadCell(_listed(spec))
