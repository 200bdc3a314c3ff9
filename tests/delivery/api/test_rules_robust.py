"""Whatever an outside program sends to a rule has an answer: a result in the shape of the interface, or a problem that names
the input and says what is expected of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.delivery.api.client import Api, problem
from trackline.core.decimals import plain
from trackline.core.playbook import Rule, rulebook
from trackline.core.playbook.describe import input_schema

SHAPE = ["rule", "value", "band", "coverage_pct", "parts", "missing", "notes", "details", "parameters", "version", "sources",
         "as_of"]  # fmt: skip
PART = ["key", "label", "input", "weight", "points", "contribution", "band"]
WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 0.5, 101, 10**40, -1e300, 1e-300, "", "NaN", "Infinity", "12", "yellow", "\x00", "x" * 300,
    "2026-02-30", "9999-12-31", [], [None], [[]], ["NaN"], [-1, 10**40], {}, {"a": 1}, [{}], [{"key": "a"}],
)  # fmt: skip
"""What callers send by mistake, in place of any input."""
AGAINST = {
    "align.forecast.commit": {"quarter_end"},
    "align.pipeline.probability": {"wins"},
    "book.score.composite": {"accounts"},
    "book.score.scenario": {"accounts"},
    "book.score.sensitivity": {"accounts"},
    "commercial.sla.tier": {"threshold"},
    "reveal.goal.progress": {"target", "due_on"},
}
"""Inputs that are named where they contradict the one that is wrong."""
BODIES: tuple[Any, ...] = (
    {}, [], "inputs", 3, {"inputs": None}, {"inputs": []}, {"inputs": "none"}, {"inputs": {"": 1}}, {"inputs": {"\x00": 1}},
    {"inputs": {}, "parameters": "none"}, {"inputs": {}, "parameters": {"": 1}}, {"inputs": {}, "as_of": 20260630},
    {"inputs": {}, "as_of": "0000-01-01"}, {"inputs": {}, "as_of": "9999-12-31"}, {"inputs": {}, "extra": 1},
)  # fmt: skip


def bodies(rule: Rule) -> Iterator[tuple[Any, str]]:
    """Yield bodies with one input wrong and the others as in the example, with the name of the wrong one."""
    base = plain(dict(rule.data.example))
    for name in input_schema(rule).get("properties", {}):
        for wrong in WRONG:
            yield {"inputs": {**base, name: wrong}, "as_of": "2026-06-30"}, name


@pytest.mark.parametrize("rule", list(rulebook()), ids=lambda rule: rule.id)
def test_every_wrong_input_is_taken_or_named(admin: Api, rule: Rule) -> None:
    address = f"/rules/{rule.id}/run"
    for body, name in bodies(rule):
        answer = admin.post(address, body)
        if answer.status_code == 200:
            told = answer.json()
            assert list(told) == SHAPE
            assert all(list(part) == PART for part in told["parts"])
            assert told["sources"]
            continue
        if answer.status_code == 400:
            assert "beyond what can be read" in problem(answer, 400)["detail"]
            continue
        errors = problem(answer, 422)["errors"]
        assert errors, body
        for error in errors:
            assert error["loc"][0] == "inputs", (body, error)
            assert error["msg"].endswith("."), (body, error)
        named = {error["loc"][1] for error in errors if len(error["loc"]) > 1}
        assert named & {name, *AGAINST.get(rule.id, ())}, (body, errors)


@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_every_wrong_body_is_answered(admin: Api, body: Any) -> None:
    for rule in ("track.health.usage", "book.score.composite", "reveal.value.case"):
        answer = admin.post(f"/rules/{rule}/run", body)
        assert answer.status_code in (200, 400, 422), answer.content
        if answer.status_code != 200:
            told = problem(answer, answer.status_code)
            assert told["detail"]
