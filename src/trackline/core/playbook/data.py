"""Reads a rule's data file: sources, dated parameter values with unit, source and origin, presets."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from trackline.core.playbook.errors import RulebookInvalid

Origin = Literal["stated", "interpreted", "ours"]
"""`stated`: the source prints it. `interpreted`: our reading of what it prints. `ours`: the sources are silent."""

_CATALOGUE_ENTRY = re.compile(r"[A-Z]+-\d{2,3}(-\d)?")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatedValue(_Entry):
    """A value of a parameter from a day on, and where it comes from."""

    value: Any
    since: date | None = Field(None, alias="from")
    origin: Origin
    source: str
    why: str | None = None

    @model_validator(mode="after")
    def _honest(self) -> DatedValue:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"a value that is {self.origin} needs a why")
        check_source(self.source)
        return self


class ParameterData(_Entry):
    """A parameter: what it says, its unit, its values over time, oldest first."""

    says: str
    unit: str | None = None
    values: tuple[DatedValue, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> ParameterData:
        days = [dated.since for dated in self.values]
        if any(day is None for day in days[1:]) or any(
            later <= earlier for earlier, later in pairwise(days) if earlier and later
        ):
            raise ValueError("values must be dated, oldest first; only the first may go without `from`")
        return self

    def at(self, day: date) -> DatedValue:
        """Return the value in force on a day; before the first date the first value."""
        found = self.values[0]
        for dated in self.values[1:]:
            if dated.since is not None and dated.since <= day:
                found = dated
        return found


class PresetData(_Entry):
    """A named set of figures laid over the defaults."""

    says: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    origin: Origin
    source: str
    why: str | None = None

    @model_validator(mode="after")
    def _honest(self) -> PresetData:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"a preset that is {self.origin} needs a why")
        check_source(self.source)
        return self


class RuleData(_Entry):
    """Everything a data file says of one rule."""

    sources: tuple[str, ...] = Field(min_length=1)
    parameters: dict[str, ParameterData] = Field(default_factory=dict)
    presets: dict[str, PresetData] = Field(default_factory=dict)
    default_preset: str | None = None
    example: dict[str, Any] = Field(default_factory=dict)
    """Inputs that show what the rule does: what-if forms and documents start from them."""

    @field_validator("sources")
    @classmethod
    def _known(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        for source in sources:
            check_source(source)
        return sources

    @model_validator(mode="after")
    def _default_named(self) -> RuleData:
        if self.presets and self.default_preset not in self.presets:
            raise ValueError("default_preset must name one of the presets")
        return self

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which a parameter changes, in order."""
        return tuple(sorted({dated.since for item in self.parameters.values() for dated in item.values if dated.since}))


def check_source(source: str) -> None:
    """Raise `ValueError` unless a source cites a known document with a place, or a catalogue with an entry."""
    known = documents()
    catalogue, colon, entry = source.partition(":")
    if colon and catalogue in known["catalogues"]:
        if _CATALOGUE_ENTRY.fullmatch(entry):
            return
        raise ValueError(f"source {source!r}: an entry such as {catalogue}:ABC-01 is expected")
    document, _, place = source.partition(" ")
    if document not in known["documents"]:
        raise ValueError(f"source {source!r}: there is no document {document!r} in sources.yaml")
    if not place.strip():
        raise ValueError(f"source {source!r}: the place within the document is missing")


@cache
def documents() -> dict[str, dict[str, str]]:
    """Return titles of the documents and catalogues that sources may cite, by key."""
    found: dict[str, dict[str, str]] = read_yaml((files(__package__) / "sources.yaml").read_text())
    return found


@cache
def shared() -> dict[str, ParameterData]:
    """Return the parameters that many rules share."""
    raw = read_yaml((files(__package__) / "shared.yaml").read_text())
    return {name: ParameterData.model_validate(item) for name, item in raw.items()}


@cache
def read_file(path: Path) -> dict[str, RuleData]:
    """Return what a data file says, by rule id. Raises `RulebookInvalid` with every fault found."""
    if not path.exists():
        raise RulebookInvalid([f"{path.name}: the data file of {path.stem}.py is missing"])
    try:
        raw = read_yaml(path.read_text())
    except (yaml.YAMLError, ValueError) as fault:
        raise RulebookInvalid([f"{path.name}: {fault}"]) from None
    if not isinstance(raw, dict):
        raise RulebookInvalid([f"{path.name}: rule ids with their data are expected"])
    found, faults = {}, []
    for rule_id, item in raw.items():
        try:
            found[rule_id] = RuleData.model_validate(item)
        except ValidationError as invalid:
            faults += [
                f"{path.name}: {rule_id}.{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
                for fault in invalid.errors(include_url=False, include_input=False)
            ]
    if faults:
        raise RulebookInvalid(faults)
    return found


# -- YAML --------------------------------------------------------------------------------------------------------------


class _Loader(yaml.CSafeLoader):
    """Safe, with exact decimals; a key given twice is a fault, not a silent overwrite."""


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    out: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in out:
            raise ValueError(f"{key!r} is given twice (line {key_node.start_mark.line + 1})")
        out[key] = loader.construct_object(value_node, deep=True)
    return out


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(text: str) -> Any:
    """Return a YAML document, its fractions as exact decimals. Raises for a key given twice."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  (derives from the safe loader)


def raw_values(parameters: Mapping[str, ParameterData], day: date) -> dict[str, Any]:
    """Return the values in force on a day, as the file writes them."""
    return {name: item.at(day).value for name, item in parameters.items()}
