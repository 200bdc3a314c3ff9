"""Shapes of what is written: names known, values of the right kind, nothing needed left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from trackline.kit.problems import Invalid
from trackline.kit.records.custom import custom_specs
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType
from trackline.kit.records.values import BadValue, storable

Parse = Literal["json", "text"] | None
Values = dict[str, Any]


def parse_values(rtype: RecordType, data: Mapping[str, Any], parse: Parse, *, creating: bool) -> Values:
    """Check names and shapes; return stored values by field, with `custom` and `external_ids` apart.

    Raises `Invalid` naming every field that is wrong.
    """
    values: Values = {}
    errors: dict[str, str] = {}
    for given, raw in data.items():
        name = rtype.aliases.get(given, given)
        try:
            if name == "custom" or name.startswith("custom."):
                _parse_custom(rtype, name, raw, parse, values, errors)
            elif name == "external_ids":
                values[name] = _parse_external(raw)
            else:
                spec = _writable(rtype, name, creating)
                if creating and parse and raw in (None, "") and not spec.required and not spec.takes_null:
                    continue  # a new record takes its default
                values[name] = _parse(spec, raw, parse)
        except BadValue as error:
            errors[given] = str(error)
    if creating:
        for name, spec in rtype.specs.items():
            if spec.required and not spec.read_only and values.get(name) in (None, "") and name not in errors:
                errors[name] = "Needed, but missing."
    if errors:
        raise Invalid.fields(errors)
    return values


def _writable(rtype: RecordType, name: str, creating: bool) -> FieldSpec:
    spec = rtype.specs.get(name)
    if spec is None:
        raise BadValue("There is no such field.")
    if spec.read_only:
        raise BadValue("This field is computed and cannot be set.")
    if not creating and name in rtype.fixed:
        raise BadValue("This is set when the record is made and cannot be changed.")
    return spec


def _parse(spec: FieldSpec, raw: Any, parse: Parse) -> Any:
    if parse == "json":
        return spec.parse_json(raw)
    return spec.parse_text(raw) if parse == "text" else raw


def _parse_external(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or not all(isinstance(item, str | None) for item in raw.values()):
        raise BadValue('An object like {"salesforce": "0014W0000257"} is expected.')
    if any(not re.fullmatch(r"[a-z0-9_-]{1,40}", str(system)) for system in raw):
        raise BadValue("The name of a system is written in small letters, digits, - and _.")
    if any(value is not None and (len(value) > 200 or not storable(value)) for value in raw.values()):
        raise BadValue("An external id has at most 200 characters.")
    return dict(raw)


def _parse_custom(rtype: RecordType, name: str, raw: Any, parse: Parse, values: Values, errors: dict[str, str]) -> None:
    part = {name[7:]: raw} if name != "custom" else raw
    if not isinstance(part, Mapping):
        raise BadValue("An object of custom fields is expected.")
    specs = custom_specs(rtype.name)
    kept = values.setdefault("custom", {})
    for key, entry in part.items():
        spec = specs.get(key)
        if spec is None:
            errors[f"custom.{key}"] = "There is no such custom field. An administrator can add it under Settings."
            continue
        try:
            kept[key] = custom_to_json(_parse(spec, entry, parse))
        except BadValue as error:
            errors[f"custom.{key}"] = str(error)


def custom_to_json(value: Any) -> Any:
    """Return a custom value as the JSON column keeps it: numbers as numbers, days as ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
