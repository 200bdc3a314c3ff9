"""All rules by id, found by walking the `rules` packages of every room; checked as a whole before first use."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from trackline.core.playbook import data as files
from trackline.core.playbook.errors import RulebookInvalid, RuleUnknown, RunRefused
from trackline.core.playbook.explained import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.core.playbook.rules import PRESET, Rule

PACKAGE = "trackline"
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,2}")


class Rulebook:
    """Rules in the order of their ids."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = dict(sorted(rules.items()))

    def get(self, rule_id: str) -> Rule:
        """Return a rule. Raises `RuleUnknown`."""
        found = self._rules.get(rule_id)
        if found is None:
            raise RuleUnknown(rule_id, self._rules)
        return found

    def search(self, words: str, room: str = "") -> list[Rule]:
        """Return the rules whose id, title, summary or catalogue entries hold every word, of one room or of all."""
        wanted = words.casefold().split()
        return [rule for rule in self if room in ("", rule.room) and all(word in _text_of(rule) for word in wanted)]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules


def _text_of(rule: Rule) -> str:
    return " ".join((rule.id, rule.title, rule.summary, *rule.spec)).casefold()


@cache
def rulebook() -> Rulebook:
    """Return the rulebook, found and checked once in each process. Raises `RulebookInvalid` listing every fault."""
    return load(PACKAGE)


def run(
    rule_id: str, inputs: Mapping[str, Any], *, as_of: date, parameters: Mapping[str, Any] | None = None
) -> Explained:
    """Run a rule by its id. Raises `RuleUnknown`, and `RunRefused` for inputs or overrides that it does not take."""
    return rulebook().get(rule_id)(inputs, as_of=as_of, parameters=parameters)


def load(package: str) -> Rulebook:
    """Find and check the rules of a package whose rooms hold `rules` packages."""
    rules: dict[str, Rule] = {}
    faults: list[str] = []
    for module in _modules(package):
        own = [
            item
            for item in vars(module).values()
            if isinstance(item, Rule) and item.function.__module__ == module.__name__
        ]
        for item in own:
            if item.id in rules:
                faults.append(
                    f"{item.id}: is there twice, in {module.__name__} and {rules[item.id].function.__module__}"
                )
            rules[item.id] = item
            faults += _faults(item)
        faults += _strays(own)
    if faults:
        raise RulebookInvalid(list(dict.fromkeys(faults)))
    return Rulebook(rules)


def _modules(package: str) -> Iterator[ModuleType]:
    top = importlib.import_module(package)
    for room in pkgutil.iter_modules(top.__path__, f"{package}."):
        if not room.ispkg or find_spec(f"{room.name}.rules") is None:
            continue
        rules = importlib.import_module(f"{room.name}.rules")
        for module in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
            yield importlib.import_module(module.name)


def _faults(rule: Rule) -> Iterator[str]:
    """Yield what is wrong with one rule: its id, its data, each value ever in force, each preset."""
    if not _ID.fullmatch(rule.id):
        yield f"{rule.id}: an id such as room.group.name is expected"
    if not (rule.title and rule.summary and rule.spec and rule.description):
        yield f"{rule.id}: title, summary, spec and a docstring are needed"
    try:
        data = rule.data
    except RulebookInvalid as invalid:
        yield from invalid.faults
        return
    yield from _preset_faults(rule)
    if data.example:
        try:
            read_inputs(rule.inputs, data.example)
        except RunRefused as refusal:
            yield f"{rule.path.name}: {rule.id}: example: {refusal}"
    for day in (date.min, *data.days):
        for preset in data.presets or (None,):
            try:
                rule.in_force(day, preset)
            except RunRefused as refusal:
                yield f"{rule.path.name}: {rule.id}, {preset or 'defaults'}: {refusal}"


def _preset_faults(rule: Rule) -> Iterator[str]:
    if not rule.data.presets:
        return
    found = rule.inputs.model_fields.get(PRESET)
    taken = {word for part in get_args(found.annotation) for word in get_args(part)} if found else set()
    if taken != set(rule.data.presets):
        yield f"{rule.path.name}: {rule.id}: presets {sorted(rule.data.presets)} differ from the input's {sorted(taken)}"


def _strays(own: list[Rule]) -> Iterator[str]:
    """Yield entries of the modules' data files that no rule has."""
    paths: dict[Path, set[str]] = {}
    for item in own:
        paths.setdefault(item.path, set()).add(item.id)
    for path, ids in paths.items():
        try:
            written = files.read_file(path)
        except RulebookInvalid:
            continue  # told by the rule itself
        yield from (f"{path.name}: there is no rule {rule_id}" for rule_id in written if rule_id not in ids)
