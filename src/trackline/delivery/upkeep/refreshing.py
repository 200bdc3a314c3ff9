"""Everything stored of computed values, computed anew: what `trackline refresh` does, and the worker every night."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils import timezone

from trackline.accounts import completeness
from trackline.accounts.rulebook import book, pending
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.tiers.keeping import keep_tiers
from trackline.choose.checking import settle as settle_steps
from trackline.kickoff.measuring import keep_metrics
from trackline.kit.policy import Context
from trackline.reveal.goals import refresh_goals
from trackline.watch.engine import Outcome, watch_accounts
from trackline.watch.models import Alert

Advance = Callable[[int], None]


def waiting(ctx: Context) -> int:
    """Return how many scores are pending: those that changes of the rulebook left, and of versions whose day has come."""
    pending.begin(ctx.today)
    return pending.count()


def bring_in(ctx: Context, advance: Advance = book.nobody_watches) -> int:
    """Compute what is pending; returns how many scores."""
    return pending.settle_all(ctx.now, ctx.today, advance)


def refresh_accounts(ctx: Context, ids: Sequence[int], alerts: Outcome) -> None:
    """Compute anew goals, completeness, metrics, scores and steps of accounts, and look whether signals fire."""
    refresh_goals(ctx, list(ids))
    completeness.store(list(ids), ctx.today)
    keep_metrics(ctx, ids)
    refresh_scores(ids, ctx.today, at=ctx.now)
    settle_steps(ctx, ids)
    found = watch_accounts(ctx, ids)
    alerts.repeated += found.repeated
    alerts.cleared += found.cleared


def refresh_book(ctx: Context, found: book.Pass, alerts: Outcome, advance: Advance = book.nobody_watches) -> int:
    """Go through what is left of a pass, then rank the book and keep its tiers; returns how many accounts. `advance` may raise to stop it
    between two chunks: the next start of the day goes on there."""
    done = found.go(lambda ids: refresh_accounts(ctx, ids, alerts), advance)
    refresh_ranking(ctx, ctx.today)
    keep_tiers(ctx)
    found.finish(timezone.now())
    return done


def count_fired(ctx: Context, alerts: Outcome) -> None:
    """Note how many alerts fired since; those that health raised while scores were kept count too."""
    alerts.fired = Alert.objects.filter(created_at__gte=ctx.now, created_by__isnull=True).count()
