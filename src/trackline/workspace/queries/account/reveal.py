"""Cards of the R section: goals on their way, with what they are linked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from trackline.kit import formats
from trackline.kit.formats import measure
from trackline.kit.records.types import registry
from trackline.reveal.models import CheckIn, Goal
from trackline.reveal.queries import checkin_days
from trackline.reveal.rules.progress import RollUp, roll_up
from trackline.workspace.queries.account.goals import GoalRow, goal_rows
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.trajectory import Trajectory, trajectory_of
from trackline.workspace.records import addresses
from trackline.workspace.records.checking_in import Entry, entry_of
from trackline.workspace.records.labels import Label

ALIVE = Q(deleted_at__isnull=True)
NEWEST = 4
"""So many check-ins stand on a card."""


@dataclass(frozen=True)
class GoalCard:
    """A goal with its trajectory, its newest check-ins, what it is linked to, and the entry of the next check-in."""

    row: GoalRow
    chart: Trajectory
    check_ins: Sequence[CheckIn]
    kpis: Sequence[Label]
    objectives: Sequence[Label]
    finding: str
    overdue_days: int | None
    entry: Entry

    @property
    def goal(self) -> Goal:
        """The goal."""
        return self.row.goal

    @property
    def by_hand(self) -> bool:
        """Whether somebody set the status, so that the rule does not."""
        return self.goal.status_mode == Goal.Mode.MANUAL


def together(cards: Sequence[GoalCard]) -> RollUp:
    """Return the account's active goals taken together. Source: REV-08."""
    return roll_up((card.goal.status, card.goal.progress_pct) for card in cards)


def goal_cards(head: Head) -> list[GoalCard]:
    """Return the active goals with their check-ins and links, in four queries."""
    rows = goal_rows(head.ids, head.today)
    ids = [row.goal.pk for row in rows]
    check_ins: dict[int, list[CheckIn]] = {}
    for one in CheckIn.objects.filter(ALIVE, goal__in=ids).select_related("author").order_by("-on", "-pk"):
        check_ins.setdefault(one.goal_id, []).append(one)
    kpis = _linked(ids, "kpis", "kpi", "name")
    objectives = _linked(ids, "objectives", "objective", "title")
    return [
        _card(head, row, check_ins.get(row.goal.pk, []), kpis.get(row.goal.pk, []), objectives.get(row.goal.pk, []))
        for row in rows
    ]  # fmt: skip


def _linked(ids: Sequence[int], field: str, target: str, name: str) -> dict[int, list[Label]]:
    found: dict[int, list[Label]] = {}
    rtype = registry.get(target)
    rows = Goal.objects.filter(pk__in=ids, **{f"{field}__isnull": False, f"{field}__deleted_at__isnull": True})
    for pk, other, title in rows.order_by(f"{field}__{name}").values_list("pk", f"{field}__pk", f"{field}__{name}"):
        found.setdefault(pk, []).append(Label(title, addresses.page(rtype, other), addresses.panel(rtype, other)))
    return found


def _card(
    head: Head, row: GoalRow, check_ins: Sequence[CheckIn], kpis: Sequence[Label], objectives: Sequence[Label]
) -> GoalCard:
    goal, today = row.goal, head.today
    waiting_since = row.last_check_in or goal.start_on or timezone.localdate(goal.created_at)
    overdue = (today - waiting_since - timedelta(days=checkin_days(lagging=row.lagging))).days
    return GoalCard(
        row=row,
        chart=trajectory_of(goal, check_ins, today, head.account.currency),
        check_ins=check_ins[:NEWEST],
        kpis=kpis,
        objectives=objectives,
        finding=_finding(row, head),
        overdue_days=overdue if overdue > 0 else None,
        entry=entry_of(goal.pk, goal.progress_mode, goal.unit, head.account.currency),
    )


def _finding(row: GoalRow, head: Head) -> str:
    goal = row.goal
    if goal.progress_pct is None:
        return "No reading yet."
    said = f"{formats.percent(goal.progress_pct, 0)} of the way"
    if goal.progress_mode == Goal.ProgressMode.VALUE:
        said = f"{measure(goal.current, goal.unit, head.account.currency)}, {said}"
    if row.expected_pct is None:
        return f"{said}."
    return f"{said}; {formats.percent(row.expected_pct, 0)} of the time has passed."
