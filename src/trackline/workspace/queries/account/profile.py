"""All fields of an account in groups, each a cell that is edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackline.accounts.models import Account
from trackline.kit.policy import Context
from trackline.kit.records.queries import to_json
from trackline.kit.records.types import registry
from trackline.workspace.records import cells
from trackline.workspace.records.facts import customs, facts_for
from trackline.workspace.records.panel import FieldRow

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Who they are": ("name", "key", "parent", "status", "tier", "industry", "region", "domain", "description", "tags"),
    "Business": (
        "business_model", "maturity", "segment", "primary_use_case", "client_fte", "serving_fte", "go_live_on",
    ),
    "Money and contract": ("currency", "arr", "renewal_date"),
    "People": ("owner", "exec_sponsor", "customer_sponsor"),
    "How we treat it": ("enterprise", "watch", "exit_candidate", "is_decision_level"),
}  # fmt: skip
"""Fields in the order in which one fills them in; fields of administrators and new ones stand under "More"."""


FOLLOWS = "from the contracts in force"


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    title: str
    rows: Sequence[FieldRow]


def profile_of(ctx: Context, account: Account) -> list[Group]:
    """Return the groups of an account's fields; queries do not depend on the account."""
    rtype = registry.get("account")
    item = to_json(ctx, rtype, account)
    specs = {name: spec for name, spec in rtype.specs.items() if name not in rtype.read_only} | customs(rtype)
    facts = facts_for(ctx, rtype, [item], specs.values())
    edit = cells.may_edit(ctx, rtype)
    named = {name for names in GROUPS.values() for name in names}
    rest = tuple(name for name in specs if name not in named)
    return [
        Group(
            title,
            [
                FieldRow(
                    spec.label,
                    spec.help,
                    cells.cell(rtype, item, spec, facts, place=cells.PANEL, edit=edit),
                    FOLLOWS if name in account.following else "",
                )
                for name in names
                if (spec := specs.get(name)) is not None
            ],
        )
        for title, names in {**GROUPS, "More": rest}.items()
        if names
    ]
