"""The one policy layer: who is this, what may they do, which accounts do they see (PERM-01…06).

Pages, API and command line all build their actor here. Rooms add ways of belonging to an account with `belongs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import StrIndex

from trackline.accounts.models import Account, Setting, Token, User
from trackline.accounts.settings import DEFAULTS, setting
from trackline.kit.policy import PERMISSIONS, Actor
from trackline.kit.problems import Unauthorized
from trackline.kit.statements import TEXT, Statement

LAST_USE_SECONDS = 300
"""How exact the last use of a token is kept: a write with each call would cost more than the call."""

Belongs = Callable[[int], Q]

_belongs: list[Belongs] = [
    lambda user: Q(owner_id=user),
    lambda user: Q(exec_sponsor_id=user),
    lambda user: Q(team__user_id=user, team__deleted_at__isnull=True),
]


def belongs(way: Belongs) -> None:
    """Add a way in which a user belongs to an account: user id → filter on accounts."""
    _belongs.append(way)


def actor_of(user: User, scopes: frozenset[str] | None = None) -> Actor:
    """Return the actor of a user; `scopes` (of a token) can only take permissions away."""
    held = {code for codes in user.roles.values_list("permissions", flat=True) for code in codes}
    return _actor(user.pk, user.name, held, str(setting("perm.account_scope")), scopes)


def _actor(pk: int, name: str, held: set[str], account_scope: str, scopes: frozenset[str] | None) -> Actor:
    full = Actor(pk, name, frozenset(held))
    allowed = frozenset(code for code in PERMISSIONS if full.may(code))
    if scopes is not None:
        limited = Actor(pk, name, scopes)
        allowed = frozenset(code for code in allowed if limited.may(code))
    everything = "track:admin" in held or account_scope != "team"
    return Actor(pk, name, allowed, None if everything else (lambda: visible_accounts(pk).values("pk")))


_scope_in_force = Setting.objects.filter(key="perm.account_scope").order_by("-valid_from").values("value")[:1]
_token = Statement(
    lambda found: (
        Token.objects.filter(digest=found)
        .order_by("pk")
        .values_list(
            "pk",
            "scopes",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "user_id",
            "user__name",
            "user__active",
            "user__deleted_at",
            Subquery(_scope_in_force),
            "user__roles__permissions",
        )
    ),
    TEXT,
)
"""A token, whose it is and what they hold, in one query: one row for each role."""


def actor_of_token(bearer: str, now: datetime) -> Actor:
    """Return the actor of an API token. Raises `Unauthorized` for an unknown, expired or revoked one."""
    rows = _token.rows(digest(bearer))
    if not rows:
        raise Unauthorized("The token is not known. Create one under Settings, Tokens.")
    pk, scopes, expires_at, revoked_at, last_used_at, user_id, name, active, deleted_at, scope, _ = rows[0]
    if revoked_at or not active or deleted_at:
        raise Unauthorized("The token is not known. Create one under Settings, Tokens.")
    if expires_at and expires_at <= now:
        raise Unauthorized("The token has expired. Create a new one under Settings, Tokens.")
    if last_used_at is None or (now - last_used_at).total_seconds() > LAST_USE_SECONDS:
        Token.objects.filter(pk=pk).update(last_used_at=now)
    held = {code for row in rows for code in row[-1] or ()}
    return _actor(user_id, name, held, scope or DEFAULTS["perm.account_scope"], frozenset(scopes))


def visible_accounts(user_id: int) -> Any:
    """Return the accounts a user belongs to; with `perm.parent_teams_see_children` also what stands below them."""
    mine = Q()
    for way in _belongs:
        mine |= way(user_id)
    own = Account.objects.filter(mine, deleted_at__isnull=True)
    if not setting("perm.parent_teams_see_children"):
        return own.distinct()
    above = own.annotate(found=StrIndex(OuterRef("path"), "path")).filter(found=1)
    return Account.objects.filter(Exists(above), deleted_at__isnull=True)


def digest(bearer: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(bearer.encode()).hexdigest()
