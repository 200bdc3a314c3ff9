"""What holds for every rule, whatever valid inputs it gets."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
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


def names_in(value: Any) -> set[str]:
    """Return what a missing value can be called: names at any depth, and keys that the inputs give their rows."""
    if isinstance(value, dict):
        own = {str(value["key"])} if isinstance(value.get("key"), str) else set()
        return own | set(value) | {name for item in value.values() for name in names_in(item)}
    return {name for item in value for name in names_in(item)} if isinstance(value, list) else set()


def keys_in(value: Any) -> list[str]:
    """Return the keys that the inputs give their rows; who gives one twice gets two parts of that key."""
    if isinstance(value, dict):
        own = [value["key"]] if isinstance(value.get("key"), str) else []
        return own + [key for item in value.values() for key in keys_in(item)]
    return [key for item in value for key in keys_in(item)] if isinstance(value, list) else []


def check(rule: Rule, explained: Explained, inputs: dict[str, Any]) -> None:
    answer: dict[str, Any] = json.loads(json.dumps(explained.to_json(), allow_nan=False))
    assert answer["sources"]
    assert set(answer["missing"]) <= names_in(rule.inputs.model_json_schema()) | names_in(inputs)
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
