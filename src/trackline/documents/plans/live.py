"""The plan of an account as it stands at a moment, or as a version kept it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook.inputs import read_inputs
from trackline.documents.gathering import Facts, facts_of, group_facts
from trackline.documents.models import AccountPlan, PlanVersion
from trackline.documents.papers.blocks import Paper
from trackline.documents.plans.frozen import Text, freeze, text_of, thaw
from trackline.documents.plans.paper import plan_paper
from trackline.documents.plans.reading import require_reader, require_shared
from trackline.documents.plans.summary import summary_paper
from trackline.documents.rules.template import template
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest, Refused
from trackline.kit.records.models import ALIVE
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

EDITIONS: Mapping[str, str] = {
    "full": "Whole plan",
    "summary": "One page",
    "customer": "Customer's copy",
}
"""Copies of a plan: ours, ours on one page, and the one that holds only what the customer may read."""


@dataclass(frozen=True)
class Plan:
    """A plan read at a moment: which template it follows, its sections in order, facts and texts.

    `record` is what people agree on, None for an account whose plan nobody has started; `version` the one it is read from.
    """

    account: Account
    record: AccountPlan | None
    template: str
    sections: Sequence[str]
    facts: Facts
    texts: Mapping[str, Text]
    version: PlanVersion | None = None

    def paper(self, edition: str = "full") -> Paper:
        """Return a copy of the plan. Raises `BadRequest` for an unknown edition, `Refused` where the customer has no copy."""
        if edition not in EDITIONS:
            raise BadRequest(f"edition: one of {', '.join(EDITIONS)} is expected.", [{"loc": ["query", "edition"], "msg": "unknown"}])  # fmt: skip
        if edition == "summary":
            return summary_paper(self.facts)
        if edition == "customer":
            require_shared(self.record)
        texts = {code: one.text for code, one in self.texts.items()}
        said = self.version.title if self.version else ""
        return plan_paper(self.facts, self.sections, texts, customer=edition == "customer", version=said)

    def frozen(self) -> dict[str, Any]:
        """Return what a version of it keeps."""
        return freeze(self.template, self.sections, self.facts, self.texts)

    def to_json(self, edition: str = "full") -> dict[str, Any]:
        """Return a copy as JSON: its parts as they are written, and, unless it is the customer's, the facts behind."""
        paper = self.paper(edition)
        found: dict[str, Any] = {
            "account": {"id": str(self.account.pk), "key": self.account.key, "name": self.account.name},
            "as_of": self.facts["as_of"],
            "edition": edition,
            "template": self.template,
            "version": {"id": str(self.version.pk), "number": self.version.number} if self.version else None,
            "parts": [part.to_json() for part in paper.parts],
            "notes": list(paper.notes),
        }
        return found if edition == "customer" else found | {"facts": self.facts}


def plan_of(ctx: Context, account: Account, *, on: date | None = None, group: bool = False) -> Plan:
    """Return the plan of an account, of `group` with all below it; the caller has made sure that it is in scope.

    Raises `NotFound` for an actor from whom the plan is kept.
    """
    require_reader(ctx, account)
    record = current(account)
    day = on or ctx.today
    held = Overrides.load(day).in_force(template, day, tier=account.tier, account_id=account.pk)
    asked = {"tier": account.tier, "template": (record.template or None) if record else None}
    found = template.explain(read_inputs(template.inputs, asked), held, day)
    facts = (group_facts if group else facts_of)(ctx, account, day)
    rows = scoped(ctx, registry.get("plan_section")).filter(account=account).select_related("owner")
    texts = {row.section: text_of(row) for row in rows}
    return Plan(account, record, str(found.value), found.details["sections"], facts, texts)


def plan_of_version(version: PlanVersion) -> Plan:
    """Return the plan that a version kept; the caller has made sure that the version is in scope.

    Raises `Refused` for one that came from a file without what it kept.
    """
    kept, record = version.frozen, version.plan
    if not kept:
        raise Refused(
            f"{version} came from a table, without what it kept. The complete file of its account holds that."
        )
    return Plan(record.account, record, kept["template"], kept["sections"], kept["facts"], thaw(kept), version)


def plans_of(account: Account) -> list[AccountPlan]:
    """Return the living plans of an account that are not archived: the one in the making first, then the active one."""
    rows = AccountPlan.objects.filter(ALIVE, account=account).exclude(state=AccountPlan.State.ARCHIVED)
    return sorted(rows.select_related("owner"), key=lambda one: one.state == AccountPlan.State.ACTIVE)


def current(account: Account) -> AccountPlan | None:
    """Return the plan that is worked on: the one in the making, else the active one, else None."""
    return next(iter(plans_of(account)), None)
