"""Why an account stands in its tier: by what and since when, what its score gives, what it is promised and gets, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trackline.accounts.models import Account
from trackline.book.models import TierDecision, TierOverride
from trackline.book.queries.practice import Served, served, shares
from trackline.book.queries.register import Opened, Register, opened, register
from trackline.book.tiers.evidence import Evidence, evidence_of
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.tiers.bill import Bill, bill_of
from trackline.workspace.records import addresses


@dataclass(frozen=True)
class Why:
    """The panel of a tier. `propose` and `ask` open the forms of a decision and of an override."""

    account: Account
    found: Register
    opened: Opened
    served: Served
    evidence: Evidence
    bill: Bill | None
    dropped: str
    flags: Sequence[tuple[str, str]]
    decisions: Sequence[TierDecision]
    overrides: Sequence[TierOverride]
    propose: Sequence[tuple[str, str, str]]
    ask: str
    today: date


def why(ctx: Context, pk: int) -> Why:
    """Explain the tier of an account. Raises `NotFound` out of scope."""
    account = get(ctx, registry.get("account"), pk)
    found = register(ctx, only=account.pk)
    row = next((one for one in found.rows if one.pk == account.pk), None)
    if row is None:
        raise NotFound("The account has left: it has no tier to explain.")
    (whole,), (kept,) = opened(ctx, found, [row]), served(found, [row])
    decision, override = registry.get("tier_decision"), registry.get("tier_override")
    mine = scoped(ctx, decision).filter(account=account.pk).order_by("-pk")
    held = scoped(ctx, override).filter(account=account.pk).order_by("-pk")
    may = ctx.actor.may(WRITE) and row.decision is None
    return Why(
        account,
        found,
        whole,
        kept,
        evidence_of(ctx, account, to_tier=row.scored.by_score),
        bill_of(whole.funding.to_json(), found.rates.book),
        whole.drop.words(found.rates.book),
        [
            ("finances", whole.flags.financial),
            ("concentration", shares(register(ctx)).get(account.key, {}).get("band") or "unknown"),
            ("compliance", whole.flags.compliance),
        ],
        list(mine),
        list(held),
        [
            (label, addresses.new(decision, given), addresses.new_panel(decision, given))
            for kind, label in _kinds(account.tier)
            for given in ({"account": account.pk, "kind": kind},)
        ]
        if may
        else [],
        addresses.new_panel(override, {"account": account.pk}) if ctx.actor.may(WRITE) and row.override is None else "",
        ctx.today,
    )


def _kinds(tier: int | None) -> list[tuple[str, str]]:
    if tier is None:
        return [("entry", "Propose a tier")]
    found = [("exit", "Propose an exit")]
    if tier < 3:
        found.insert(0, ("downgrade", f"Propose tier {tier + 1}"))
    if tier > 1:
        found.insert(0, ("upgrade", f"Propose tier {tier - 1}"))
    return found
