"""What the open routes of the book bring in: the whole distribution, the weighted pipeline, the commit list, and the same by
quarter and by month against what is targeted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rules.kpi.growth import pipeline_coverage
from trackline.accounts.settings import setting
from trackline.align.rules.commit import commit
from trackline.align.rules.forecast import distribution
from trackline.align.rules.gate import DEFAULT_PROBABILITY
from trackline.align.rules.pipeline import weighted
from trackline.book.queries.deals import Deal, Deals, deals_as_of
from trackline.book.queries.narrowing import Narrowing, narrowing
from trackline.book.queries.targets import Targets, quarters_from, targets_of
from trackline.core.periods import Month, Quarter, month_of, quarter_of
from trackline.core.playbook import Explained
from trackline.kit.policy import Context

ZERO = Decimal(0)
COVERED = 4
"""So many quarters a pipeline should cover, the running one first. Source: KPI-007."""


@dataclass(frozen=True)
class Counted:
    """The routes a forecast counts: open ones with a value, and won ones, of the accounts that the filters keep."""

    on: date
    deals: Deals
    narrowed: Narrowing
    targets: Targets
    first_month: int
    opened: Sequence[Deal] = field(default_factory=list)
    won: Sequence[Deal] = field(default_factory=list)

    @property
    def rows(self) -> list[Deal]:
        """Those that the distribution counts."""
        return [deal for deal in self.opened if deal.value is not None and deal.state != "open"]

    @property
    def quarter(self) -> Quarter:
        """The fiscal quarter of the day."""
        return self.quarter_of(self.on)

    def quarter_of(self, day: date) -> Quarter:
        """Return the fiscal quarter a day falls into."""
        return quarter_of(day, self.first_month)


def counted(
    ctx: Context, on: date, filters: Mapping[str, str] | None = None, narrowed: Narrowing | None = None
) -> Counted:
    """Return what the forecast counts as of a day, in a fixed number of queries; of accounts that were `narrowed` already."""
    deals = deals_as_of(ctx, on)
    found = narrowed or narrowing(ctx, filters or {})
    kept = [deal for deal in deals.rows if deal.account in found.ids]
    return Counted(
        on,
        deals,
        found,
        targets_of(found.owner, deals.rates),
        int(setting("book.fiscal_year_start_month")),
        [deal for deal in kept if deal.is_open],
        [deal for deal in kept if deal.state == "won"],
    )


def forecast(
    ctx: Context, on: date, target: Decimal | None = None, filters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the forecast of the routes the actor sees, as of a day: mean, deviation and quantiles of what they bring in
    (exact wherever it can be computed), value times probability, what is committed for the fiscal quarter of the day, and
    the same by quarter and by month of the expected close, beside what was won in them and what is targeted.

    A route without probability takes the default of its state; one without value, or open in a state not known, adds
    nothing and is counted in a note. `filters` are those of `narrowing`.
    """
    return told(counted(ctx, on, filters), target)


def told(given: Counted, target: Decimal | None = None) -> dict[str, Any]:
    """Return the forecast of what was counted."""
    rows, on = given.rows, given.on
    whole = _told(rows, on, target)
    committed = commit_list(given)
    by_quarter = _by(
        given, given.quarter_of, given.targets.quarter, given.targets.quarters(given.first_month), "quarter"
    )
    for row in by_quarter:
        row["commit"] = committed.value if row["quarter"] == given.quarter.key else 0
    return {
        "as_of": on,
        "currency": given.deals.rates.book,
        "count": len(rows),
        "without_value": sum(deal.value is None for deal in given.opened),
        "gross": _sum(rows),
        **whole,
        "commit": committed.value,
        "commit_count": committed.details["count"],
        "quarter": given.quarter.key,
        "coverage": _coverage(given),
        "by_quarter": by_quarter,
        "by_month": _by(given, month_of, given.targets.month, given.targets.months, "month"),
        "notes": [*given.deals.notes, *whole["notes"], *_notes(given.opened, rows, on)],
    }


def chance(deal: Deal) -> Decimal:
    """Return the probability of an open route; without one of its own it has the default of its state. Source: ALN-03."""
    return DEFAULT_PROBABILITY[deal.state] if deal.probability is None else deal.probability


def commit_list(given: Counted) -> Explained:
    """Return the commit list of the fiscal quarter of the day; its parts go by the ids of the routes."""
    routes = [
        {
            "key": str(deal.pk),
            "value": deal.value,
            "probability": chance(deal),
            "state": deal.state,
            "expected_close_on": deal.closes_on,
            "pipeline": deal.pipeline or None,
            "stage": deal.stage or None,
        }
        for deal in given.rows
    ]
    asked = {"routes": routes, "quarter_start": given.quarter.start, "quarter_end": given.quarter.end}
    found: Explained = commit(asked, as_of=given.on)
    return found


