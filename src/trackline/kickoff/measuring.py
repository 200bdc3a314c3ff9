"""Execution metrics out of records: what was done of what was due in a month or a quarter (KCK-08), kept as readings until
the period is closed (KCK-09).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from trackline.accounts.settings import setting
from trackline.choose.models import Play
from trackline.core.periods import month_later, quarter_of
from trackline.core.workdays import Workdays
from trackline.kickoff.models import Action, ExecutionMetric, ExecutionReading, Meeting
from trackline.kickoff.rules.preparation import asked, kind_of
from trackline.kit.days import day_start
from trackline.kit.policy import Context
from trackline.reveal.models import Goal
from trackline.reveal.queries import ACTIVE, past_rhythm, with_rhythm

ALIVE = Q(deleted_at__isnull=True)
FREEZE_DAYS = 5
"""So many days after its last day a period is closed. Source: KCK-09."""
ONE_DAY = timedelta(days=1)
PLAIN = Workdays()
"""Pre-reads are due by the hour, whatever the calendar."""


@dataclass(frozen=True)
class Period:
    """A month or a quarter of the fiscal year, both days included; `until` is its last day that has begun."""

    start: date
    end: date
    until: date


@dataclass(frozen=True)
class Count:
    """What was done of what was due, and their share in percent; for hours `value` alone."""

    done: Decimal | None = None
    due: Decimal | None = None
    value: Decimal | None = None


Counts = Mapping[str, Mapping[int, Count]]
"""Of each formula, by account; an account without anything due stands in none."""


def period_of(kind: str, day: date, today: date) -> Period:
    """Return the month or quarter that a day lies in."""
    if kind == "month":
        start = day.replace(day=1)
        end = month_later(start, 1) - timedelta(days=1)
    else:
        found = quarter_of(day, int(setting("book.fiscal_year_start_month")))
        start, end = found.start, found.end
    return Period(start, end, min(end, today))


def counts(ids: Sequence[int], period: Period) -> Counts:
    """Count every formula for some accounts, in a fixed number of queries."""
    return {
        **_meetings(ids, period),
        **_actions(ids, period),
        "decision_to_action": _decisions(ids, period),
        "plays_on_time": _plays(ids, period),
        "checkins_on_time": _check_ins(ids, period),
    }


def keep_metrics(ctx: Context, ids: Sequence[int]) -> int:
    """Keep the readings of the open period of each metric, and of the one before while it is not closed. Returns how many
    readings were made or changed. Source: KCK-09.
    """
    metrics = list(ExecutionMetric.objects.filter(ALIVE, account__in=ids).exclude(formula_key="manual"))
    wanted: dict[tuple[int, date], Count] = {}
    for kind in ("month", "quarter"):
        of_kind = [metric for metric in metrics if metric.period == kind]
        if not of_kind:
            continue
        for period in _open_periods(kind, ctx.today):
            found = counts(sorted({metric.account_id for metric in of_kind}), period)
            for metric in of_kind:
                count = found[metric.formula_key].get(metric.account_id)
                if count is not None:
                    wanted[metric.pk, period.start] = count
    return _keep(ctx, wanted)


def _open_periods(kind: str, today: date) -> list[Period]:
    now = period_of(kind, today, today)
    found = [now]
    last = now.start - timedelta(days=1)
    if today < last + timedelta(days=FREEZE_DAYS):
        found.append(period_of(kind, last, today))
    return found


def _keep(ctx: Context, wanted: Mapping[tuple[int, date], Count]) -> int:
    starts = {start for _metric, start in wanted}
    rows = ExecutionReading.objects.filter(ALIVE, metric__in={pk for pk, _ in wanted}, period_start__in=starts)
    there = {(row.metric_id, row.period_start): row for row in rows}
    made, moved = [], []
    for (metric, start), count in wanted.items():
        row = there.get((metric, start))
        if row is None:
            made.append(
                ExecutionReading(
                    metric_id=metric, period_start=start, numerator=count.done, denominator=count.due, value=count.value,
                    created_at=ctx.now, updated_at=ctx.now,
                )
            )  # fmt: skip
        elif (row.numerator, row.denominator, row.value) != (count.done, count.due, count.value):
            row.numerator, row.denominator, row.value = count.done, count.due, count.value
            row.updated_at, row.version = ctx.now, row.version + 1
            moved.append(row)
    ExecutionReading.objects.bulk_create(made, batch_size=500)
    fields = ["numerator", "denominator", "value", "updated_at", "version"]
    ExecutionReading.objects.bulk_update(moved, fields, batch_size=200)
    return len(made) + len(moved)


def _share(done: Mapping[int, int], due: Mapping[int, int]) -> dict[int, Count]:
    return {
        pk: Count(Decimal(done.get(pk, 0)), Decimal(number), round(Decimal(done.get(pk, 0)) * 100 / number, 6))
        for pk, number in due.items()
        if number
    }


def _meetings(ids: Sequence[int], period: Period) -> dict[str, dict[int, Count]]:
    """Reviews held of those due, meetings held of those scheduled, pre-reads in time of the meetings held that ask for one.

    A meeting that was moved counts where it stands now.
    """
    tallies: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = Meeting.objects.filter(
        ALIVE, account__in=ids, at__gte=day_start(period.start), at__lt=day_start(period.until + ONE_DAY)
    )
    values = rows.exclude(status="rescheduled").values_list(
        "account", "status", "review", "at", "pre_read_sent_at", "cadence__type"
    )
    for account, status, review, at, sent, kind in values:
        is_review = bool(review) or kind == "qbr"
        tallies["scheduled"][account] += 1
        tallies["reviews"][account] += is_review
        if status != "held":
            continue
        tallies["held"][account] += 1
        tallies["reviews held"][account] += is_review
        pre_read = asked(kind_of(kind or "", review, 0), "pre_read")
        if pre_read is not None:
            tallies["pre-reads due"][account] += 1
            tallies["pre-reads"][account] += sent is not None and sent <= pre_read.before.due(at, PLAIN)
    return {
        "qbr_completion": _share(tallies["reviews held"], tallies["reviews"]),
        "meeting_adherence": _share(tallies["held"], tallies["scheduled"]),
        "preread_on_time": _share(tallies["pre-reads"], tallies["pre-reads due"]),
    }


def _actions(ids: Sequence[int], period: Period) -> dict[str, dict[int, Count]]:
    """Actions closed of those open at the start or made since; actions in time of those due."""
    start, end = period.start, period.until
    rows = Action.objects.filter(ALIVE, account__in=ids).exclude(status="cancelled")
    values = rows.filter(Q(done_on__isnull=True) | Q(done_on__gte=start) | Q(due_on__gte=start))
    tallies: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for account, made, due, done in values.values_list("account", "created_at", "due_on", "done_on"):
        on = timezone.localtime(made).date()
        if on <= end and (done is None or done >= start):
            tallies["at hand"][account] += 1
            tallies["closed"][account] += done is not None and done <= end
        if due is not None and start <= due <= end:
            tallies["due"][account] += 1
            tallies["in time"][account] += done is not None and done <= due
    return {
        "actions_closed": _share(tallies["closed"], tallies["at hand"]),
        "actions_on_time": _share(tallies["in time"], tallies["due"]),
    }


def _decisions(ids: Sequence[int], period: Period) -> dict[int, Count]:
    """Median hours from a decision being written down to its first action with an owner."""
    rows = Action.objects.filter(
        ALIVE, Q(owner__isnull=False) | Q(client_owner__isnull=False), account__in=ids, decision__deleted_at__isnull=True,
        decision__created_at__gte=day_start(period.start), decision__created_at__lt=day_start(period.until + ONE_DAY),
    )  # fmt: skip
    first: dict[tuple[int, int], timedelta] = {}
    for account, decision, gap in rows.values_list("account", "decision", F("created_at") - F("decision__created_at")):
        key = (account, decision)
        first[key] = min(first.get(key, gap), gap)
    by_account: dict[int, list[timedelta]] = defaultdict(list)
    for (account, _decision), gap in first.items():
        by_account[account].append(max(gap, timedelta(0)))
    return {
        account: Count(value=round(Decimal(median(gap.total_seconds() for gap in gaps)) / 3600, 6))
        for account, gaps in by_account.items()
    }


def _plays(ids: Sequence[int], period: Period) -> dict[int, Count]:
    rows = Play.objects.filter(ALIVE, account__in=ids, due_on__range=(period.start, period.until))
    due: dict[int, int] = defaultdict(int)
    done: dict[int, int] = defaultdict(int)
    for account, by, on in rows.exclude(status="cancelled").values_list("account", "due_on", "done_on"):
        due[account] += 1
        done[account] += on is not None and on <= by
    return _share(done, due)


def _check_ins(ids: Sequence[int], period: Period) -> dict[int, Count]:
    """Goals whose last check-in lies within their rhythm, of the active ones."""
    goals = with_rhythm(Goal.objects.filter(ACTIVE, account__in=ids))
    due = _by_account(goals)
    late = _by_account(goals.filter(past_rhythm(period.until, lambda limit: Q(last__lt=limit) | Q(last__isnull=True))))
    return _share({pk: number - late.get(pk, 0) for pk, number in due.items()}, due)


def _by_account(rows: Any) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for account in _accounts(rows.order_by().values_list("pk", "account")):
        found[account] += 1
    return found


def _accounts(pairs: Iterable[tuple[int, int]]) -> Iterable[int]:
    return dict(pairs).values()
