"""Everything stored of computed values, computed anew: what `trackline refresh` does, and the worker every night."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from trackline.accounts.rulebook import book, pending
from trackline.book.cards.listening import keep_portfolio
from trackline.book.quality.measuring import keep_quality
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.scoring.tested import keep_backtest
from trackline.book.tiers.keeping import keep_tiers
from trackline.kit.policy import Context
from trackline.watch.engine import Outcome
from trackline.watch.models import Alert

Advance = Callable[[int], None]


def waiting(ctx: Context) -> int:
    """Return how many scores are pending: those that changes of the rulebook left, and of versions whose day has come."""
    pending.begin(ctx.today)
    return pending.count()


def bring_in(ctx: Context, advance: Advance = book.nobody_watches) -> int:
    """Compute what is pending; returns how many scores."""
    return pending.settle_all(ctx.now, ctx.today, advance)


def refresh_book(ctx: Context, found: book.Pass, advance: Advance = book.nobody_watches) -> int:
    """Go through what is left of a pass, then rank the book, keep its back-test once a year, keep its tiers, judge its scorecards and measure the quality of its
    data; returns how many accounts. `advance` may raise to stop it between two chunks: the next start of the day goes on there.
    """
    done = found.go(lambda ids: pending.bring_up(ctx, ids), advance)
    refresh_ranking(ctx, ctx.today)
    keep_backtest(ctx)
    keep_tiers(ctx)
    keep_portfolio(ctx)
    keep_quality(ctx)
    found.finish(timezone.now())
    return done


def alerts_since(ctx: Context) -> Outcome:
    """Count what signals have found since: those that fired, those that fired again, and those that are over."""
    alerts = Alert.objects.filter(deleted_at=None)
    return Outcome(
        fired=alerts.filter(created_at__gte=ctx.now, created_by=None).count(),
        repeated=alerts.filter(created_at__lt=ctx.now, last_seen_at__gte=ctx.now).count(),
        cleared=alerts.filter(cleared_at__gte=ctx.now).count(),
    )
