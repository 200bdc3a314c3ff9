"""What the open routes of the book bring in: the whole distribution, the weighted pipeline, the commit list, by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.settings import setting
from trackline.align.rules.commit import commit
from trackline.align.rules.forecast import distribution
from trackline.align.rules.gate import DEFAULT_PROBABILITY
from trackline.align.rules.pipeline import weighted
from trackline.book.queries.deals import Deal, deals_as_of
from trackline.core.periods import Quarter, quarter_of
from trackline.core.playbook import Explained
from trackline.kit.policy import Context


def forecast(ctx: Context, on: date, target: Decimal | None = None) -> dict[str, Any]:
    """Return the forecast of the routes the actor sees, as of a day: mean, deviation and quantiles of what they bring in
    (exact wherever it can be computed), value times probability, what is committed for the fiscal quarter of the day, and
    the same by quarter of the expected close.

    A route without probability takes the default of its state; one without value, or open in a state not known, adds
    nothing and is counted in a note.
    """
    deals = deals_as_of(ctx, on)
    rows = [deal for deal in deals.open() if deal.value is not None and deal.state != "open"]
    first = int(setting("book.fiscal_year_start_month"))
    quarters: dict[Quarter | None, list[Deal]] = {}
    for deal in rows:
        when = None if deal.closes_on is None else quarter_of(deal.closes_on, first)
        quarters.setdefault(when, []).append(deal)
    now = quarter_of(on, first)
    whole = _told(rows, on, target)
    committed = _committed(rows, now, on)
    by_quarter = []
    for when in sorted(quarters, key=lambda quarter: (quarter is None, quarter.key if quarter else "")):
        own = _told(quarters[when], on, None)
        by_quarter.append(
            {
                "quarter": when.key if when else None,
                "start": when.start if when else None,
                "end": when.end if when else None,
                "count": len(quarters[when]),
                "gross": sum((deal.value or Decimal(0) for deal in quarters[when]), Decimal(0)),
                "commit": committed.value if when == now else 0,
                **{key: own[key] for key in ("mean", "sd", "quantiles", "weighted")},
            }
        )
    return {
        "as_of": on,
        "currency": deals.rates.book,
        "count": len(rows),
        "gross": sum((deal.value or Decimal(0) for deal in rows), Decimal(0)),
        **whole,
        "commit": committed.value,
        "commit_count": committed.details["count"],
        "quarter": now.key,
        "by_quarter": by_quarter,
        "notes": [*deals.notes, *whole["notes"], *_notes(deals.open(), rows, on)],
    }


def _told(rows: Sequence[Deal], on: date, target: Decimal | None) -> dict[str, Any]:
    deals = [{"value": _counted(deal), "probability": _chance(deal)} for deal in rows]
    found: Explained = distribution({"deals": deals, "target": target}, as_of=on)
    routes = [{"value": deal.value, "probability": _chance(deal), "state": None} for deal in rows]
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


def _chance(deal: Deal) -> Decimal:
    return DEFAULT_PROBABILITY[deal.state] if deal.probability is None else deal.probability


def _counted(deal: Deal) -> Decimal | None:
    """The value as the distribution counts it: eight digits of a rate would make more possible totals than can be computed,
    and none of them truer."""
    return round(deal.value, 0) if deal.converted and deal.value is not None else deal.value


def _committed(rows: Sequence[Deal], quarter: Quarter, on: date) -> Explained:
    routes = [
        {
            "key": str(deal.pk),
            "value": deal.value,
            "probability": _chance(deal),
            "state": deal.state,
            "expected_close_on": deal.closes_on,
            "pipeline": deal.pipeline or None,
            "stage": deal.stage or None,
        }
        for deal in rows
    ]
    given = {"routes": routes, "quarter_start": quarter.start, "quarter_end": quarter.end}
    found: Explained = commit(given, as_of=on)
    return found


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
