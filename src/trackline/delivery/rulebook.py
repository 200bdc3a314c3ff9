"""A request to run a rule, as the API and the command line take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from trackline.core.playbook import Rule, RunRefused
from trackline.core.playbook.fields import read_day
from trackline.kit.problems import Invalid

FIELDS = ("inputs", "parameters", "as_of")


def run_request(rule: Rule, body: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Run a rule on a request's JSON: `inputs`, and optionally `parameters` and `as_of`. Raises `Invalid`."""
    errors = [{"loc": [name], "msg": "There is no such field."} for name in body if name not in FIELDS]
    if "inputs" not in body:
        errors.append({"loc": ["inputs"], "msg": "Needed, but missing."})
    if body.get("parameters") is not None and not isinstance(body["parameters"], Mapping):
        errors.append({"loc": ["parameters"], "msg": "An object is expected."})
    as_of = today
    if body.get("as_of") is not None:
        try:
            as_of = read_day(body["as_of"])
        except ValueError:
            errors.append({"loc": ["as_of"], "msg": "A date as YYYY-MM-DD is expected."})
    if errors:
        raise _invalid(errors)
    try:
        return rule(body["inputs"], as_of=as_of, parameters=body.get("parameters")).to_json()
    except RunRefused as refusal:
        raise _invalid(refusal.errors) from None


def _invalid(errors: list[dict[str, Any]]) -> Invalid:
    told = (f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in errors)
    return Invalid("; ".join(told), errors)
