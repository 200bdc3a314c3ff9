"""All facts of an account at once.

`Facts` is plain JSON: texts, numbers, booleans, null, lists and objects; days and instants as ISO texts, amounts as
numbers in the currency beside them, percentages in points. Frozen facts are read again as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from trackline.accounts.models import Account
from trackline.documents.gathering import about, growth, outcomes, running
from trackline.documents.gathering.scope import Scope
from trackline.kit.api.answers import encode
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

Facts = dict[str, Any]

GATHERED: Mapping[str, Callable[[Scope], Any]] = {
    "account": about.account,
    "members": about.members,
    "team": about.team,
    "stakeholders": about.stakeholders,
    "contracts": about.contracts,
    "kpis": about.kpis,
    "health": about.health,
    "priorities": outcomes.priorities,
    "goals": outcomes.goals,
    "value": outcomes.value,
    "routes": growth.routes,
    "pipeline": growth.pipeline,
    "whitespace": growth.whitespace,
    "renewals": growth.renewals,
    "plays": growth.plays,
    "risks": running.risks,
    "issues": running.issues,
    "cadences": running.cadences,
    "meetings": running.meetings,
    "decisions": running.decisions,
    "actions": running.actions,
    "sponsors": running.sponsors,
}
"""The parts of an account's facts by name; each takes a fixed number of queries."""

WANTED: Mapping[str, str] = {
    "owner": "an owner", "exec_sponsor": "our sponsor", "customer_sponsor": "the customer's sponsor", "arr": "the ARR",
    "renewal_date": "the renewal date", "tier": "a tier", "industry": "the industry", "use_case": "the primary use case",
}  # fmt: skip
"""Facts of the header that a document is poorer without."""
NEEDED: Mapping[str, str] = {
    "priorities": "priorities of the customer", "goals": "goals", "kpis": "KPIs", "stakeholders": "contacts",
    "risks": "risks", "cadences": "a cadence",
}  # fmt: skip


def facts_of(ctx: Context, account: Account, on: date | None = None) -> Facts:
    """Return the facts of one account as of a day (today); the caller has made sure that the account is in scope.

    What has a day of its own (readings, scores, verifications, check-ins, meetings) is told as of that day; what has
    none stands as it was read, at `read_at`. `missing` says what a document would need and nobody has entered.
    """
    return _gather(Scope(ctx, [account], on or ctx.today))


def group_facts(ctx: Context, account: Account, on: date | None = None) -> Facts:
    """Return the facts of an account with all below it that the actor sees, added up; rows name their account."""
    below = scoped(ctx, registry.get("account")).filter(path__startswith=account.path).exclude(pk=account.pk)
    rows = below.select_related("owner").order_by("path")
    return _gather(Scope(ctx, [account, *rows], on or ctx.today))


def _gather(scope: Scope) -> Facts:
    facts: Facts = {
        "as_of": scope.on,
        "read_at": scope.ctx.now,
        "grouped": len(scope.accounts) > 1,
        **{name: gather(scope) for name, gather in GATHERED.items()},
    }
    header = facts["account"]
    facts["missing"] = [
        *(words for name, words in WANTED.items() if header[name] in (None, "")),
        *(words for name, words in NEEDED.items() if not facts[name]),
    ]
    found: Facts = msgspec.json.decode(encode(facts))
    return found
