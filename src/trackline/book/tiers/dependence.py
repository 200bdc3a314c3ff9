"""Which tiers by score hang on one figure: such a tier is no ground for a proposal until somebody has looked at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from trackline.book.models import ScoringRun, Standing
from trackline.book.rules.flip import fed, flips


def hanging_on(run: ScoringRun | None, ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """Return the criteria and feeds, as they are called, without which accounts would be in another tier; accounts whose tier
    hangs on none are left out. One query. Source: PF-12."""
    if run is None:
        return {}
    labels = {row["key"]: row["label"] for row in run.criteria}
    cuts = [None if cut is None else Decimal(str(cut)) for cut in run.cuts]
    rows = Standing.objects.filter(run=run, account__in=list(ids)).order_by()
    found = {}
    for account, score, parts in rows.values_list("account", "score", "criteria"):
        if names := [one.feed or labels[one.keys[0]] for one in flips(score, cuts, fed(run.criteria, parts))]:
            found[account] = names
    return found
