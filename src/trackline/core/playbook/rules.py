"""A rule: one pure function, its data file beside it, and what is in force on a day."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import localcontext
from functools import cached_property
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import ValidationError

from trackline.core.decimals import CONTEXT
from trackline.core.playbook import data as files
from trackline.core.playbook.errors import RulebookInvalid, RunRefused
from trackline.core.playbook.explained import Explained, Finding
from trackline.core.playbook.inputs import Inputs, errors_of, read_inputs
from trackline.core.playbook.parameters import SAVING, Misplaced, Parameters, overlay

PRESET = "preset"
"""The input that chooses a preset of parameters, in rules that have them."""


@dataclass(frozen=True)
class InForce:
    """Parameters as a run uses them, their JSON, and the version that names rule and parameters."""

    parameters: Parameters
    echo: Mapping[str, Any]
    version: str
    preset: str | None


@dataclass(frozen=True)
class Rule:
    """A rule of the rulebook; call it to run it.

    `function` takes checked inputs, then parameters, then `as_of`, as far as it asks for them, and returns a `Finding`.
    `revision` goes up when the arithmetic changes, so that old results keep a version of their own.
    """

    id: str
    title: str
    spec: tuple[str, ...]
    summary: str
    function: Callable[..., Finding]
    revision: int
    _cache: dict[tuple[int, str | None], InForce] = field(default_factory=dict, compare=False, repr=False)

    def __call__(
        self, inputs: Inputs | Mapping[str, Any], *, as_of: date, parameters: Mapping[str, Any] | None = None
    ) -> Explained:
        """Run the rule. `parameters` override for this run alone; raises `RunRefused` for what it does not take."""
        given = read_inputs(self.inputs, inputs)
        return self.explain(given, self.in_force(as_of, getattr(given, PRESET, None), parameters), as_of)

    def explain(self, given: Inputs, in_force: InForce, as_of: date) -> Explained:
        """Run the rule on checked inputs under parameters already resolved: the fast way over many accounts."""
        with localcontext(CONTEXT):
            finding = self.function(*(given, in_force.parameters, as_of)[: self._arguments])
        return Explained(
            self.id,
            finding.value,
            finding.band,
            finding.coverage_pct,
            finding.parts,
            finding.missing,
            finding.notes,
            finding.details,
            in_force.echo,
            in_force.version,
            self.data.sources,
            as_of,
        )

    # -- the function ----------------------------------------------------------------------------------------------

    @property
    def room(self) -> str:
        """The first word of the id."""
        return self.id.partition(".")[0]

    @property
    def description(self) -> str:
        """What the rule says in plain words: its function's docstring."""
        return inspect.getdoc(self.function) or ""

    @cached_property
    def inputs(self) -> type[Inputs]:
        """The model of its inputs."""
        found: type[Inputs] = self._hinted(0, Inputs)
        return found

    @cached_property
    def parameters(self) -> type[Parameters]:
        """The model of its parameters; one without fields where the function asks for none."""
        found: type[Parameters] = self._hinted(1, Parameters) if self._arguments > 1 else Parameters
        return found

    @property
    def reads_clock(self) -> bool:
        """Whether the day of a run (`as_of`) can decide anything."""
        return self._arguments > 2

    @cached_property
    def _arguments(self) -> int:
        return len(inspect.signature(self.function).parameters)

    def _hinted(self, position: int, base: Any) -> Any:
        hints = get_type_hints(self.function)
        found = hints.get(list(inspect.signature(self.function).parameters)[position])
        if not (isinstance(found, type) and issubclass(found, base)):
            raise RulebookInvalid([f"{self.id}: argument {position + 1} must be annotated with a {base.__name__}"])
        return found

    # -- the data file ---------------------------------------------------------------------------------------------

    @cached_property
    def path(self) -> Path:
        """The data file: beside the module, with its name."""
        source = sys.modules[self.function.__module__].__file__
        assert source is not None
        return Path(source).with_suffix(".yaml")

    @cached_property
    def data(self) -> files.RuleData:
        """What the data file says, with the shared parameters that this rule names."""
        found = files.read_file(self.path).get(self.id)
        if found is None:
            raise RulebookInvalid([f"{self.path.name}: has nothing on {self.id}"])
        asked, own = list(self.parameters.model_fields), found.parameters
        known = {name: own.get(name) or files.shared().get(name) for name in asked}
        faults = [f"parameter {name} of the code is missing" for name, item in known.items() if item is None]
        faults += [f"parameter {name} is not one of the code's" for name in own if name not in known]
        if faults:
            raise RulebookInvalid([f"{self.path.name}: {self.id}: {fault}" for fault in faults])
        return found.model_copy(update={"parameters": known})

    def in_force(
        self,
        as_of: date,
        preset: str | None = None,
        overrides: Mapping[str, Any] | None = None,
        *,
        saving: bool = False,
    ) -> InForce:
        """Return the parameters in force on a day, under a preset, with overrides laid over.

        Weights off 100 are scaled; with `saving` they are refused. Raises `RunRefused` for overrides that do not fit.
        """
        preset = preset or self.data.default_preset
        key = (bisect_right(self.data.days, as_of), preset)
        if overrides:
            return self._resolved(as_of, preset, overrides, SAVING if saving else None)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._resolved(as_of, preset, None, SAVING)
        return found

    def _resolved(self, as_of: date, preset: str | None, overrides: Mapping[str, Any] | None, context: Any) -> InForce:
        raw = files.raw_values(self.data.parameters, as_of)
        with localcontext(CONTEXT):
            try:
                if preset in self.data.presets:
                    raw = overlay(raw, self.data.presets[preset].parameters)
                if overrides is not None:
                    raw = overlay(raw, overrides)
                parameters = self.parameters.model_validate(raw, context=context)
            except Misplaced as fault:
                raise RunRefused([{"loc": ["parameters", *fault.loc], "msg": fault.message}]) from None
            except ValidationError as faults:
                raise RunRefused(errors_of(faults, "parameters", "parameter")) from None
            echo = parameters.to_json()
        return InForce(parameters, echo, self._version(echo), preset)

    def _version(self, echo: Mapping[str, Any]) -> str:
        text = json.dumps([self.id, self.revision, echo], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def rule(
    rule_id: str, *, title: str, spec: tuple[str, ...], summary: str, revision: int = 1
) -> Callable[[Callable[..., Finding]], Rule]:
    """Make a rule of a function. `spec` names the catalogue entries it implements, `summary` says it in one line."""
    return lambda function: Rule(rule_id, title, spec, summary, function, revision)
