"""Faults of rules and data files stop the rulebook, each named with its place."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from trackline.core.playbook.discovery import Rulebook, load
from trackline.core.playbook.errors import RulebookInvalid

MODULE = '''
from __future__ import annotations
from typing import Literal
from pydantic import Field
from trackline.core.playbook import BandCuts, Finding, Inputs, NormAnchors, Parameters, Weights, rule
from trackline.core.playbook.fields import Number

class Given(Inputs):
    value: Number = Field(description="A value")
    preset: Literal["one", "two"] | None = None

class Figures(Parameters):
    weights: Weights
    bands: BandCuts
    anchors: NormAnchors

@rule("room.group.name", title="A rule", spec=("ABC-01",), summary="It judges.")
def judge(given: Given, p: Figures) -> Finding:
    """Judge a value."""
    return Finding(given.value, p.bands.of(given.value))
'''

DATA = """
room.group.name:
  sources: [004 §1]
  default_preset: one
  presets:
    one: {says: One, origin: stated, source: 004 §1}
    two: {says: Two, origin: stated, source: 004 §1, parameters: {bands: {green: 90}}}
  parameters:
    weights: {says: Weights, values: [{value: {a: 60, b: 40}, origin: stated, source: 004 §1}]}
    bands:
      says: Bands
      values:
        - {value: {green: ">= 80", amber: ">= 60"}, origin: stated, source: 004 §1}
        - {from: 2027-01-01, value: {green: ">= 70", amber: ">= 60"}, origin: ours, source: "account:ABC-01", why: kinder}
    anchors: {says: Anchors, values: [{value: {v0: 0, v60: 1, v80: 2, v100: 3}, origin: stated, source: 004 §1}]}
"""

Build = Callable[..., Rulebook]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """Load a package of one room from a module and its data file."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def make(data: str = DATA, module: str = MODULE, **more: str) -> Rulebook:
        folder = tmp_path / "somewhere" / "room" / "rules"
        folder.mkdir(parents=True, exist_ok=True)
        for package in (folder, folder.parent, folder.parent.parent):
            (package / "__init__.py").touch()
        (folder / "group.py").write_text(module)
        (folder / "group.yaml").write_text(textwrap.dedent(data))
        for name, text in more.items():
            (folder / f"{name}.py").write_text(text)
            (folder / f"{name}.yaml").write_text(data)
        return load("somewhere")

    yield make
    for name in set(sys.modules) - before:
        if name.startswith("somewhere"):
            del sys.modules[name]


def test_a_rule_is_found_and_runs_under_the_values_of_the_day(build: Build) -> None:
    rule = build().get("room.group.name")
    early = rule({"value": 75}, as_of=date(2026, 12, 31))
    late = rule({"value": 75}, as_of=date(2027, 1, 1))
    assert (early.band, late.band) == ("amber", "green")
    assert early.version != late.version
    assert rule({"value": 85, "preset": "two"}, as_of=date(2026, 12, 31)).band == "amber"
    assert rule.in_force(date(1999, 1, 1)).echo["bands"] == {"green": 80, "amber": 60}


def test_a_family_of_rules_may_be_a_package(build: Build, tmp_path: Path) -> None:
    family = tmp_path / "somewhere" / "room" / "rules" / "family"
    family.mkdir(parents=True)
    (family / "__init__.py").touch()
    (family / "shared.py").write_text("LIMIT = 5\n")
    (family / "member.py").write_text(MODULE.replace("room.group.name", "room.family.name"))
    (family / "member.yaml").write_text(DATA.replace("room.group.name", "room.family.name"))
    assert [rule.id for rule in build()] == ["room.family.name", "room.group.name"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("a: 60", "a: 61", "sum to 100"),
        ('amber: ">= 60"}, origin: stated', 'amber: ">= 85"}, origin: stated', "must lie above"),
        ("v80: 2", "v80: 1", "must all rise or all fall"),
        ("sources: [004 §1]", "sources: [005 §1]", "no document '005'"),
        ("sources: [004 §1]", 'sources: ["004"]', "place within the document"),
        ('source: "account:ABC-01"', 'source: "account:x"', "an entry such as"),
        ("sources: [004 §1]", "sources: []", "sources"),
        (", why: kinder", "", "needs a why"),
        ("from: 2027-01-01, ", "", "oldest first"),
        ("origin: ours", "origin: guessed", "origin"),
        ("default_preset: one", "default_preset: three", "default_preset"),
        ("    two: {", "    three: {", "differ from the input's"),
        ("{green: 90}", "{blue: 90}", "no such key"),
        ("  sources: [004 §1]", "  sources: [004 §1]\n  example: {valu: 3}", "example: inputs.value"),
        ("room.group.name:", "room.group.other:", "has nothing on room.group.name"),
        ("    weights: {says", "    heights: {says", "weights of the code is missing"),
        ("weights: {says: Weights,", "weights: {", "says"),
        ("a: 60, b: 40", "a: 60, a: 40", "given twice"),
        ("room.group.name:", "room.group.name: {}\nroom.group.name:", "given twice"),
    ],
)
def test_a_fault_is_named(build: Build, old: str, new: str, fault: str) -> None:
    assert old in DATA
    with pytest.raises(RulebookInvalid) as invalid:
        build(DATA.replace(old, new, 1))
    assert fault in str(invalid.value)
    assert "room.group" in str(invalid.value) or "group.yaml" in str(invalid.value)


def test_data_without_a_rule_is_named(build: Build) -> None:
    with pytest.raises(RulebookInvalid, match=r"there is no rule room\.group\.spare"):
        build(DATA + DATA.replace("room.group.name", "room.group.spare"))


def test_an_id_there_twice_is_named(build: Build) -> None:
    with pytest.raises(RulebookInvalid, match="is there twice"):
        build(second=MODULE)
