"""Who answers for an alert: the role that its signal names, else the account's owner, else an administrator (SIG-49)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from trackline.accounts.models import Account, TeamMember, User
from trackline.kit.policy import ADMIN

CSM = "Customer success manager"
NAMED = ("relationship_owner", "case_owner", "manager")
"""Roles whose person the signal itself names."""


@dataclass
class Owners:
    """People by account and role; three queries for any number of accounts."""

    roles: dict[tuple[int, str], int] = field(default_factory=dict)
    admin: int | None = None

    @classmethod
    def of(cls, ids: Iterable[int]) -> Owners:
        """Read who holds which role on accounts."""
        found, listed = cls(), list(ids)
        for account, owner, sponsor in Account.objects.filter(pk__in=listed).values_list(
            "pk", "owner_id", "exec_sponsor_id"
        ):
            found._set(account, "account_owner", owner)
            found._set(account, "sponsor", sponsor)
        team = TeamMember.objects.filter(account__in=listed, job_role=CSM, deleted_at=None, user__active=True)
        for account, user in team.order_by("-pk").values_list("account_id", "user_id"):
            found._set(account, "csm", user)
        people = User.objects.filter(deleted_at=None, active=True).order_by("pk")
        roles = people.filter(roles__isnull=False).values_list("pk", "roles__permissions")
        found.admin = next((pk for pk, permissions in roles if ADMIN in permissions), None)
        return found

    def _set(self, account: int, role: str, user: int | None) -> None:
        if user is not None:
            self.roles[account, role] = user

    def choose(self, account: int, role: str, person: int | None) -> tuple[int | None, str]:
        """Return who answers, and the role in which: the one named, `account_owner`, or `admin`."""
        named = person if role in NAMED else self.roles.get((account, role))
        if named is not None:
            return named, role
        owner = self.roles.get((account, "account_owner"))
        return (owner, "account_owner") if owner is not None else (self.admin, "admin")
