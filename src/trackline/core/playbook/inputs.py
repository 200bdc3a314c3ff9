"""Inputs of a rule: a frozen model of typed fields that refuses unknown names and says where a value is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from trackline.core.playbook.errors import RunRefused

I = TypeVar("I", bound="Inputs")  # noqa: E741


class Inputs(BaseModel):
    """Base of a rule's inputs and of the objects within them."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_inputs(model: type[I], given: Any) -> I:
    """Return checked inputs; an instance passes as it is. Raises `RunRefused` with a path for every fault."""
    if isinstance(given, model):
        return given
    if not isinstance(given, Mapping):
        raise RunRefused([{"loc": ["inputs"], "msg": "An object is expected."}])
    try:
        return model.model_validate(given)
    except ValidationError as faults:
        raise RunRefused(errors_of(faults, "inputs", "input")) from None


def errors_of(faults: ValidationError, root: str, noun: str) -> list[dict[str, Any]]:
    """Return the errors of a validation, each with its path and a plain sentence."""
    listed = faults.errors(include_url=False, include_input=False)
    return [{"loc": [root, *fault["loc"]], "msg": _words(fault, noun)} for fault in listed]


_WORDS = {
    "missing": "Needed, but missing.",
    "list_type": "A list is expected.",
    "dict_type": "An object is expected.",
    "model_type": "An object is expected.",
}


def _words(fault: Mapping[str, Any], noun: str) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"There is no such {noun}."
    if kind == "literal_error":
        choices = str(fault["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return f"One of {choices} is expected."
    if kind in ("too_short", "too_long"):
        bound, count = ("least", "min_length") if kind == "too_short" else ("most", "max_length")
        return f"A list of at {bound} {fault['ctx'][count]} is expected."
    return _WORDS.get(kind, f"{str(fault['msg']).rstrip('.')}.")


def known(values: Sequence[Any]) -> list[Any]:
    """Return the values of a list that are known, that is not null."""
    return [value for value in values if value is not None]


def absent(inputs: Inputs, *names: str) -> list[str]:
    """Return those of the named inputs that are not known, in the order given."""
    return [name for name in names if getattr(inputs, name) is None]
