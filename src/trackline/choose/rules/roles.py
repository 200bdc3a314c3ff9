"""Who of us a role of a playbook means, out of the people that an account names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

JOB_ROLES: Mapping[str, tuple[str, ...]] = {
    "customer_success": ("Customer success manager",),
    "commercial": ("Finance controller", "Account director"),
    "finance": ("Finance controller",),
    "legal": ("Legal",),
    "delivery": ("Delivery lead", "Workstream lead"),
    "facilitator": ("Programme coordinator",),
}
"""Job roles in an account's team that take a role of a playbook, the first that is there."""


@dataclass(frozen=True)
class People:
    """Whom an account names: its owner and sponsor of ours, and the team by job role."""

    owner: int | None = None
    sponsor: int | None = None
    team: Mapping[str, int] | None = None


def holder(role: str, people: People) -> int | None:
    """Return the user who takes a role, or None where the account names nobody for it."""
    if role in ("", "account_manager"):
        return people.owner
    if role == "sponsor":
        return people.sponsor
    team = people.team or {}
    wanted = JOB_ROLES.get(role, (role.replace("_", " ").capitalize(),))
    return next((team[name] for name in wanted if name in team), None)
