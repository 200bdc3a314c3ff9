"""Pictures of the R section: goals on their way, and value proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from trackline.kit import formats
from trackline.reveal.models import CheckIn, Goal, ValueOutcome
from trackline.reveal.queries import checkin_days
from trackline.workspace.queries.account.goals import GoalRow, goal_rows
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.measures import measure

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class Trajectory:
    """Readings against a target, as `{% trajectory %}` draws them."""

    start: date
    end: date
    today: date
    baseline: Decimal | None
    target: Decimal | None
    due: date | None
    unit: str
    currency: str
    points: Sequence[tuple[date, Decimal]]


@dataclass(frozen=True)
class GoalCard:
    """A goal with its trajectory, its newest check-ins, and what it is linked to."""

    row: GoalRow
    chart: Trajectory
    check_ins: Sequence[CheckIn]
    kpis: Sequence[str]
    objectives: Sequence[str]
    finding: str
    overdue_days: int | None

    @property
    def goal(self) -> Goal:
        """The goal."""
        return self.row.goal


def goal_cards(head: Head) -> list[GoalCard]:
    """Return the active goals with their check-ins and links, in four queries."""
    rows = goal_rows(head.account.pk, head.today)
    ids = [row.goal.pk for row in rows]
    check_ins: dict[int, list[CheckIn]] = {}
    for one in CheckIn.objects.filter(ALIVE, goal__in=ids).select_related("author").order_by("-on", "-pk"):
        check_ins.setdefault(one.goal_id, []).append(one)
    kpis = _linked(ids, "kpis", "name")
    objectives = _linked(ids, "objectives", "title")
    return [
        _card(head, row, check_ins.get(row.goal.pk, []), kpis.get(row.goal.pk, []), objectives.get(row.goal.pk, []))
        for row in rows
    ]  # fmt: skip


def _linked(ids: Sequence[int], field: str, name: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = Goal.objects.filter(pk__in=ids, **{f"{field}__isnull": False, f"{field}__deleted_at__isnull": True})
    for pk, title in rows.order_by(f"{field}__{name}").values_list("pk", f"{field}__{name}"):
        found.setdefault(pk, []).append(title)
    return found


def _card(head: Head, row: GoalRow, check_ins: Sequence[CheckIn], kpis: list[str], objectives: list[str]) -> GoalCard:
    goal, today = row.goal, head.today
    points = [(one.on, one.value) for one in reversed(check_ins) if one.value is not None]
    first = goal.start_on or (points[0][0] if points else goal.created_at.date())
    last = max([today, *([goal.due_on] if goal.due_on else []), *(on for on, _ in points)])
    chart = Trajectory(
        min([first, *(on for on, _ in points)]), last, today, goal.baseline, goal.target, goal.due_on, goal.unit,
        head.account.currency, points,
    )  # fmt: skip
    waiting_since = row.last_check_in or goal.start_on or goal.created_at.date()
    overdue = (today - waiting_since - timedelta(days=checkin_days(lagging=row.lagging))).days
    return GoalCard(row, chart, check_ins[:4], kpis, objectives, _finding(row, head), overdue if overdue > 0 else None)


def _finding(row: GoalRow, head: Head) -> str:
    goal = row.goal
    if goal.progress_pct is None:
        return "No reading yet."
    said = (
        f"{measure(goal.current, goal.unit, head.account.currency)}, {formats.percent(goal.progress_pct, 0)} of the way"
    )
    if row.expected_pct is None:
        return f"{said}."
    return f"{said}; {formats.percent(row.expected_pct, 0)} of the time has passed."


@dataclass(frozen=True)
class Value:
    """Value proven to the customer, in the account's currency."""

    verified: Decimal
    claimed: Decimal
    committed: Decimal
    outcomes: int
    unverified: int

    @property
    def share(self) -> Decimal | None:
        """Verified of committed (else claimed) in %."""
        base = self.committed or self.claimed
        return 100 * self.verified / base if base else None


def value_of(account_id: int) -> Value:
    """Return the sums of value outcomes, in one query."""
    found = ValueOutcome.objects.filter(ALIVE, account_id=account_id).aggregate(
        verified=Sum("money", filter=Q(verified_on__isnull=False)), claimed=Sum("money"), committed=Sum("committed"),
        outcomes=Count("pk"), unverified=Count("pk", filter=Q(verified_on__isnull=True)),
    )  # fmt: skip
    zero = Decimal(0)
    return Value(
        found["verified"] or zero, found["claimed"] or zero, found["committed"] or zero, found["outcomes"],
        found["unverified"],
    )  # fmt: skip
