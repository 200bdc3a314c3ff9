"""The versions of a rule's figures: which is in force, which is to come, who made each and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from trackline.accounts.models import RuleOverride
from trackline.accounts.rulebook.overrides import Slot, slot_of
from trackline.kit.policy import Context

IN_FORCE, TO_COME, REPLACED, TAKEN_BACK = "in_force", "to_come", "replaced", "taken_back"
STATES = (IN_FORCE, TO_COME, REPLACED, TAKEN_BACK)


@dataclass(frozen=True)
class Version:
    """A version and how it stands today; one that takes back what was adjusted is `taken_back` while that holds."""

    row: RuleOverride
    state: str
    pending: int = 0
    """Accounts whose score does not follow it yet."""

    @property
    def scope_label(self) -> str:
        """What it is for, in words."""
        if self.row.scope == RuleOverride.Scope.TIER:
            return f"Tier {self.row.tier}"
        return self.row.account.name if self.row.account else "All accounts"

    def to_json(self) -> dict[str, Any]:
        """Return the version as JSON has it."""
        row = self.row
        return {
            "rule": row.rule,
            "number": row.number,
            "state": self.state,
            "scope": row.scope,
            "tier": row.tier,
            "account": str(row.account_id) if row.account_id else None,
            "preset": row.preset or None,
            "changes": row.changes,
            "from_on": row.from_on.isoformat(),
            "reason": row.reason,
            "moves": row.moves,
            "effect": row.effect,
            "pending": self.pending,
            "created_at": row.created_at,
            "created_by": str(row.created_by_id) if row.created_by_id else None,
        }


def versions_of(ctx: Context, rule_id: str) -> list[Version]:
    """Return the versions of a rule, newest first; those for accounts out of the caller's scope are left out. One query."""
    seen = Q() if ctx.actor.visible is None else Q(account__isnull=True) | ctx.actor.account_q("account")
    rows = RuleOverride.objects.filter(seen, rule=rule_id).select_related("account", "created_by").order_by("-number")
    listed = list(rows.annotate(pending=Count("recomputations__pending")))
    states = _states(listed, ctx.today)
    return [Version(row, states[row.pk], row.pending) for row in listed]


def _states(rows: Sequence[RuleOverride], today: date) -> dict[int, str]:
    begun: dict[Slot, RuleOverride] = {}
    for row in sorted(rows, key=lambda row: (row.from_on, row.number)):
        if row.from_on <= today:
            begun[slot_of(row)] = row
    latest = {row.pk for row in begun.values()}
    found = {}
    for row in rows:
        if row.from_on > today:
            # Of two for one day the later number counts.
            again = any(
                other.from_on == row.from_on and other.number > row.number and slot_of(other) == slot_of(row)
                for other in rows
            )
            found[row.pk] = REPLACED if again else TO_COME
        elif row.pk in latest:
            found[row.pk] = IN_FORCE if row.changes else TAKEN_BACK
        else:
            found[row.pk] = REPLACED
    return found
