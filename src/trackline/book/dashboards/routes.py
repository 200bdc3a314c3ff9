"""Tiles of the pipeline: what the routes bring in, by when and of what kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from trackline.accounts.rules.kpi.growth import win_rate
from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows
from trackline.book.dashboards.sources import YEAR, Options, Sources, reader, total
from trackline.book.queries.deals import Deal
from trackline.book.queries.forecast import chance, commit_list
from trackline.book.queries.pipeline import NAMERS
from trackline.core.decimals import HUNDRED
from trackline.core.playbook import Explained
from trackline.kit import formats


def weighted(deal: Deal) -> Decimal | None:
    """Return value times probability; a route won counts in full, one in a state not known for nothing."""
    if deal.value is None or deal.state == "open":
        return None
    return deal.value if deal.state == "won" else deal.value * chance(deal) / HUNDRED


def _behind(s: Sources, deals: Iterable[tuple[Deal, str]]) -> Rows:
    columns = (
        Column("Route"), Column("Account"), Column("State"), Column("Closes", "date"), Column("Value", "money"),
        Column("Chance", "percent"), Column("Weighted", "money"),
    )  # fmt: skip
    rows = []
    for deal, part in deals:
        odds = chance(deal) if deal.is_open and deal.state != "open" else None
        stage = (deal.stage or deal.state).replace("_", " ").capitalize()
        account = s.narrowed.accounts[deal.account]["name"]
        cells = (s.titles.get(deal.pk, ""), account, stage, deal.closes_on, deal.value, odds, weighted(deal))
        rows.append(Row(cells, ("route", deal.pk), part))
    rows.sort(key=lambda row: (-(row.cells[6] or row.cells[4] or 0), row.cells[0]))
    return Rows(columns, rows, s.rates.book)


def _notes(s: Sources) -> list[str]:
    return list(s.forecast["notes"])


@reader("pipeline")
def pipeline(s: Sources, _options: Options) -> Found:
    """Weighted value of the open routes."""
    found = s.forecast
    return Found(
        s.on, "currency", s.rates.book, found["weighted"],
        detail=f"of {formats.money(found['gross'], s.rates.book)} in {formats.counted(found['count'], 'open route')}",
        notes=_notes(s), behind=lambda: _behind(s, ((deal, "") for deal in s.counted.opened)),
    )  # fmt: skip


@reader("commit")
def commit(s: Sources, _options: Options) -> Found:
    """The commit list of the fiscal quarter. Source: PIPE-13."""
    found = commit_list(s.counted)
    held = {int(part.key) for part in found.parts}
    target = s.counted.targets.quarter(s.counted.quarter)
    of = f" of a target of {formats.money(target, s.rates.book)}" if target is not None else ""
    return Found(
        s.on, "currency", s.rates.book, found.value if isinstance(found.value, Decimal) else None,
        detail=f"{s.counted.quarter.key}, {formats.counted(found.details['count'], 'route')}{of}", notes=_notes(s),
        behind=lambda: _behind(s, ((deal, "") for deal in s.counted.rows if deal.pk in held)),
    )  # fmt: skip


@reader("won")
def won(s: Sources, _options: Options) -> Found:
    """Value won in the fiscal quarter, beside its target."""
    quarter = s.counted.quarter
    deals = [deal for deal in s.counted.won if _within(deal.closes_on, quarter.start, quarter.end)]
    value, target = total([deal.value for deal in deals]), s.counted.targets.quarter(quarter)
    detail = f"{quarter.key}, {formats.counted(len(deals), 'route')}"
    if target:
        share = formats.percent(value * HUNDRED / target, 0)
        detail += f", {share} of {formats.money(target, s.rates.book)}"
    bare = sum(deal.value is None for deal in deals)
    return Found(
        s.on, "currency", s.rates.book, value, detail=detail,
        notes=[*s.counted.deals.notes, *([f"{bare} have no value."] if bare else [])],
        behind=lambda: _behind(s, ((deal, "") for deal in deals)),
    )  # fmt: skip


@reader("coverage")
def coverage(s: Sources, _options: Options) -> Found:
    """Weighted pipeline of four quarters over their targets. Source: KPI-007."""
    found = s.forecast["coverage"]
    target = found["target"]
    span = f"{found['from']} to {found['to']}"
    detail = (
        f"{formats.money(found['weighted'], s.rates.book)} of {formats.money(target, s.rates.book)}" if target else span
    )
    return Found(
        s.on, "ratio", value=found["value"], band=found["band"] or "", detail=detail,
        notes=[*found["notes"], f"Quarters: {span}."], missing=f"no target for {span}",
        behind=lambda: _behind(s, ((deal, "") for deal in s.counted.opened)),
    )  # fmt: skip


@reader("win_rate")
def rate(s: Sources, _options: Options) -> Found:
    """Routes won of those decided within a year. Source: KPI-008."""
    deals = [deal for deal in s.deals if deal.state in ("won", "lost") and _within(deal.closes_on, s.on - YEAR, s.on)]
    count = sum(deal.state == "won" for deal in deals)
    found: Explained = win_rate({"won": count, "total": len(deals)}, as_of=s.on)
    undated = sum(deal.state in ("won", "lost") and deal.closes_on is None for deal in s.deals)
    return Found(
        s.on, "percent", value=found.value if isinstance(found.value, Decimal) else None, band=found.band or "",
        detail=f"{count} of {len(deals)} decided",
        notes=[*found.notes, *([f"{undated} closed on a day that is not known."] if undated else [])],
        missing="nothing was decided", behind=lambda: _behind(s, ((deal, deal.state) for deal in deals)),
    )  # fmt: skip


@reader("pipeline_by")
def pipeline_by(s: Sources, options: Options) -> Found:
    """Open, won or lost value by one fact of the routes."""
    state, by = options["state"], options["by"]
    deals = [deal for deal in s.deals if (deal.is_open if state == "open" else deal.state == state)]
    name = NAMERS[by](s.ctx, s.counted.deals)
    entries = [(deal, name(deal)) for deal in deals]
    values: dict[str, list[Decimal | None]] = {}
    told = {}
    for deal, entry in entries:
        key = entry.key or "none"
        told[key] = entry
        values.setdefault(key, []).append(deal.value)
    points = [Point(key, told[key].name, total(amounts), len(amounts)) for key, amounts in values.items()]
    if by in ("quarter", "stage"):
        points.sort(key=lambda point: (point.key == "none", told[point.key].order))
    else:
        points.sort(key=lambda point: (point.key == "none", -(point.value or 0), point.label))
    bare = sum(deal.value is None for deal in deals)
    notes = [*s.counted.deals.notes, *([f"{bare} have no value: they count, and add nothing."] if bare else [])]
    return Found(
        s.on, "currency", s.rates.book, total([deal.value for deal in deals]), points=points, notes=notes,
        missing="no routes", behind=lambda: _behind(s, ((deal, entry.key or "none") for deal, entry in entries)),
    )  # fmt: skip


@reader("forecast")
def forecast(s: Sources, _options: Options) -> Found:
    """Won and weighted value of each quarter against its target."""
    rows = s.forecast["by_quarter"]
    points = [
        Point(
            row["quarter"] or "none", row["quarter"] or "No date", row["won"], row["count"], second=row["weighted"],
            target=row["target"],
        )
        for row in rows
    ]  # fmt: skip

    def behind() -> Rows:
        shown = [*s.counted.opened, *s.counted.won]
        key = {
            deal.pk: "none" if deal.closes_on is None else s.counted.quarter_of(deal.closes_on).key for deal in shown
        }
        return _behind(s, ((deal, key[deal.pk]) for deal in shown if key[deal.pk] in {point.key for point in points}))

    return Found(
        s.on, "currency", s.rates.book, s.forecast["weighted"], points=points, notes=_notes(s), missing="no open route",
        behind=behind, legend=(("s1", "Won"), ("s2", "Weighted"), ("rule", "Target")),
    )  # fmt: skip


def _within(day: date | None, start: date, end: date) -> bool:
    return day is not None and start <= day <= end
