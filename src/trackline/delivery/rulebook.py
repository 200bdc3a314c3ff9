"""Requests to run and to adjust a rule, as the API and the command line take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.adjusting import Target, draft
from trackline.accounts.rulebook.overrides import Changes, Overrides
from trackline.accounts.rulebook.watched import watched_rule
from trackline.core.playbook import Rule, RunRefused
from trackline.core.playbook.fields import read_day
from trackline.core.playbook.parameters import stacked
from trackline.core.playbook.rules import PRESET
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.queries import resolve
from trackline.kit.records.types import registry
from trackline.watch.past import MONTHS, Past, past_of

FIELDS = ("inputs", "parameters", "as_of")
MOST_MONTHS = 24
ADJUSTMENT = ("changes", "scope", "tier", "account", "preset", "from_on")


@dataclass(frozen=True)
class Adjustment:
    """What a request asks to lay over a rule."""

    target: Target
    changes: Any
    from_on: date | None
    reason: str
    after: int | None


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


def look_back(ctx: Context, rule: Rule, body: Mapping[str, Any]) -> Past:
    """Return when a signal would have fired over the last `months` of a request, with its `changes` if there are any."""
    asked = adjustment(ctx, {"changes": {}, **body}, "months")
    months = body.get("months", MONTHS[1])
    errors = {}
    if watched_rule(rule.id) is None:
        raise NotFound(f"{rule.title} raises no alerts.")
    if not isinstance(months, int) or isinstance(months, bool) or not 1 <= months <= MOST_MONTHS:
        errors["months"] = f"A whole number from 1 to {MOST_MONTHS} is expected."
    if body.get("from_on") is not None:
        errors["from_on"] = "A look back takes the figures as if they had always been in force."
    if errors:
        raise Invalid.fields(errors)
    if asked.changes:
        draft(rule, asked.target, asked.changes, from_on=ctx.today, today=ctx.today)
    return past_of(rule, asked.target.slot, asked.changes, ctx.today, months)


def adjustment(ctx: Context, body: Mapping[str, Any], *more: str) -> Adjustment:
    """Read an adjustment; `more` names fields that the request may hold beside it. Raises `Invalid`."""
    errors = {str(name): "There is no such field." for name in body if name not in (*ADJUSTMENT, *more)}
    if "changes" not in body:
        errors["changes"] = "Needed, but missing."
    errors |= {
        name: f"{words} is expected."
        for name, kind, words in _KINDS
        if body.get(name) is not None and (not isinstance(body[name], kind) or isinstance(body[name], bool))
    }
    from_on = account = None
    try:
        from_on = read_day(body["from_on"]) if body.get("from_on") is not None else None
    except ValueError:
        errors["from_on"] = "A date as YYYY-MM-DD is expected."
    if isinstance(body.get("account"), str):
        try:
            account = Account.objects.get(pk=resolve(ctx, registry.get("account"), body["account"]))
        except NotFound:
            errors["account"] = "There is no such account."
    if errors:
        raise Invalid.fields(errors)
    target = Target(body.get("scope") or "all", body.get("tier"), account, body.get("preset") or "")
    return Adjustment(target, body["changes"], from_on, body.get("reason") or "", body.get("after"))


_KINDS: tuple[tuple[str, type, str], ...] = (
    ("scope", str, "all, tier or account"),
    ("tier", int, "Tier 1, 2 or 3"),
    ("account", str, "The id or key of an account"),
    ("preset", str, "The name of a preset"),
    ("reason", str, "Text"),
    ("after", int, "The number of a version"),
)
