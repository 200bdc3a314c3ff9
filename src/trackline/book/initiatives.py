"""What writes to growth initiatives mean: a score says what it rests on, and a gate opens for those that pass it."""

from __future__ import annotations

from typing import Any

from trackline.accounts.rulebook.overrides import Overrides
from trackline.book.models import Initiative
from trackline.book.rules.initiatives import limits
from trackline.book.rules.scorecard import Initiative as Scores
from trackline.book.rules.scorecard import growth
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused

DIMENSIONS = tuple(Scores.model_fields)
"""The six that are scored; what each rests on is in the field of its name with `_source`."""


def prepare_initiative(ctx: Context, one: Any, changed: set[str], _links: dict[str, list[int]]) -> None:
    """Take the account's currency, refuse scores that rest on nothing (GRW-04) and gates that are not passed (GRW-06)."""
    if not one.currency:
        one.currency = one.account.currency
    unsourced = [name for name in DIMENSIONS if getattr(one, name) is not None and not getattr(one, f"{name}_source")]
    if unsourced:
        words = "A score needs what it rests on: a reference case, a pilot or a benchmark."
        raise Invalid.fields({f"{name}_source": words for name in unsourced})
    if "gate" in changed:
        was = 0 if one._state.adding else Initiative.objects.values_list("gate", flat=True).get(pk=one.pk)
        _open_gate(ctx, one, was)


def priority(one: Initiative, overrides: Overrides, ctx: Context, tier: int | None) -> Explained:
    """Return the composite of an initiative, 0 to 100, as the rule explains it. Source: GRW-01."""
    given = {name: getattr(one, name) for name in DIMENSIONS}
    in_force = overrides.in_force(growth, ctx.today, tier=tier, account_id=one.account_id)
    return growth.explain(read_inputs(growth.inputs, given), in_force, ctx.today)


def _open_gate(ctx: Context, one: Initiative, was: int) -> None:
    """Refuse a gate that what is known does not open. Source: GRW-06."""
    if one.gate <= was:
        return
    lacks = []
    if one.gate > was + 1:
        lacks.append(f"gate {was + 1} comes first")
    found = priority(one, Overrides.load(ctx.today), ctx, one.account.tier)
    if not found.details["passes"]:
        lacks.append("its score does not pass" if found.value is not None else "too little of it is scored")
    if one.budget is None:
        lacks.append("it has no budget")
    if one.owner_id is None:
        lacks.append("nobody answers for it")
    if one.gate >= Initiative.Gate.CASE and (one.risk_profile is None or one.risk_profile < limits().safe_from):
        lacks.append(f"its risk profile is below {limits().safe_from}")
    if lacks:
        raise Refused(f"{one.title} does not pass gate {one.gate}: {', '.join(lacks)}.", rule="GRW-06")
