"""The plan of an account as it stands at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook.inputs import read_inputs
from trackline.documents.gathering import Facts, facts_of, group_facts
from trackline.documents.models import PlanSection
from trackline.documents.papers.blocks import Paper
from trackline.documents.plans.paper import plan_paper
from trackline.documents.plans.summary import summary_paper
from trackline.documents.rules.template import template
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
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
    """A plan read at a moment: which template it follows, its sections in order, facts and texts."""

    account: Account
    template: str
    sections: Sequence[str]
    facts: Facts
    texts: Mapping[str, PlanSection]
    """What people wrote, by section."""

    def paper(self, edition: str = "full") -> Paper:
        """Return a copy of the plan. Raises `BadRequest` for an unknown edition."""
        if edition not in EDITIONS:
            raise BadRequest(f"edition: one of {', '.join(EDITIONS)} is expected.", [{"loc": ["query", "edition"], "msg": "unknown"}])  # fmt: skip
        if edition == "summary":
            return summary_paper(self.facts)
        texts = {code: row.text for code, row in self.texts.items()}
        return plan_paper(self.facts, self.sections, texts, customer=edition == "customer")

    def to_json(self, edition: str = "full") -> dict[str, Any]:
        """Return a copy as JSON: its parts as they are written, and, unless it is the customer's, the facts behind."""
        paper = self.paper(edition)
        found: dict[str, Any] = {
            "account": {"id": str(self.account.pk), "key": self.account.key, "name": self.account.name},
            "as_of": self.facts["as_of"],
            "edition": edition,
            "template": self.template,
            "parts": [
                {"key": part.key, "title": part.title, "blocks": [_block(block) for block in part.blocks]}
                for part in paper.parts
            ],
            "notes": list(paper.notes),
        }
        return found if edition == "customer" else found | {"facts": self.facts}


def _block(block: Any) -> dict[str, Any]:
    return {"kind": type(block).__name__.lower(), **asdict(block)}


def plan_of(ctx: Context, account: Account, *, on: date | None = None, group: bool = False) -> Plan:
    """Return the plan of an account, of `group` with all below it; the caller has made sure that it is in scope."""
    day = on or ctx.today
    held = Overrides.load(day).in_force(template, day, tier=account.tier, account_id=account.pk)
    found = template.explain(read_inputs(template.inputs, {"tier": account.tier}), held, day)
    facts = (group_facts if group else facts_of)(ctx, account, day)
    rows = scoped(ctx, registry.get("plan_section")).filter(account=account).select_related("owner", "updated_by")
    return Plan(account, str(found.value), found.details["sections"], facts, {row.section: row for row in rows})
