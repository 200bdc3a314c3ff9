"""Random valid inputs of any rule, drawn from its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from trackline.core.playbook import Rule
from trackline.core.playbook.describe import input_schema

Strategy = st.SearchStrategy[Any]


@cache
def inputs_of(rule: Rule) -> Strategy:
    """Return objects that a rule's schema admits; each optional input is there or not."""
    schema = input_schema(rule)
    return _object(schema, schema.get("$defs", {}))


def _object(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Strategy:
    needed = set(schema.get("required", ()))
    properties = {name: _value(item, defs) for name, item in schema.get("properties", {}).items()}
    return st.fixed_dictionaries(
        {name: item for name, item in properties.items() if name in needed},
        optional={name: item for name, item in properties.items() if name not in needed},
    )


def _value(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Strategy:
    if "$ref" in schema:
        return _object(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        return st.one_of([_value(item, defs) for item in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return st.one_of([_kind(kind, schema, defs) for kind in kinds])


def _kind(kind: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Strategy:
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind in ("number", "integer"):
        return _number(kind, schema)
    if kind == "array":
        return st.lists(
            _value(schema["items"], defs), max_size=schema.get("maxItems", 5), min_size=schema.get("minItems", 0)
        )
    if kind == "object":
        if "properties" not in schema:
            values = schema.get("additionalProperties")
            inner = _value(values, defs) if isinstance(values, Mapping) else st.none()
            return st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
        return _object(schema, defs)
    if schema.get("format") == "date":
        return st.dates().map(lambda day: day.isoformat())
    return st.sampled_from(["a", "b", "c"]) | st.text("abc -é", min_size=1, max_size=8)


def _number(kind: str, schema: Mapping[str, Any]) -> Strategy:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum")
    above = {"exclude_min": True} if "exclusiveMinimum" in schema else {}
    near = (0 if low is None else low, high if high is not None else 100)
    whole = st.integers(near[0] + bool(above), near[1])
    if kind == "integer":
        return whole | st.integers(low if low is not None else -(10**6), high if high is not None else 10**6)
    widest = (-1e18 if low is None else float(low), 1e18 if high is None else float(high))
    fine = st.just(1e-300) if not low else st.nothing()
    return (
        whole
        | st.floats(float(near[0]), float(near[1]), allow_nan=False, **above)
        | st.floats(*widest, allow_nan=False, **above)
        | fine
    )
