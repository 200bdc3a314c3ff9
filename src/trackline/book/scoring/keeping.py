"""Runs kept: one for each week, the newest of it (PF-14: scores are refreshed weekly)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from trackline.book.models import ScoringRun, Standing
from trackline.book.scoring.run import Run, score_book
from trackline.core.decimals import plain, q6
from trackline.kit.policy import Context


def refresh_ranking(ctx: Context, today: date, *, weeks_back: int = 0, also: Iterable[date] = ()) -> Run:
    """Score the book as of a day, and of the weeks before it and `also` of further days where asked, and keep the runs.
    Nothing is kept where there was nothing to score. Returns the last run."""
    weeks = [today - timedelta(weeks=back) for back in range(weeks_back, -1, -1)]
    for day in (*(day for day in sorted(also) if day < weeks[0]), *weeks):
        found = score_book(ctx, day)
        if found.criteria:
            keep(ctx, found)
    return found


@transaction.atomic
def keep(ctx: Context, found: Run) -> ScoringRun:
    """Store a run. Scored again on the same day it takes the place of the run before; of a week the newest run of one
    version stays, so that a change of the model always shows both."""
    monday = found.on - timedelta(days=found.on.weekday())
    ScoringRun.objects.filter(on=found.on).delete()
    ScoringRun.objects.filter(on__range=(monday, found.on), version=found.version).delete()
    assert found.model is not None
    run = ScoringRun.objects.create(
        on=found.on,
        computed_at=ctx.now,
        model=found.model,
        version=found.version,
        normaliser=found.model.normaliser,
        cutoffs=found.cutoffs,
        criteria=found.criteria,
        cuts=[plain(cut) for cut in found.cuts],
        coverage_pct=q6(found.coverage_pct),
        provisional=found.provisional,
        notes=found.notes,
        scored=len(found.places),
    )
    Standing.objects.bulk_create(
        (
            Standing(
                run=run,
                account_id=place.account,
                score=q6(place.score),
                rank=place.rank,
                percentile=q6(place.percentile),
                tier=place.tier,
                volatility=place.volatility,
                tier_changes=place.tier_changes,
                flagged=place.flagged,
                provisional=place.provisional,
                imputed_pct=q6(place.imputed_pct),
                criteria=place.criteria,
            )
            for place in found.places
        ),
        batch_size=500,
    )
    return run
