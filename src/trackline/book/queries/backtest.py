"""The back-test of a scoring model, as JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from trackline.book.scoring.backtest import Outcome, backtest
from trackline.core.decimals import q6
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry


def backtest_json(
    ctx: Context, on: date | None = None, until: date | None = None, model: str | None = None
) -> dict[str, Any]:
    """Return how the scores of a day compare with what became of the accounts. Correlations are over the whole book; accounts
    out of the actor's scope are not named. Raises `NotFound` for a model that there is not."""
    asked = get(ctx, registry.get("scoring_model"), model) if model else None
    found = backtest(ctx, on, until, asked)
    seen = set(scoped(ctx, registry.get("account")).values_list("pk", flat=True))
    return {
        "as_of": found.on,
        "until": found.until,
        "currency": found.currency,
        "model": None if found.run.model is None else {"id": str(found.run.model.pk), "name": found.run.model.name},
        "version": found.run.version,
        "coverage_pct": found.run.coverage_pct,
        "outcomes": [_told(one) for one in found.outcomes],
        "accounts": [
            {
                "key": found.accounts[place.account].key,
                "name": found.accounts[place.account].name,
                "score": q6(place.score),
                "rank": place.rank,
                "outcomes": {one.key: one.values.get(place.account) for one in found.outcomes},
            }
            for place in found.run.places
            if place.account in seen
        ],
        "of": len(found.run.places),
        "notes": found.run.notes,
    }


def chance_words(pct: Decimal | None) -> str:
    """Say how often chance alone would do as much, "" where that is not known."""
    if pct is None:
        return ""
    return "below 0.1 %" if pct < Decimal("0.1") else formats.percent(pct, 1)


def _told(one: Outcome) -> dict[str, Any]:
    details = one.result.details
    return {
        "key": one.key,
        "label": one.label,
        "unit": one.unit,
        "measured": one.measured,
        "rho": one.result.value,
        "band": one.result.band,
        "verdict": one.verdict,
        "accounts": details["count"],
        "left_out": details["left_out"],
        "chance_pct": details["chance_pct"],
        "thirds": details["thirds"],
        "notes": list(one.result.notes),
    }
