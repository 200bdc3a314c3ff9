"""Worked cases of rules: YAML files beside the tests of their room, read by one runner.

A case names its `rule`, a `name`, the `source` of its figures, `inputs`, and what is `expected` of the answer: any part of
it, maps key by key, lists whole. `≈ 71.9` expects a number that rounds half up to what is printed. `refused` lists the
paths of errors instead. `parameters` and `as_of` are optional. `variants` repeat a case with some inputs changed; the case itself runs too where it says
what it expects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from trackline.core.playbook import Explained, RunRefused, run
from trackline.core.playbook.data import read_yaml
from trackline.core.playbook.parameters import stacked

TESTS = Path(__file__).resolve().parents[2]
DAY = date(2026, 6, 30)
_KEYS = {"rule", "name", "source", "inputs", "parameters", "as_of", "expected", "refused", "variants"}


@dataclass(frozen=True)
class Case:
    """One case, ready to run."""

    rule: str
    name: str
    source: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[tuple[str | int, ...], ...] = ()
    parameters: Mapping[str, Any] | None = None
    as_of: date = DAY

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"


def all_cases() -> Iterator[Case]:
    """Yield the cases of every `rules` folder of the tests."""
    for path in sorted(TESTS.glob("*/rules/**/*.yaml")):
        for raw in read_yaml(path.read_text()):
            unknown = set(raw) - _KEYS
            assert not unknown, f"{path.name}: {raw.get('name')}: {unknown}"
            yield from _cases(raw)


def _cases(raw: dict[str, Any]) -> Iterator[Case]:
    if "variants" not in raw or "expected" in raw or "refused" in raw:
        yield _case(raw, raw["name"])
    for variant in raw.get("variants", ()):
        inputs = {**raw.get("inputs", {}), **variant.get("inputs", {})}
        told = ", ".join(f"{name} {value}" for name, value in variant.get("inputs", {}).items())
        yield _case({**raw, **variant, "inputs": inputs}, f"{raw['name']}: {variant.get('name', told)}")


def _case(raw: Mapping[str, Any], name: str) -> Case:
    return Case(
        raw["rule"],
        name,
        raw["source"],
        raw["inputs"],
        raw.get("expected", {}),
        tuple(tuple(path) for path in raw.get("refused", ())),
        raw.get("parameters"),
        raw.get("as_of", DAY),
    )


def holds(case: Case, laid: Mapping[str, Any]) -> bool:
    """Tell whether a case still holds with other figures laid over the rule."""
    parameters = stacked(case.parameters, laid) if case.parameters else laid
    try:
        explained = run(case.rule, case.inputs, as_of=case.as_of, parameters=parameters)
    except RunRefused:
        return bool(case.refused)
    return not case.refused and next(unlike(case, explained), None) is None


def unlike(case: Case, explained: Explained) -> Iterator[str]:
    """Yield where a result is not what a case expects."""
    answer = json.loads(json.dumps(explained.to_json(), allow_nan=False))
    # `parts` may be told by key.
    answer["by_key"] = {part["key"]: part for part in answer["parts"]}
    expected = dict(case.expected)
    if isinstance(expected.get("parts"), dict):
        expected["by_key"] = expected.pop("parts")
    yield from differences(expected, answer)


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield where an answer is not as expected."""
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            yield f"{path}: {found!r} is no object"
            return
        for key, value in expected.items():
            yield from differences(value, found.get(str(key), "absent"), f"{path}.{key}")
    elif isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            yield f"{path}: expected {expected}, found {found}"
            return
        for index, value in enumerate(expected):
            yield from differences(value, found[index], f"{path}[{index}]")
    elif not _same(expected, found):
        yield f"{path}: expected {expected}, found {found}"


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, str) and expected.startswith("≈ "):
        printed = Decimal(expected.removeprefix("≈ ").replace(",", ""))
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return Decimal(repr(found)).quantize(printed, rounding=ROUND_HALF_UP) == printed
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | Decimal) and isinstance(found, int | float):
        return abs(float(expected) - found) <= 1e-9 * max(1.0, abs(found))
    if isinstance(expected, date):
        return expected.isoformat() == found
    return bool(expected == found)
