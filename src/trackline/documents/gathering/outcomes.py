"""What must come true and what came of it: priorities, goals, value."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from trackline.core.decimals import ZERO
from trackline.documents.gathering.scope import ALIVE, Scope, named, word
from trackline.reveal.goals import compute
from trackline.reveal.models import CheckIn, CustomerPriority, Goal
from trackline.reveal.proof import Proof, proofs_of


def priorities(scope: Scope) -> list[dict[str, Any]]:
    """Return the customer's priorities of its newest fiscal year, in their order."""
    rows = list(scope.among(CustomerPriority, on__lte=scope.on).order_by("account__path", "-fiscal_year", "rank", "pk"))
    newest: dict[int, int] = {}
    for one in rows:
        newest[one.account_id] = max(newest.get(one.account_id, 0), one.fiscal_year)
    return [
        {
            "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title, "rank": one.rank,
            "source": word(one, "source"), "source_ref": one.source_ref or None, "on": one.on,
            "fiscal_year": one.fiscal_year,
        }
        for one in rows if one.fiscal_year == newest[one.account_id]
    ]  # fmt: skip


def goals(scope: Scope) -> list[dict[str, Any]]:
    """Return the goals that were not given up, open ones first, each with its newest check-in of the day.

    Of a day that has passed, a goal that is measured by its own value stands where that check-in left it.
    """
    checked = CheckIn.objects.filter(ALIVE, on__lte=scope.on).order_by("on", "pk")
    rows = scope.among(Goal).exclude(status="cancelled").select_related("account", "owner", "client_owner", "priority")
    rows = rows.prefetch_related(Prefetch("check_ins", checked), "kpis", "objectives").order_by("due_on", "pk")
    made = [_goal(scope, one) for one in rows]
    return sorted(made, key=lambda one: one["status"]["value"] in ("achieved", "missed"))


def _goal(scope: Scope, one: Any) -> dict[str, Any]:
    entries = list(one.check_ins.all())
    last = entries[-1] if entries else None
    if scope.on < scope.ctx.today and one.progress_mode == Goal.ProgressMode.VALUE:
        one.current = next((entry.value for entry in reversed(entries) if entry.value is not None), None)
        compute(one, scope.on, scope.overrides)
    return {
        "id": str(one.pk), "account": scope.names[one.account_id], "title": one.title,
        "description": one.description or None, "unit": one.unit, "direction": one.direction or None,
        "baseline": one.baseline, "target": one.target, "current": one.current, "progress_pct": one.progress_pct,
        "status": word(one, "status"), "priority": named(one.priority), "owner": named(one.owner),
        "client_owner": named(one.client_owner), "start_on": one.start_on, "due_on": one.due_on,
        "kpis": [kpi.name for kpi in one.kpis.all() if kpi.deleted_at is None],
        "objectives": [each.title for each in one.objectives.all() if each.deleted_at is None],
        "checked_on": last.on if last else None, "comment": (last.comment or None) if last else None,
        "confidence": last.confidence if last else None,
        "points": [[entry.on, entry.value] for entry in entries if entry.value is not None],
    }  # fmt: skip


def value(scope: Scope) -> dict[str, Any]:
    """Return the value proven: sums, what they are of the ARR, and the outcomes behind, the newest first.

    A group's sums are added up in one currency; its shares follow from them only where every account counts.
    """
    proofs = proofs_of(scope.accounts, scope.on, scope.overrides)
    pairs = [(proofs[one.pk], one.currency) for one in scope.accounts]
    committed = scope.rates.total((found.committed, currency) for found, currency in pairs)
    verified = scope.rates.total((found.verified, currency) for found, currency in pairs)
    own = proofs[scope.account.pk]
    alone = len(scope.accounts) == 1
    realized = (
        own.realization.value if alone else (verified.amount / committed.amount * 100 if committed.amount else None)
    )
    return {
        "currency": committed.currency, "committed": committed.amount, "verified": verified.amount,
        "note": committed.note or None, "realized_pct": realized, "band": own.realization.band if alone else None,
        "verified_12m": own.roi.details.get("verified") if alone else None,
        "roi": own.roi.value if alone else None, "roi_missing": list(own.roi.missing) if alone else [],
        "unverified": sum(found.unverified for found in proofs.values()),
        "left_out": [one.record.title for found in proofs.values() for one in found.left_out],
        "outcomes": [row for one in scope.accounts for row in _outcomes(scope, one, proofs[one.pk])],
        "steps": [
            {"label": step.label, "amount": step.amount, "verified": step.seen} for step in own.steps()
        ] if alone else [],
    }  # fmt: skip


def _outcomes(scope: Scope, account: Any, proof: Proof) -> list[dict[str, Any]]:
    return [
        {
            "id": str(one.record.pk), "account": account.name, "title": one.record.title, "goal": named(one.record.goal),
            "before": one.record.before, "after": one.record.after, "unit": one.record.unit or None,
            "period": one.record.period or None, "worth": one.record.money, "committed": one.record.committed,
            "currency": account.currency or scope.rates.book, "verified": one.seen,
            "counted": one.verified if one.verified is not None else ZERO, "on": one.record.on,
            "verified_by": named(one.record.verified_by) if one.seen else None,
            "verified_on": one.record.verified_on if one.seen else None, "evidence": one.record.evidence_url or None,
        }
        for one in proof.outcomes
        if one.record.on is None or one.record.on <= scope.on
    ]  # fmt: skip
