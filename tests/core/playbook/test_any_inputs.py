"""What holds for every rule, whatever valid inputs it gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.playbook.inputs import inputs_of
from trackline.core.playbook import Explained, Rule, RunRefused, rulebook
from trackline.core.playbook.describe import described

DAY = date(2026, 6, 30)
RULES = list(rulebook())
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@every_rule
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_any_valid_inputs_have_a_result(rule: Rule, data: st.DataObject) -> None:
    inputs = data.draw(inputs_of(rule))
    try:
        explained = rule(inputs, as_of=DAY)
    except RunRefused as refusal:
        # Inputs that contradict each other; the message names one of them.
        assert all(
            error["loc"][0] == "inputs" and error["loc"][1] in rule.inputs.model_fields for error in refusal.errors
        )
        return
    check(rule, explained, inputs)
    exact = json.loads(json.dumps(inputs), parse_float=Decimal)
    assert rule(exact, as_of=DAY).to_json() == explained.to_json()
    echoed = rule(inputs, as_of=DAY, parameters=explained.parameters)
    assert echoed.to_json() == explained.to_json()


GARBAGE = [
    None,
    True,
    False,
    -1,
    0,
    1,
    50,
    101,
    10**30,
    -1e300,
    1e-300,
    0.1,
    "",
    "12",
    "yellow",
    "\x00",
    "9999-12-31",
    [],
    [None],
    {},
    {"a": 1},
]
"""What callers send by mistake; NaN and infinity never get past reading JSON, but decimals may hold them."""
garbage = st.sampled_from([*GARBAGE, Decimal("NaN"), Decimal("Infinity"), Decimal("1e-40"), Decimal("1e999")])


@every_rule
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_garbage_anywhere_is_taken_or_refused_by_its_path(rule: Rule, data: st.DataObject) -> None:
    """In the inputs or in the parameters; whatever is taken leads to a result that holds."""
    inputs = data.draw(inputs_of(rule))
    parameters = json.loads(json.dumps(rule.in_force(DAY, None, None).parameters.to_json()))
    root = data.draw(st.sampled_from(["inputs", "parameters"]))
    spoilt = {"inputs": inputs, "parameters": parameters}
    paths = [path for path in paths_in(spoilt[root]) if path]
    if not paths:
        return
    path, wrong = data.draw(st.sampled_from(paths)), data.draw(garbage)
    spoilt[root] = replaced(spoilt[root], path, wrong)
    try:
        explained = rule(spoilt["inputs"], as_of=DAY, parameters=spoilt["parameters"])
    except RunRefused as refusal:
        assert all(error["loc"][0] in ("inputs", "parameters") and error["msg"] for error in refusal.errors)
        return
    json.dumps(explained.to_json(), allow_nan=False)


def paths_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of a value and of what it holds."""
    yield path
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in held:
        yield from paths_in(item, (*path, name))


def replaced(value: Any, path: tuple[str | int, ...], item: Any) -> Any:
    """Return a copy of a value with another item at a path."""
    if not path:
        return item
    copied = value.copy()
    copied[path[0]] = replaced(value[path[0]], path[1:], item)
    return copied


def names_in(value: Any) -> set[str]:
    """Return what a missing value can be called: names at any depth, and keys that the inputs give their rows."""
    if isinstance(value, dict):
        own = {str(value["key"])} if isinstance(value.get("key"), str) else set()
        return own | set(value) | {name for item in value.values() for name in names_in(item)}
    return {name for item in value for name in names_in(item)} if isinstance(value, list) else set()


@cache
def inputs_named(rule: Rule) -> set[str]:
    """Return what the schema of a rule calls its inputs."""
    return names_in(rule.inputs.model_json_schema())


def keys_in(value: Any) -> list[str]:
    """Return the keys that the inputs give their rows; who gives one twice gets two parts of that key."""
    if isinstance(value, dict):
        own = [value["key"]] if isinstance(value.get("key"), str) else []
        return own + [key for item in value.values() for key in keys_in(item)]
    return [key for item in value for key in keys_in(item)] if isinstance(value, list) else []


def check(rule: Rule, explained: Explained, inputs: dict[str, Any]) -> None:
    answer: dict[str, Any] = json.loads(json.dumps(explained.to_json(), allow_nan=False))
    assert answer["sources"]
    assert set(answer["missing"]) <= inputs_named(rule) | names_in(inputs)
    assert len(set(answer["missing"])) == len(answer["missing"])
    assert 0 <= answer["coverage_pct"] <= 100.000001
    keys = [part["key"] for part in answer["parts"]]
    if len(set(given := keys_in(inputs))) == len(given):
        assert len(set(keys)) == len(keys)
    # Contributions add up to the value where the rule is a weighted sum.
    contributions = [part.contribution for part in explained.parts if part.weight and part.contribution is not None]
    if isinstance(explained.value, Decimal) and contributions:
        scale = max(Decimal(1), *(abs(item) for item in contributions))
        assert abs(sum(contributions) - explained.value) <= scale * Decimal("1e-20")
    if any(part.weight is not None for part in explained.parts) and explained.value is None:
        assert answer["coverage_pct"] < 60


@every_rule
def test_unknown_inputs_and_parameters_are_refused(rule: Rule) -> None:
    with pytest.raises(RunRefused) as refusal:
        rule({"no_such_input": 1}, as_of=DAY)
    assert ["inputs", "no_such_input"] in [error["loc"] for error in refusal.value.errors]
    with pytest.raises(RunRefused) as refusal:
        rule.in_force(DAY, None, {"no_such_parameter": 1})
    assert [error["loc"] for error in refusal.value.errors] == [["parameters", "no_such_parameter"]]


@every_rule
def test_every_rule_can_be_described(rule: Rule) -> None:
    about = json.loads(json.dumps(described(rule, DAY), allow_nan=False))
    assert set(about["parameters"]["properties"]) == set(rule.parameters.model_fields)
    for name, schema in about["inputs"].get("properties", {}).items():
        assert schema.get("description"), f"{rule.id}: the input {name} has no description"
    for name, schema in about["parameters"]["properties"].items():
        assert schema["title"], name
        assert schema["origin"] in ("stated", "interpreted", "ours")
        assert schema["source"]
