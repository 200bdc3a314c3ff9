"""The one policy layer: who is this, what may they do, which accounts do they see (PERM-01…06).

Pages, API and command line all build their actor here; `scope.py` knows which accounts a user belongs to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Subquery

from trackline.accounts.models import Role, Setting, Token, User
from trackline.accounts.scope import VISIBLE, belongs, visible_accounts
from trackline.accounts.settings import DEFAULTS, several
from trackline.kit.policy import PERMISSIONS, Actor
from trackline.kit.problems import Unauthorized
from trackline.kit.statements import NUMBER, TEXT, Statement

__all__ = ["actor_of", "actor_of_token", "belongs", "digest", "visible_accounts"]

SCOPE, BELOW = "perm.account_scope", "perm.parent_teams_see_children"
LAST_USE_SECONDS = 300
"""How exact the last use of a token is kept: a write with each call would cost more than the call."""


def actor_of(user: User, scopes: frozenset[str] | None = None) -> Actor:
    """Return the actor of a user; `scopes` (of a token) can only take permissions away."""
    held = {code for (codes,) in _permissions.rows(user.pk) for code in codes}
    return _actor(user.pk, user.name, held, several(SCOPE, BELOW), scopes)


def _actor(pk: int, name: str, held: set[str], stored: Mapping[str, Any], scopes: frozenset[str] | None) -> Actor:
    full = Actor(pk, name, frozenset(held))
    allowed = frozenset(code for code in PERMISSIONS if full.may(code))
    whole = allowed
    if scopes is not None:
        limited = Actor(pk, name, scopes)
        allowed = frozenset(code for code in whole if limited.may(code))
    in_force = {key: DEFAULTS[key] if stored.get(key) is None else stored[key] for key in (SCOPE, BELOW)}
    everything = "track:admin" in held or in_force[SCOPE] != "team"
    visible = None if everything else VISIBLE[bool(in_force[BELOW])]
    return Actor(pk, name, allowed, visible, narrowed=allowed != whole)


_permissions = Statement(lambda user: Role.objects.filter(users=user).order_by().values_list("permissions"), NUMBER)


def _in_force(key: str) -> Subquery:
    return Subquery(Setting.objects.filter(key=key).order_by("-valid_from").values("value")[:1])


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
            _in_force(SCOPE),
            _in_force(BELOW),
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
    pk, scopes, expires_at, revoked_at, last_used_at, user_id, name, active, deleted_at, scope, below, _ = rows[0]
    if revoked_at or not active or deleted_at:
        raise Unauthorized("The token is not known. Create one under Settings, Tokens.")
    if expires_at and expires_at <= now:
        raise Unauthorized("The token has expired. Create a new one under Settings, Tokens.")
    if last_used_at is None or (now - last_used_at).total_seconds() > LAST_USE_SECONDS:
        Token.objects.filter(pk=pk).update(last_used_at=now)
    held = {code for row in rows for code in row[-1] or ()}
    return _actor(user_id, name, held, {SCOPE: scope, BELOW: below}, frozenset(scopes))


def digest(bearer: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(bearer.encode()).hexdigest()
