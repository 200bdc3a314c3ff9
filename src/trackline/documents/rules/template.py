"""Which sections a plan has."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, rule
from trackline.core.playbook.fields import Text, Tier

TemplateKey = Literal["lite", "sam", "kam"]


class Wanted(Inputs):
    """The account's tier, or the template that somebody chose."""

    tier: Tier | None = Field(None, description="Tier of the account")
    template: TemplateKey | None = Field(None, description="Template chosen by hand; without one the tier decides")


class TemplateParameters(Parameters):
    """Sections of each template in their order, and the template of each tier; `other` is that of accounts without one."""

    sections: dict[str, list[Text]]
    by_tier: dict[str, Text]


@rule(
    "documents.plan.template",
    title="Template of an account plan",
    spec=("PLAN-01",),
    summary="Sections of a plan by tier: short for tier 3, complete for tier 1.",
)
def template(given: Wanted, p: TemplateParameters) -> Finding:
    """Take the template that was chosen, else that of the account's tier, and list its sections in their order.

    Sections are shared views of one set of records, so that changing the template loses nothing. Source: PLAN-01.
    """
    chosen = given.template or p.by_tier.get(str(given.tier), p.by_tier["other"])
    return Finding(chosen, details={"sections": list(p.sections[chosen])})
