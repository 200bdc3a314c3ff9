"""Tiers of the book as JSON: the register with all its columns, how tiers are kept, and the evidence on one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trackline.accounts.models import Account
from trackline.book.models import TierDecision
from trackline.book.quality.stewards import stewards
from trackline.book.queries.funding import Paid, paid
from trackline.book.queries.practice import Practice, practice, shares
from trackline.book.queries.register import Opened, Register, opened, register
from trackline.book.rules.register_columns import register_columns
from trackline.book.tiers.evidence import Evidence, evidence_of
from trackline.core.decimals import ZERO
from trackline.core.playbook import Explained
from trackline.kit.policy import Context


def tiers(ctx: Context, filters: Mapping[str, str] | None = None, show: str = "") -> dict[str, Any]:
    """Return the register of the accounts the actor sees, in the order of the ranking, and what the monitors find.

    Shares, concentration and monitors are over all the accounts that the filters keep, whatever `show` leaves of them.
    """
    found = register(ctx, filters, show=show)
    whole = found if not show else register(ctx, filters)
    kept, share = practice(whole), shares(whole)
    run = found.scores.run
    return {
        "as_of": found.on,
        "scored_on": run.on if run else None,
        "currency": found.rates.book,
        "cuts": list(found.scores.cuts),
        "cycles": list(found.scores.cycle_days),
        "quarters": list(found.scores.quarter_keys),
        "counts": dict(found.counts),
        "rows": [row_json(one, share, found.rates.book) for one in opened(ctx, found, found.rows)],
        "concentration": _concentration(kept.exposure),
        "monitors": _monitors(kept),
        "funding": _funding(paid(ctx, whole)),
        "columns": columns_json(),
        "notes": notes_of(found),
    }


def row_json(one: Opened, share: Mapping[str, Mapping[str, Any]], book: str) -> dict[str, Any]:
    """Return a row of the register as JSON has it."""
    row, own = one.row, one.row.scored
    part = share.get(row.facts["key"], {})
    return {
        "key": row.facts["key"],
        "name": row.facts["name"],
        "owner": row.facts["owner__username"],
        "tier": row.tier,
        "since": one.held.since,
        "by": one.held.by,
        "by_words": one.held.words,
        "score": own.score,
        "rank": own.rank,
        "tier_by_score": own.by_score,
        "provisional": own.provisional,
        "differs": row.differs,
        "differs_since": one.differs_since,
        "why": one.why,
        "gap": row.gap,
        "nearest_cut": row.nearest,
        "near": row.near,
        "mean_of_quarters": one.mean,
        "may_propose": one.may_propose,
        "hangs_on": list(one.hangs_on),
        "cycle_scores": list(own.cycles),
        "quarter_scores": list(own.quarters),
        "arr": row.arr,
        "share_pct": part.get("share_pct"),
        "share_band": part.get("band"),
        "expected_12m": one.revenue.mean,
        "expected_low": one.revenue.low,
        "expected_high": one.revenue.high,
        "margin_pct": one.margin_pct,
        "margin_12m": one.margin,
        "margin_low": one.margin_range[0],
        "margin_high": one.margin_range[1],
        "whitespace": one.whitespace,
        "customer_spend": one.spend,
        "whitespace_pct": one.open_pct,
        "revenue_drop": one.drop.to_json(book),
        "commitment": one.commitment,
        "dependencies": list(one.flags.dependencies),
        "risk_flags": {
            "financial": one.flags.financial,
            "concentration": part.get("band") or "unknown",
            "compliance": one.flags.compliance,
        },
        "exit_candidate": row.facts["exit_candidate"],
        "sunset_plan": one.sunset_plan,
        "service_pct": one.adherence.value if one.adherence else None,
        "service_short": one.adherence.details.get("short", []) if one.adherence else [],
        "fte": one.funding.result.details["fte"],
        "opex": one.funding.result.details["opex"],
        "budget": one.funding.to_json(),
        "health": row.band,
        "decision": _decision(row.decision),
        "override": {"id": str(row.override.pk), "until": row.override.sunset_on} if row.override else None,
        "last_decision": _decision(one.last),
        "next_review": one.next_review,
    }


def columns_json() -> list[dict[str, Any]]:
    """Return what stands in the columns: who answers for the data, what feeds them, which decision they serve; one query."""
    people = stewards()
    return [
        {
            "key": one.key,
            "label": one.label,
            "owner": one.owner,
            "answers": people[one.owner].person.name if one.owner in people else None,
            "feed": one.feed,
            "serves": one.serves,
        }
        for one in register_columns()
    ]


def evidence_json(ctx: Context, account: Account, to_tier: int | None) -> dict[str, Any]:
    """Return the evidence for or against moves of an account."""
    found: Evidence = evidence_of(ctx, account, to_tier=to_tier)
    own = found.own
    return {
        "key": account.key,
        "tier": account.tier,
        "to_tier": to_tier,
        "score": own.score,
        "tier_by_score": own.by_score,
        "provisional": own.provisional,
        "cycle_scores": list(own.cycles),
        "quarter_scores": list(own.quarters),
        **found.to_json(),
    }


def notes_of(found: Register) -> list[str]:
    """Say what the register leaves out."""
    notes = []
    if found.scores.run is None:
        notes.append("The book has not been scored: no tier follows from a score yet.")
    else:
        unscored = sum(row.scored.score is None for row in found.rows)
        if unscored:
            notes.append(f"{unscored} {'is' if unscored == 1 else 'are'} not scored.")
        short = sum(None in row.scored.cycles for row in found.rows if row.scored.score is not None)
        if short:
            notes.append(f"Of {short} no run of both last formal cycles is kept: tests of two cycles are not met yet.")
    bare = sum(row.arr is None for row in found.rows)
    if bare:
        notes.append(
            f"{bare} without a known ARR {'counts' if bare == 1 else 'count'} for nothing in shares and money."
        )
    return notes


def _decision(decision: TierDecision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "id": str(decision.pk),
        "kind": decision.kind,
        "to_tier": decision.to_tier,
        "status": decision.status,
        "decided_on": decision.decided_on,
        "effective_on": decision.effective_on,
    }


def _concentration(result: Explained) -> dict[str, Any]:
    told: Sequence[Mapping[str, Any]] = result.details["accounts"]
    return {
        "index": result.value,
        "band": result.band,
        "top_pct": result.details["top"],
        "total": result.details["total"] or ZERO,
        "unknown": result.details["unknown"],
        "accounts": [dict(one) for one in told if one["band"] != "green"],
    }


def _funding(found: Paid) -> dict[str, Any]:
    return {
        "judged": found.judged,
        "tiered": found.tiered,
        "missing": dict(found.lacks),
        "short": [{"key": row.facts["key"], "over": one.result.details["over"]} for row, one in found.short],
    }


def _monitors(kept: Practice) -> dict[str, Any]:
    return {
        "since": kept.since,
        "flagged": kept.bias.value,
        **{key: dict(told) for key, told in kept.bias.details.items()},
    }
