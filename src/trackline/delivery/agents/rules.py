"""Tools of the rulebook: what is computed, how, from which figures."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Rule, RuleUnknown, rulebook
from trackline.core.playbook.describe import described, listed
from trackline.delivery.rulebook import run_request
from trackline.kit.policy import READ, Context
from trackline.kit.problems import NotFound

RuleId = Annotated[str, Field(description="Id of the rule, such as track.health.usage.")]


def rules(
    ctx: Context,
    words: Annotated[str, Field(description="Words of its id, title, summary or catalogue entries.")] = "",
    room: Annotated[str, Field(description="The first word of the ids: track, reveal, align, …")] = "",
) -> dict[str, Any]:
    """The rules of the rulebook."""
    ctx.require(READ)
    return {"items": [listed(one) for one in rulebook().search(words, room)]}


def rule(ctx: Context, id: RuleId) -> dict[str, Any]:  # noqa: A002  (the name in the API)
    """What a rule says, its inputs as JSON Schema, its parameters in force with their sources."""
    ctx.require(READ)
    found = _known(id)
    force = Overrides.load(ctx.today).in_force(found, ctx.today)
    return described(found, ctx.today) | {"version": force.version, "in_force": dict(force.echo)}


def run_rule(
    ctx: Context,
    id: RuleId,  # noqa: A002
    inputs: Annotated[dict[str, Any], Field(description="As the rule's inputs say; null is not known.")],
    parameters: Annotated[
        dict[str, Any] | None, Field(description="Laid over those in force, for this run alone.")
    ] = None,
    as_of: Annotated[date | None, Field(description="The only clock; today where left out.")] = None,
) -> dict[str, Any]:
    """Run a rule on figures of your own and get the result explained by part. Nothing is stored."""
    ctx.require(READ)
    body = {"inputs": inputs, "parameters": parameters, "as_of": as_of.isoformat() if as_of else None}
    return run_request(_known(id), body, ctx.today)


def _known(rule_id: str) -> Rule:
    try:
        return rulebook().get(rule_id)
    except RuleUnknown as unknown:
        raise NotFound(str(unknown)) from None
