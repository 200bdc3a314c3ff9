"""Scores of the past that tests of a move look at: of formal cycles and of quarters, out of the runs that were kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from trackline.accounts.settings import several
from trackline.book.models import ScoringRun, Standing
from trackline.core.periods import Quarter, quarter_of

CYCLES, QUARTERS = 2, 4
"""So many formal cycles and quarters are looked back on."""
OLDEST_DAYS = 92
"""The run that stands for the day of a cycle may be so many days older."""


@dataclass(frozen=True)
class Scored:
    """The scores of an account: now, of the last formal cycles, of the last quarters (the running one included)."""

    score: Decimal | None = None
    rank: int | None = None
    by_score: int | None = None
    provisional: bool = False
    dependent: bool = False
    cycles: Sequence[Decimal | None] = ()
    quarters: Sequence[Decimal | None] = ()


@dataclass(frozen=True)
class Scores:
    """Scores by account out of the newest run; `cuts` are where tiers 1 to 3 begin."""

    run: ScoringRun | None
    cuts: Sequence[Decimal | None]
    cycle_days: Sequence[date]
    quarter_keys: Sequence[str]
    of: Mapping[int, Scored] = field(default_factory=dict)

    def get(self, account: int) -> Scored:
        """Return what is known of an account; nothing of one that is not scored."""
        return self.of.get(account, Scored(cycles=(None,) * CYCLES, quarters=(None,) * QUARTERS))


def cycle_days(today: date, count: int = CYCLES) -> list[date]:
    """Return the first days of the last formal cycles that have begun, oldest first. Source: PF-19."""
    figures = several("book.fiscal_year_start_month", "tier.cycle_months")
    first, step = int(figures["book.fiscal_year_start_month"]), int(figures["tier.cycle_months"])
    month = today.year * 12 + today.month - 1
    month -= (month - (first - 1)) % step
    return [_first_of(month - step * back) for back in range(count - 1, -1, -1)]


def next_cycle(today: date) -> date:
    """Return the first day of the next formal cycle."""
    step = int(several("tier.cycle_months")["tier.cycle_months"])
    begun = cycle_days(today, 1)[0]
    return _first_of(begun.year * 12 + begun.month - 1 + step)


def in_cycle(day: date) -> bool:
    """Return whether tiers may move on a day by a formal cycle: it lies in the month in which one begins. Source: PF-19."""
    begun = cycle_days(day, 1)[0]
    return (day.year, day.month) == (begun.year, begun.month)


def looked_back_on(today: date) -> list[date]:
    """Return the days of the past whose scores the tests look at: of formal cycles, and the last ones of quarters."""
    eves = (day - timedelta(days=1) for day in cycle_days(today))
    return sorted({*eves, *(quarter.end for quarter in _quarters(today)[:-1])})


def scores_of(ids: Collection[int] | None, today: date) -> Scores:
    """Return the scores of accounts (None: all of them) in two queries."""
    runs = list(ScoringRun.objects.filter(on__lte=today, scored__gt=0).order_by("on"))
    days, quarters = cycle_days(today), _quarters(today)
    if not runs:
        return Scores(None, [], days, [quarter.key for quarter in quarters])
    last = runs[-1]
    of_cycles = [_newest(runs, day - timedelta(days=OLDEST_DAYS), day) for day in days]
    of_quarters = [_newest(runs, quarter.start, min(quarter.end, today)) for quarter in quarters]
    wanted = {run.pk for run in (*of_cycles, *of_quarters, last) if run is not None}
    rows = Standing.objects.filter(run__in=wanted)
    if ids is not None:
        rows = rows.filter(account__in=list(ids))
    by_run: dict[int, dict[int, Decimal]] = {}
    now: dict[int, Scored] = {}
    for run, pk, score, rank, tier, provisional, flagged in rows.order_by().values_list(
        "run", "account", "score", "rank", "tier", "provisional", "tier_changes"
    ):
        by_run.setdefault(run, {})[pk] = score
        if run == last.pk:
            now[pk] = Scored(score, rank, tier, provisional or last.provisional, flagged)

    def line(chosen: Sequence[ScoringRun | None], pk: int) -> list[Decimal | None]:
        return [None if run is None else by_run.get(run.pk, {}).get(pk) for run in chosen]

    found = {pk: replace(own, cycles=line(of_cycles, pk), quarters=line(of_quarters, pk)) for pk, own in now.items()}
    cuts = [None if cut is None else Decimal(str(cut)) for cut in last.cuts]
    return Scores(last, cuts, days, [quarter.key for quarter in quarters], found)


def _newest(runs: Sequence[ScoringRun], start: date, end: date) -> ScoringRun | None:
    return next((run for run in reversed(runs) if start <= run.on <= end), None)


def _quarters(today: date) -> list[Quarter]:
    first = int(several("book.fiscal_year_start_month")["book.fiscal_year_start_month"])
    found = [quarter_of(today, first)]
    while len(found) < QUARTERS:
        found.insert(0, quarter_of(found[0].start - timedelta(days=1), first))
    return found


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
