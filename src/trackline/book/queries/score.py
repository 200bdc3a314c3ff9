"""The ranking of the book, computed now."""

from __future__ import annotations

from datetime import date
from typing import Any

from trackline.book.rules.flip import fed, flips
from trackline.book.scoring.run import Place, Run, score_book
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry


def score(ctx: Context, on: date) -> dict[str, Any]:
    """Return score (0 to 100), rank and proposed tier of the accounts the actor sees. Ranks, percentiles and cut-offs are
    among all accounts of the book, also those out of scope, which are not named; `of` says how many there are.
    """
    found = score_book(ctx, on)
    columns = ("pk", "key", "name", "tier")
    seen = {row["pk"]: row for row in scoped(ctx, registry.get("account")).values(*columns)}
    accounts = [
        {
            "key": seen[place.account]["key"],
            "name": seen[place.account]["name"],
            "score": place.score,
            "rank": place.rank,
            "percentile": place.percentile,
            "tier": place.tier,
            "tier_now": seen[place.account]["tier"],
            "provisional": found.provisional or place.provisional,
            "volatility": place.volatility,
            "flagged": place.flagged,
            "depends_on": _depends_on(found, place),
            "imputed": [part["key"] for part in place.criteria if part["imputed"]],
            "contributions": {part["key"]: part["contribution"] for part in place.criteria},
        }
        for place in found.places
        if place.account in seen
    ]
    return {
        "as_of": on,
        "model": None if found.model is None else {"id": str(found.model.pk), "name": found.model.name},
        "version": found.version,
        "accounts": accounts,
        "of": len(found.places),
        "cuts": found.cuts,
        "cutoffs": found.cutoffs,
        "criteria": [
            {key: row[key] for key in ("key", "label", "weight", "share_pct", "direction", "fed_by", "known")}
            for row in found.criteria
        ],
        "coverage_pct": found.coverage_pct,
        "notes": found.notes,
    }


def _depends_on(found: Run, place: Place) -> list[str]:
    """The criteria and feeds without which the account would be in another tier. Source: PF-12."""
    parts = fed(found.criteria, place.criteria)
    return [one.feed or one.keys[0] for one in flips(place.score, found.cuts, parts)]
