"""Steps of a playbook as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from trackline.choose.rules import templates


def test_steps_without_a_key_get_one() -> None:
    steps = [{"title": "Review", "offset_days": 30}, {"title": "Thank", "offset_days": -14}, {"title": "Ask"}]
    assert [step["key"] for step in templates.read(steps).steps] == ["T-30", "T+14", "step-3"]


def test_empty_values_are_left_out() -> None:
    found = templates.read([{"title": "Ask", "key": "", "description": None, "offset_days": None}])
    assert (found.steps, found.errors) == ([{"title": "Ask", "key": "step-1"}], [])


@pytest.mark.parametrize(
    ("steps", "loc"),
    [
        ({"a": 1}, ["steps"]),
        ([{"title": "x"}] * 201, ["steps"]),
        ([{"title": "x"}, None], ["steps", 1]),
        (["x"], ["steps", 0]),
        ([{}], ["steps", 0, "title"]),
        ([{"title": " "}], ["steps", 0, "title"]),
        ([{"title": 5}], ["steps", 0, "title"]),
        ([{"title": "x" * 251}], ["steps", 0, "title"]),
        ([{"title": "x", "offset_days": "3"}], ["steps", 0, "offset_days"]),
        ([{"title": "x", "offset_days": True}], ["steps", 0, "offset_days"]),
        ([{"title": "x", "offset_days": 10**12}], ["steps", 0, "offset_days"]),
        ([{"title": "x", "owner_role": 7}], ["steps", 0, "owner_role"]),
        ([{"title": "x", "key": "a b"}], ["steps", 0, "key"]),
        ([{"title": "x", "due": 3}], ["steps", 0, "due"]),
    ],
)
def test_what_cannot_become_a_step_is_named(steps: Any, loc: list[Any]) -> None:
    assert loc in [error["loc"] for error in templates.read(steps).errors]
