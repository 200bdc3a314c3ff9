"""A rule described for programs and people: JSON Schema of inputs and parameters, defaults, sources, presets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from trackline.core.decimals import plain
from trackline.core.playbook.data import DatedValue
from trackline.core.playbook.rules import Rule

Json = dict[str, Any]


def listed(rule: Rule) -> Json:
    """Return the line of a rule in a list."""
    return {
        "id": rule.id,
        "title": rule.title,
        "room": rule.room,
        "spec": list(rule.spec),
        "summary": rule.summary,
    }


def described(rule: Rule, as_of: date) -> Json:
    """Return everything about a rule, its defaults as they are on a day."""
    data, in_force = rule.data, rule.in_force(as_of)
    return listed(rule) | {
        "description": rule.description,
        "inputs": input_schema(rule),
        "parameters": parameter_schema(rule, as_of),
        "presets": {
            name: {
                "says": preset.says,
                "parameters": rule.in_force(as_of, name).echo,
                "origin": preset.origin,
                "source": preset.source,
                "why": preset.why,
            }
            for name, preset in data.presets.items()
        },
        "default_preset": data.default_preset,
        "example": plain(data.example),
        "sources": list(data.sources),
        "version": in_force.version,
        "as_of": as_of.isoformat(),
    }


def input_schema(rule: Rule) -> Json:
    """Return the JSON Schema of a rule's inputs."""
    found: Json = _tidied(rule.inputs.model_json_schema())
    return found


def parameter_schema(rule: Rule, as_of: date) -> Json:
    """Return the JSON Schema of a rule's parameters: default, unit, origin, source, why, and the values over time."""
    kinds = _tidied(rule.parameters.model_json_schema())
    echo = rule.in_force(as_of).echo
    properties = {}
    for name, item in rule.data.parameters.items():
        shaped = _shaped(dict(kinds["properties"][name]), echo[name])
        dated = item.at(as_of)
        properties[name] = shaped | {
            "title": item.says,
            "unit": item.unit,
            "default": echo[name],
            "origin": dated.origin,
            "source": dated.source,
            "why": dated.why,
            "values": [_dated(value) for value in item.values],
        }
    out: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return out | ({"$defs": kinds["$defs"]} if "$defs" in kinds else {})


def _dated(value: DatedValue) -> Json:
    return {
        "from": plain(value.since),
        "value": plain(value.value),
        "origin": value.origin,
        "source": value.source,
        "why": value.why,
    }


def _shaped(kind: Json, default: Any) -> Json:
    """Name the keys of an object: overrides may change values, not add keys."""
    if not isinstance(default, Mapping) or "properties" in kind:
        return kind
    inner = kind.get("additionalProperties", {})
    inner = inner if isinstance(inner, dict) else {}
    return {
        "type": "object",
        "properties": {key: _shaped(dict(inner), value) | {"default": value} for key, value in default.items()},
        "additionalProperties": False,
    }


def _tidied(schema: Any) -> Any:
    """Say `null` as a type of its own (JSON Schema 2020-12) where pydantic writes two alternatives; drop made-up titles."""
    if isinstance(schema, list):
        return [_tidied(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: _tidied(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    either = out.get("anyOf")
    if isinstance(either, list) and len(either) == 2 and either[1] == {"type": "null"} and "type" in either[0]:
        out.pop("anyOf")
        kind = either[0] | {"type": [either[0]["type"], "null"]}
        if "enum" in kind:
            kind["enum"] = [*kind["enum"], None]
        out = kind | out
    if "const" in out and "enum" not in out and isinstance(out.get("type"), list):
        out["enum"] = [out.pop("const"), None]
    return out
