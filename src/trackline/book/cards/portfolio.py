"""What the metrics of scorecards read over the accounts of a manager, or of the whole book."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from trackline.accounts.models import Metric
from trackline.book.cards.accounts import AccountMeasures
from trackline.book.dashboards import revenue, routes, standing  # noqa: F401  (register what finds their figures)
from trackline.book.dashboards.metrics import summed
from trackline.book.dashboards.shapes import Column, Found, Row, Rows
from trackline.book.dashboards.sources import Sources, readers
from trackline.book.rules.card_measures import Measure, measure_of
from trackline.kickoff.measuring import counts, period_of
from trackline.kit import formats
from trackline.kit.policy import Context


class PortfolioMeasures:
    """The metrics over the accounts of a manager (user name; "" for the whole book) as of a day."""

    def __init__(self, ctx: Context, manager: str, on: date) -> None:
        self.ctx, self.on, self.manager = ctx, on, manager
        self.sources = Sources(ctx, on, {"owner": manager})

    def of(self, metric: Metric) -> Found:
        """Return what a metric reads: the figure of the book that measures it, else the readings of the accounts together."""
        how = measure_of(metric.key)
        if how.now_only and self.on < self.ctx.today:
            return self._nothing(metric, "only known of today")
        if how.tile:
            return replace(readers[how.tile](self.sources, {}), title=metric.name)
        if how.execution:
            return self._executed(metric, how)
        if how.inputs or how.score:
            return self._pooled(metric, how)
        found = readers["metric"](self.sources, {"metric": metric.key, "summary": how.pool})
        return replace(found, title=metric.name)

    def _ids(self) -> list[int]:
        return [row["id"] for row in self.sources.accounts]

    def _executed(self, metric: Metric, how: Measure) -> Found:
        period = period_of("quarter", self.on, self.on)
        found = counts(self._ids(), period)[how.execution]
        done, due = (
            sum((getattr(one, name) or Decimal(0) for one in found.values()), Decimal(0)) for name in ("done", "due")
        )
        since = formats.day(period.start, self.on)
        columns = (Column("Account"), Column("Done", "number"), Column("Due", "number"), Column("Share", "percent"))
        told = self.sources.narrowed.accounts

        def behind() -> Rows:
            rows = [
                Row((told[pk]["name"], one.done, one.due, one.value), ("account", told[pk]["key"]))
                for pk, one in sorted(found.items(), key=lambda pair: pair[1].value or 0)
            ]
            return Rows(columns, rows)

        return Found(
            self.on, metric.unit, value=done * 100 / due if due else None, title=metric.name, behind=behind,
            detail=f"{formats.number(done)} of {formats.number(due)} since {since}" if due else "",
            missing=f"nothing due since {since}",
        )  # fmt: skip

    def _pooled(self, metric: Metric, how: Measure) -> Found:
        """Put together what is computed for each account."""
        ids = self._ids()
        measured = AccountMeasures(self.ctx, ids, [metric], self.on)
        found = {pk: measured.of(pk, metric).found for pk in ids}
        known = {pk: one.value for pk, one in found.items() if one.value is not None}
        told = self.sources.narrowed.accounts

        def behind() -> Rows:
            columns = (Column("Account"), Column(metric.name, "measure", metric.unit), Column("From"))
            rows = [
                Row((told[pk]["name"], value, found[pk].detail), ("account", told[pk]["key"]))
                for pk, value in sorted(known.items(), key=lambda pair: pair[1])
            ]
            return Rows(columns, rows)

        bare = len(ids) - len(known)
        return Found(
            self.on, metric.unit, value=summed(list(known.values()), how.pool), title=metric.name, behind=behind,
            detail=f"{how.pool} of {formats.counted(len(known), 'account')}", missing="not known of any account",
            notes=[f"{bare} accounts have none and are left out."] if bare else (),
        )  # fmt: skip

    def _nothing(self, metric: Metric, why: str) -> Found:
        return Found(self.on, metric.unit, self.sources.rates.book, None, title=metric.name, missing=why)
