"""A request to run a rule, as the API and the command line take it, and the versions of its figures, as they show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from trackline.accounts.rulebook.overrides import Changes, Overrides
from trackline.core.playbook import Rule, RunRefused
from trackline.core.playbook.fields import read_day
from trackline.core.playbook.parameters import stacked
from trackline.core.playbook.rules import PRESET
from trackline.kit.problems import Invalid

FIELDS = ("inputs", "parameters", "as_of")


def run_request(
    rule: Rule, body: Mapping[str, Any], today: date, overrides: Callable[[date], Overrides] = Overrides.load
) -> dict[str, Any]:
    """Run a rule on a request's JSON: `inputs`, and optionally `parameters` and `as_of`. Raises `Invalid`.

    It runs under what administrators laid over the rule for all accounts on that day; the request's parameters come on top.
    """
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
    laid = _laid_over(rule, body["inputs"], as_of, overrides(as_of))
    asked = body.get("parameters")
    try:
        return rule(body["inputs"], as_of=as_of, parameters=stacked(laid, asked) if asked else laid).to_json()
    except RunRefused as refusal:
        raise _invalid(refusal.errors) from None


def _laid_over(rule: Rule, inputs: Any, as_of: date, overrides: Overrides) -> Changes:
    """Return what holds for all accounts; nothing where it no longer fits the rule."""
    preset = inputs.get(PRESET) if isinstance(inputs, Mapping) else None
    named = preset if isinstance(preset, str) and preset in rule.data.presets else ""
    laid = overrides.of(rule.id, tier=None, account_id=None, preset=named)
    try:
        rule.in_force(as_of, named or None, laid)
    except RunRefused:
        return {}
    return laid


def _invalid(errors: list[dict[str, Any]]) -> Invalid:
    told = (f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in errors)
    return Invalid("; ".join(told), errors)
