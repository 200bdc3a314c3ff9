"""Pain points of an account by impact and urgency: the page of the tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F

from trackline.accounts.models import Metric
from trackline.align.models import Route
from trackline.core.playbook import Explained
from trackline.reveal.checklists import runs_of
from trackline.reveal.models import CustomerPriority, Goal
from trackline.track.models import PainPoint, Pilot, ValueGap
from trackline.track.needs import ALIVE, Need, gaps_of, matches, ranked
from trackline.track.rules.checklists import Run
from trackline.track.voices import Conflict, conflicts_of, discovery_of
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head

QUADRANTS: Mapping[str, tuple[str, str]] = {
    "priority": ("Priority", "red"),
    "later": ("Plan later", "amber"),
    "parked": ("Parked", ""),
}
"""What a quadrant is called, and the tone of its cells. Source: NEED-05."""
CHECKLISTS = ("needs_advance", "needs_data", "needs_method", "needs_gathering")
"""Checklists that stand on the page."""
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
    """A pain point as the page shows it, with what serves it: priorities, goals and routes by type, id and title; and what
    closing it is worth: gaps, each explained.
    """

    need: Need
    links: Sequence[tuple[str, int, str]]
    gaps: Sequence[tuple[ValueGap, Explained]] = ()

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


@dataclass(frozen=True)
class ListeningPage:
    """Who was heard on an account, what contradicts itself, and what is ready."""

    heard: Explained
    interview: acts.Act
    conflicts: Sequence[tuple[Conflict, acts.Act]]
    pilots: Sequence[tuple[Pilot, Explained, str]]
    """With how far each is measured by its problem, and the metrics that are not."""
    checklists: Sequence[Run]
    closed: bool
    """Whether pain points stand that are no longer open."""


def needs_page(head: Head, today: date) -> NeedsPage:
    """Return the open pain points of the accounts that a page shows, ranked; nine queries."""
    points = PainPoint.objects.filter(ALIVE, account__in=head.ids, status=PainPoint.Status.OPEN)
    listed = list(points.select_related("account", "owner"))
    links: dict[int, list[tuple[str, int, str]]] = {}
    for name, model in (("customer_priority", CustomerPriority), ("goal", Goal), ("route", Route)):
        rows = model.objects.filter(ALIVE, account__in=head.ids, pain_points__in=listed)
        for point, pk, title in rows.order_by("title").values_list("pain_points", "pk", "title"):
            links.setdefault(point, []).append((name, pk, title))
    gaps = gaps_of(listed, today)
    rows_ = [Row(one, links.get(one.record.pk, ()), gaps.get(one.record.pk, ())) for one in ranked(listed, today)]
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


def listening_page(head: Head, today: date, page: NeedsPage) -> ListeningPage:
    """Return who was heard on an account, what contradicts itself, and what is ready; a fixed number of queries."""
    account = head.account.pk
    tried = list(Pilot.objects.filter(ALIVE, account=account).order_by(F("due_on").asc(nulls_last=True), "pk"))
    found = matches([pilot.pk for pilot in tried], today) if tried else {}
    strays = strays_of(found)
    return ListeningPage(
        discovery_of(head.account, today),
        acts.create("interaction", "Log an interview", account=account, kind="interview"),
        [(one, _dig(one)) for one in conflicts_of(head.account, today)],
        [(pilot, found[pilot.pk], strays[pilot.pk]) for pilot in tried],
        runs_of(head.account, today, CHECKLISTS, [row.need for row in page.rows if row.record.account_id == account]),
        PainPoint.objects.filter(ALIVE, account=account).exclude(status=PainPoint.Status.OPEN).exists(),
    )


def strays_of(found: Mapping[int, Explained]) -> dict[int, str]:
    """Name the metrics of each pilot that none of its pain points is measured by; one query."""
    keys = {key for match in found.values() for key in match.details["stray"]}
    names = dict(Metric.objects.filter(key__in=keys).values_list("key", "name"))
    return {pk: ", ".join(names.get(key, key) for key in match.details["stray"]) for pk, match in found.items()}


def _dig(one: Conflict) -> acts.Act:
    """The action that finds out which of the two is true."""
    title = f"Dig deeper: {one.contact.name} {one.says}"[:250]
    return acts.create("action", "Dig deeper", account=one.contact.account_id, title=title, origin="survey")


def _step(mean: Decimal) -> int:
    return int(Decimal(mean).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _tone(impact: int, urgency: int) -> str:
    return QUADRANTS["priority" if impact >= 4 and urgency >= 4 else "later" if impact >= 4 else "parked"][1]
