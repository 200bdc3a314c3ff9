"""Who acts, what they may do, and which accounts they may see. `accounts/access.py` builds actors."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.kit.problems import Forbidden

READ = "track:read"
WRITE = "track:write"
ADMIN = "track:admin"
PERMISSIONS = (READ, WRITE, ADMIN)

_IMPLIED = {READ: {READ, WRITE, ADMIN}, WRITE: {WRITE, ADMIN}, ADMIN: {ADMIN}}


@dataclass(frozen=True)
class Actor:
    """A person or the system, with effective permissions.

    `visible` gives the ids of accounts in a user's scope, as the right side of an `__in`, or is None where the actor sees all.
    There are as many of these functions as there are shapes of that query, whoever acts. `narrowed` says that a token
    took permissions away which its user holds.
    """

    user_id: int | None
    name: str
    permissions: frozenset[str]
    visible: Callable[[Any], Any] | None = None
    narrowed: bool = False

    def may(self, permission: str) -> bool:
        """Tell whether a permission, or one that implies it, is held (PERM-03)."""
        return bool(self.permissions & _IMPLIED[permission])

    def account_q(self, path: str) -> Q:
        """Return the filter that keeps rows whose account (at `path`, a primary key) is in scope."""
        return Q() if self.visible is None else Q(**{f"{path}__in": self.visible(self.user_id)})


@dataclass(frozen=True)
class Context:
    """One use: who, when, through which channel, and the batch it belongs to.

    `zone` gives the time zone in which its day is read, where that is not the current one.
    """

    actor: Actor
    now: datetime
    via: str = "system"
    batch: uuid.UUID | None = None
    note: str = ""
    zone: Callable[[], tzinfo] | None = field(default=None, compare=False)
    cache: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def today(self) -> date:
        """The day of `now` in its time zone."""
        if self.zone is None:
            return timezone.localtime(self.now).date()
        found: date | None = self.cache.get("today")
        if found is None:
            found = self.cache["today"] = self.now.astimezone(self.zone()).date()
        return found

    def require(self, permission: str) -> None:
        """Raise `Forbidden` naming the permission that is missing."""
        if not self.actor.may(permission):
            raise Forbidden(f"This needs the permission {permission}.", permission=permission)

    def batched(self) -> Context:
        """Return the same context with a batch, so that what follows can be undone as one."""
        return self if self.batch else replace(self, batch=uuid.uuid4())


def system_context(now: datetime, via: str = "system") -> Context:
    """Return the context of the program itself: all permissions, all accounts."""
    return Context(Actor(None, "Trackline", frozenset(PERMISSIONS)), now, via)
