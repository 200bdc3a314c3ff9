"""Pain points of an account by impact and urgency: the page of the tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from trackline.align.models import Route
from trackline.reveal.models import CustomerPriority, Goal
from trackline.track.models import PainPoint
from trackline.track.needs import ALIVE, Need, ranked
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head

QUADRANTS: Mapping[str, tuple[str, str]] = {
    "priority": ("Priority", "red"),
    "later": ("Plan later", "amber"),
    "parked": ("Parked", ""),
}
"""What a quadrant is called, and the tone of its cells. Source: NEED-05."""
LACKS: Mapping[str, str] = {
    "problem": "the problem",
    "baseline": "a metric with its baseline",
    "outcome": "the outcome they want",
    "causes": "root causes",
    "people": "who is affected",
    "cost": "what it costs",
    "time": "why now",
}


@dataclass(frozen=True)
class Row:
    """A pain point as the page shows it, with what serves it: priorities, goals and routes by type, id and title."""

    need: Need
    links: Sequence[tuple[str, int, str]]

    @property
    def record(self) -> PainPoint:
        """The pain point."""
        return self.need.record

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"pain_point/{self.record.pk}"

    @property
    def label(self) -> str:
        """Its quadrant in words; empty without votes."""
        return QUADRANTS[self.need.quadrant][0] if self.need.quadrant else ""

    @property
    def unlinked(self) -> bool:
        """Whether it is a priority of ours that serves none of the customer's. Source: NEED-07."""
        return self.need.quadrant == "priority" and not any(kind == "customer_priority" for kind, _, _ in self.links)

    @property
    def lacks(self) -> str:
        """What the canvas still needs."""
        return ", ".join(LACKS[name] for name in self.need.canvas.details["lacks"])

    @property
    def place(self) -> tuple[int, int] | None:
        """Impact and urgency as whole steps, or None without votes."""
        details = self.need.rank.details
        return None if details["impact"] is None else (_step(details["impact"]), _step(details["urgency"]))


@dataclass(frozen=True)
class NeedsPage:
    """What the tab shows. `grid`: by impact from 5 down, the cells of each urgency with their tone and rows."""

    rows: Sequence[Row]
    grid: Sequence[tuple[int, Sequence[tuple[str, Sequence[Row]]]]]
    add: acts.Act

    @property
    def finding(self) -> str:
        """The ranking in a sentence."""
        first = [row for row in self.rows if row.need.quadrant == "priority"]
        waiting = sum(row.need.quadrant is None for row in self.rows)
        told = f"{len(first)} of {len(self.rows)} {'is a priority' if len(first) == 1 else 'are priorities'}"
        return f"{told}; {waiting} without a vote" if waiting else told


def needs_page(head: Head, today: date) -> NeedsPage:
    """Return the open pain points of the accounts that a page shows, ranked; seven queries."""
    points = PainPoint.objects.filter(ALIVE, account__in=head.ids, status=PainPoint.Status.OPEN)
    listed = list(points.select_related("account", "owner"))
    links: dict[int, list[tuple[str, int, str]]] = {}
    for name, model in (("customer_priority", CustomerPriority), ("goal", Goal), ("route", Route)):
        rows = model.objects.filter(ALIVE, account__in=head.ids, pain_points__in=listed)
        for point, pk, title in rows.order_by("title").values_list("pain_points", "pk", "title"):
            links.setdefault(point, []).append((name, pk, title))
    rows_ = [Row(one, links.get(one.record.pk, ())) for one in ranked(listed, today)]
    grid = [
        (
            impact,
            [
                (_tone(impact, urgency), [row for row in rows_ if row.place == (impact, urgency)])
                for urgency in range(1, 6)
            ],
        )
        for impact in range(5, 0, -1)
    ]
    return NeedsPage(rows_, grid, acts.create("pain_point", "Add a pain point", account=head.account.pk))


def _step(mean: Decimal) -> int:
    return int(Decimal(mean).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _tone(impact: int, urgency: int) -> str:
    return QUADRANTS["priority" if impact >= 4 and urgency >= 4 else "later" if impact >= 4 else "parked"][1]
