"""The one policy layer: who is this, what may they do, which accounts do they see (PERM-01…06).

Pages, API and command line all build their actor here. Rooms add ways of belonging to an account with `belongs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import StrIndex

from trackline.accounts.models import Account, Token, User
from trackline.accounts.settings import setting
from trackline.kit.policy import PERMISSIONS, Actor
from trackline.kit.problems import Unauthorized

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
    full = Actor(user.pk, user.name, frozenset(held))
    allowed = frozenset(code for code in PERMISSIONS if full.may(code))
    if scopes is not None:
        limited = Actor(user.pk, user.name, scopes)
        allowed = frozenset(code for code in allowed if limited.may(code))
    everything = "track:admin" in held or setting("perm.account_scope") != "team"
    visible = None if everything else (lambda: visible_accounts(user.pk).values("pk"))
    return Actor(user.pk, user.name, allowed, visible)


def actor_of_token(bearer: str, now: datetime) -> Actor:
    """Return the actor of an API token. Raises `Unauthorized` for an unknown, expired or revoked one."""
    token = Token.objects.select_related("user").filter(digest=digest(bearer)).first()
    if token is None or token.revoked_at or not token.user.is_active:
        raise Unauthorized("The token is not known. Create one under Settings, Tokens.")
    if token.expires_at and token.expires_at <= now:
        raise Unauthorized("The token has expired. Create a new one under Settings, Tokens.")
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 300:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return actor_of(token.user, frozenset(token.scopes))


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
