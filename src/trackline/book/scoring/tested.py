"""Back-tests kept: one a year of the model in force, so that it shows whether scores foretell less than they did. Source: PF-09."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from trackline.book.models import BackTest, ScoringModel
from trackline.book.scoring.backtest import YEAR, Outcome, backtest
from trackline.core.decimals import plain, q6
from trackline.kit.policy import ADMIN, Context

ASKED = timedelta(days=92)
"""So long after a back-test whoever keeps the model is asked to weigh anew."""


def keep_backtest(ctx: Context) -> BackTest | None:
    """Keep the back-test of the year that ends today, where none of the last year is kept and anybody was a customer then;
    doing it again changes nothing. Returns the one that was kept."""
    if BackTest.objects.filter(until__gt=ctx.today - YEAR).exists():
        return None
    found = backtest(ctx)
    if not found.run.places or found.run.model is None:
        return None
    kept, _ = BackTest.objects.update_or_create(
        until=found.until,
        defaults={
            "on": found.on,
            "computed_at": ctx.now,
            "model_id": found.run.model.pk,
            "model_name": found.run.model.name,
            "version": found.run.version,
            "coverage_pct": q6(found.run.coverage_pct),
            "scored": len(found.run.places),
            "outcomes": [_told(one) for one in found.outcomes],
        },
    )
    return kept


def kept_backtests() -> Sequence[BackTest]:
    """Return those that are kept, the newest first; one query."""
    return list(BackTest.objects.all())


def to_reweigh(ctx: Context) -> tuple[BackTest, list[str]] | None:
    """Return the newest back-test, and the outcomes that scores did not foretell, for whoever keeps the model: until another
    version of the model is made, or the quarter after it is over. Nobody else is asked; two queries."""
    if not ctx.actor.may(ADMIN):
        return None
    newest = BackTest.objects.filter(until__lte=ctx.today, until__gt=ctx.today - ASKED).first()
    missed = [one["label"] for one in newest.outcomes if one["verdict"] == "not_foretold"] if newest else []
    if newest is None or not missed:
        return None
    if ScoringModel.objects.alive().filter(created_at__gt=newest.computed_at).exists():
        return None
    return newest, missed


def kept_json(one: BackTest) -> dict[str, Any]:
    """Return one as JSON has it; `reweigh` names what scores did not foretell, for which the weights want to be looked at."""
    return {
        "as_of": one.on,
        "until": one.until,
        "computed_at": one.computed_at,
        "model": {"id": None if one.model_id is None else str(one.model_id), "name": one.model_name},
        "version": one.version,
        "coverage_pct": one.coverage_pct,
        "scored": one.scored,
        "outcomes": one.outcomes,
        "reweigh": [each["key"] for each in one.outcomes if each["verdict"] == "not_foretold"],
    }


def _told(one: Outcome) -> dict[str, Any]:
    details = one.result.details
    return {
        "key": one.key,
        "label": one.label,
        "rho": None if one.result.value is None else plain(q6(Decimal(str(one.result.value)))),
        "band": one.result.band,
        "verdict": one.verdict,
        "accounts": details["count"],
        "left_out": details["left_out"],
        "chance_pct": None if details["chance_pct"] is None else plain(q6(details["chance_pct"])),
    }
