"""The list of what may leave, as `allowed.yaml` says it.

Source: PERM-07, PERM-08.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import registry


@cache
def allowed() -> Mapping[str, tuple[str, ...]]:
    """Return the columns that may leave, by record type. Raises `ValueError` for a name that no record type has."""
    listed = {name: tuple(given.get("fields", ())) for name, given in _listed()["records"].items()}
    for name, fields in listed.items():
        rtype = registry.find(name)
        unknown = set(fields) - set(rtype.stored if rtype else ())
        if rtype is None or unknown:
            raise ValueError(f"allowed.yaml: {name} has no {', '.join(sorted(unknown)) or 'record type'}")
        beyond = {spec.target for spec in refs_of(name, fields).values()} - set(listed)
        if beyond:
            raise ValueError(f"allowed.yaml: {name} leads to {', '.join(sorted(beyond))}, of which nothing is allowed")
    return listed


def refs_of(name: str, fields: Sequence[str]) -> dict[str, FieldSpec]:
    """Return those of the fields that lead to another record."""
    stored = registry.get(name).stored
    return {field: stored[field] for field in fields if stored[field].kind == "ref"}


def tells(name: str) -> tuple[str, ...]:
    """Return what documents alone may tell of a record type."""
    return tuple(_listed()["records"].get(name, {}).get("told", ()))


@cache
def facts_allowed() -> Mapping[str, Any]:
    """Return what may leave of the facts of an account, by part: names of rows, names within, or true for a value.

    Raises `ValueError` for rows of a record type that is not listed.
    """
    found: dict[str, Any] = _spelled(_listed()["facts"])
    return found


def may_tell(part: str, key: str) -> bool:
    """Tell whether a name of a part of the facts (`value.outcomes`) may leave."""
    found: Any = facts_allowed()
    for step in part.split("."):
        found = found.get(step, ()) if isinstance(found, Mapping) else ()
    return found is True or key in found


@cache
def _listed() -> Mapping[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("allowed.yaml").read_text("utf-8"))
    return found


def _spelled(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {name: _spelled(one) for name, one in given.items()}
    if isinstance(given, str):
        if given not in _listed()["records"]:
            raise ValueError(f"allowed.yaml: facts tell of {given}, which is not listed")
        return (*_listed()["records"][given].get("fields", ()), *tells(given))
    return given
