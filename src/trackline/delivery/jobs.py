"""What the worker does by itself: the rooms' work put together, each with its rhythm. Registered when the worker starts or
somebody looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from trackline.accounts.rulebook import book
from trackline.accounts.settings import book_zone, setting
from trackline.delivery.upkeep import refreshing
from trackline.kickoff.services import keep_ahead
from trackline.kit.jobs import PeriodicJob, Stop, register
from trackline.kit.policy import Context, system_context
from trackline.workspace.letters import send_all

PENDING_EVERY = timedelta(minutes=5)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def refresh(now: datetime, stop: Stop) -> str:
    """Compute the whole book anew; a run that was stopped goes on where it was on the same day."""
    ctx = _context(now)
    refreshing.waiting(ctx)
    refreshing.bring_in(ctx, lambda _: stop())
    done = refreshing.refresh_book(ctx, book.begin(ctx.today, ctx.now), lambda _: stop())
    alerts = refreshing.alerts_since(ctx)
    return f"Accounts computed: {done:,}; alerts: {alerts.fired:,} new, {alerts.cleared:,} over"


def scores(now: datetime, stop: Stop) -> str:
    """Compute what is pending."""
    ctx = _context(now)
    if not refreshing.waiting(ctx):
        return "Nothing was pending"
    return f"Scores computed: {refreshing.bring_in(ctx, lambda _: stop()):,}"


def meetings(now: datetime, stop: Stop) -> str:
    """Keep the meetings of cadences set for a year ahead."""
    return f"Meetings set: {keep_ahead(_context(now), stop):,}"


def letters(now: datetime, stop: Stop) -> str:
    """Send the weekly letter. Raises `OSError` where one could not be sent: those who got theirs are left out next time."""
    counts: Counter[str] = Counter()
    for one in send_all(now):
        counts[one.outcome] += 1
        stop()
    if counts["failed"]:
        raise OSError(f"{counts['failed']:,} could not be sent, {counts['sent']:,} were.")
    return f"Letters sent: {counts['sent']:,}; people with nothing to be told: {counts['nothing']:,}"


def register_all() -> None:
    """Register the jobs."""
    register(
        PeriodicJob(
            "scores",
            "Pending scores",
            "Computes what a change of the rulebook, or an import that was stopped, left to be computed.",
            lambda at: at + PENDING_EVERY,
            lambda: "every 5 minutes",
            scores,
        )
    )
    register(
        PeriodicJob(
            "meetings",
            "Meetings ahead",
            "Keeps the meetings of cadences set for twelve months ahead.",
            _daily("jobs.nightly_hour"),
            lambda: f"daily at {setting('jobs.nightly_hour'):02}:00",
            meetings,
        )
    )
    register(
        PeriodicJob(
            "refresh",
            "Nightly refresh",
            "Computes goals, completeness, scores and the ranking of the whole book, and looks whether signals fire.",
            _daily("jobs.nightly_hour"),
            lambda: f"daily at {setting('jobs.nightly_hour'):02}:00",
            refresh,
        )
    )
    register(
        PeriodicJob(
            "letter",
            "Weekly letter",
            "Sends people their week by e-mail, to whom something needs them.",
            _daily("digest.hour", weekday="digest.weekday"),
            lambda: f"{WEEKDAYS[setting('digest.weekday') - 1]}s at {setting('digest.hour'):02}:00",
            letters,
            ready=lambda: "" if settings.EMAIL_HOST else "No mail server is set: TRACKLINE_SMTP_HOST.",
        )
    )


def _context(now: datetime) -> Context:
    timezone.activate(book_zone())
    return system_context(now)


def _daily(hour: str, *, weekday: str = "") -> Callable[[datetime], datetime]:
    """The first time after an instant that the book's clock shows the hour of a setting, on the weekday of another one."""

    def after(at: datetime) -> datetime:
        local = at.astimezone(book_zone())
        due = local.replace(hour=setting(hour), minute=0, second=0, microsecond=0)
        while due <= local or (weekday and due.isoweekday() != setting(weekday)):
            due += timedelta(days=1)
        return due.astimezone(UTC)

    return after
