"""The goals of a group: taken together, account by account, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trackline.reveal.models import Goal
from trackline.reveal.rules.progress import RollUp, roll_up
from trackline.workspace.queries.account.goals import BANDS, GoalRow, goal_rows
from trackline.workspace.queries.account.head import Head


@dataclass(frozen=True)
class GoalLine:
    """The active goals of one account taken together."""

    name: str
    url: str
    sums: RollUp

    @property
    def band(self) -> str:
        """The colour of the worst status."""
        return BANDS.get(self.sums.worst, "unknown")

    @property
    def worst(self) -> str:
        """The worst status in words, empty without an active goal."""
        return str(dict(Goal.Status.choices).get(self.sums.worst, ""))


@dataclass(frozen=True)
class GroupGoals:
    """The goals of all accounts, the mean over all of them, and that of each account."""

    overall: RollUp
    lines: Sequence[GoalLine]
    rows: Sequence[GoalRow]

    @property
    def without(self) -> Sequence[str]:
        """Accounts without an active goal."""
        return [line.name for line in self.lines if not line.sums.active]


def group_goals(head: Head) -> GroupGoals:
    """Return the active goals of the accounts that a page shows, in one query. Source: REV-08."""
    rows = goal_rows(head.ids, head.today)

    def sums(account: int | None = None) -> RollUp:
        return roll_up(
            (row.goal.status, row.goal.progress_pct) for row in rows if account in (None, row.goal.account_id)
        )

    lines = [GoalLine(member.name, f"{member.url}/reveal/goals", sums(pk)) for pk, member in head.members.items()]
    lines.sort(key=lambda line: (line.sums.progress_pct is None, line.sums.progress_pct or 0, line.name.casefold()))
    return GroupGoals(sums(), lines, rows)
