"""Which accounts contribute to an objective, and how far they are (REV-06, REV-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trackline.accounts.models import Account
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal
from trackline.reveal.rules.progress import RollUp, roll_up


@dataclass(frozen=True)
class Contribution:
    """An account with its goals that serve the objective, taken together."""

    account: Account
    goals: Sequence[Goal]
    total: RollUp


@dataclass(frozen=True)
class Contributions:
    """The contributing accounts by name, and all their goals taken together."""

    accounts: Sequence[Contribution]
    total: RollUp

    def to_json(self) -> dict[str, Any]:
        """Return the roll-up, JSON-ready."""
        return {
            **_total(self.total),
            "accounts": [
                {
                    "id": str(one.account.pk),
                    "key": one.account.key,
                    "name": one.account.name,
                    **_total(one.total),
                    "goals": [
                        {
                            "id": str(goal.pk),
                            "title": goal.title,
                            "status": goal.status,
                            "progress_pct": goal.progress_pct,
                        }
                        for goal in one.goals
                    ],
                }
                for one in self.accounts
            ],
        }


def contributions(ctx: Context, objective: int) -> Contributions:
    """Return the goals in scope that serve an objective, cancelled ones left out; in one query."""
    rows = scoped(ctx, registry.get("goal")).filter(objectives=objective).exclude(status=Goal.Status.CANCELLED)
    by_account: dict[int, list[Goal]] = {}
    for goal in rows.select_related("account").order_by("account__name", "account", "due_on", "pk"):
        by_account.setdefault(goal.account_id, []).append(goal)
    listed = [Contribution(goals[0].account, goals, _together(goals)) for goals in by_account.values()]
    return Contributions(listed, _together([goal for one in listed for goal in one.goals]))


def _together(goals: Sequence[Goal]) -> RollUp:
    return roll_up((goal.status, goal.progress_pct) for goal in goals)


def _total(total: RollUp) -> dict[str, Any]:
    return {
        "progress_pct": total.progress_pct,
        "worst_status": total.worst or None,
        "active": total.active,
        "closed": total.closed,
        "without_reading": total.unread,
    }