def _by(
    given: Counted,
    period_of: Callable[[date], Any],
    target_of: Callable[[Any], Decimal | None],
    targeted: Sequence[Month | Quarter],
    name: str,
) -> list[dict[str, Any]]:
    """Tell the forecast of each period that has open routes, or a target and has not ended."""
    groups: dict[Any, list[Deal]] = {period: [] for period in targeted if period.end >= given.on}
    for deal in given.rows:
        groups.setdefault(None if deal.closes_on is None else period_of(deal.closes_on), []).append(deal)
    won: dict[Any, list[Deal]] = {}
    for deal in given.won:
        if deal.closes_on is not None:
            won.setdefault(period_of(deal.closes_on), []).append(deal)
    found = []
    for when in sorted(groups, key=lambda period: (period is None, period.start if period else given.on)):
        rows, target = groups[when], None if when is None else target_of(when)
        booked = _sum(won.get(when, ()))
        # What was won counts as certain: the open routes need to bring in the rest.
        own = _told(rows, given.on, None if target is None else max(target - booked, ZERO))
        found.append(
            {
                name: when.key if when else None,
                "start": when.start if when else None,
                "end": when.end if when else None,
                "count": len(rows),
                "gross": _sum(rows),
                "won": booked,
                "target": target,
                **{key: own[key] for key in ("mean", "sd", "quantiles", "weighted", "p_target_pct")},
            }
        )
    return found


def _coverage(given: Counted) -> dict[str, Any]:
    """How many times the weighted pipeline of four quarters covers their target (KPI-007)."""
    quarters = quarters_from(given.quarter, COVERED, given.first_month)
    start, end = quarters[0].start, quarters[-1].end
    rows = [deal for deal in given.rows if deal.closes_on is not None and start <= deal.closes_on <= end]
    target = given.targets.four_quarters(quarters)
    value = sum(((deal.value or ZERO) * chance(deal) / 100 for deal in rows), ZERO)
    found: Explained = pipeline_coverage({"weighted_pipeline": value, "target": target}, as_of=given.on)
    return {
        "value": found.value,
        "band": found.band,
        "weighted": value,
        "target": target,
        "from": quarters[0].key,
        "to": quarters[-1].key,
        "notes": list(found.notes),
    }


def _told(rows: Sequence[Deal], on: date, target: Decimal | None) -> dict[str, Any]:
    deals = [{"value": _rounded(deal), "probability": chance(deal)} for deal in rows]
    found: Explained = distribution({"deals": deals, "target": target}, as_of=on)
    routes = [{"value": deal.value, "probability": chance(deal), "state": None} for deal in rows]
    sums: Explained = weighted({"routes": routes}, as_of=on)
    return {
        "mean": sums.value,  # the same closed form, from the amounts as converted
        "sd": found.details["sd"],
        "quantiles": found.details["quantiles"],
        "weighted": sums.value,
        "method": found.details["method"],
        "runs": found.details["runs"],
        "standard_error": found.details["standard_error"],
        "target": target,
        "p_target_pct": found.details["p_target_pct"],
        "notes": list(found.notes),
    }


def _rounded(deal: Deal) -> Decimal | None:
    """The value as the distribution counts it: eight digits of a rate would make more possible totals than can be computed,
    and none of them truer."""
    return round(deal.value, 0) if deal.converted and deal.value is not None else deal.value


def _sum(rows: Sequence[Deal]) -> Decimal:
    return sum((deal.value or ZERO for deal in rows), ZERO)


def _notes(opened: Sequence[Deal], rows: Sequence[Deal], on: date) -> list[str]:
    notes = []
    defaulted = sum(deal.probability is None for deal in rows)
    if defaulted:
        notes.append(f"{defaulted} have no probability: the default of their state is taken.")
    left_out = sum(deal.value is None for deal in opened)
    if left_out:
        notes.append(f"{left_out} have no value and are left out.")
    unknown = sum(deal.value is not None and deal.state == "open" for deal in opened)
    if unknown:
        notes.append(f"{unknown} stood in a state that is not known and are left out.")
    converted = sum(deal.converted for deal in rows)
    if converted:
        notes.append(f"{converted} come from other currencies: for deviation and quantiles they count in whole units.")
    undated = sum(deal.closes_on is None for deal in rows)
    if undated:
        notes.append(f"{undated} have no expected close date: they belong to no quarter.")
    late = sum(deal.closes_on is not None and deal.closes_on < on for deal in rows)
    if late:
        notes.append(f"{late} should have closed before {on.isoformat()}.")
    if rows:
        notes.append("Legal screening of routes is not recorded: none is kept off the commit list for it.")
    return notes
