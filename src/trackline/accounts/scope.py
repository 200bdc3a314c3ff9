"""Which accounts a user belongs to, and with them what stands below (PERM-05), as one condition of the database.

Rooms add ways of belonging with `belongs`. Each way is a query of its own, so that each uses its own index; the tree is
walked from there downwards. Deleted accounts count too: readers leave them out by themselves, and who deleted one must
be able to bring it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from trackline.accounts.models import Account
from trackline.accounts.settings import setting
from trackline.kit.statements import NUMBER, Statement

Belongs = Callable[[Any], Q]

_ways: list[Belongs] = [
    lambda user: Q(owner_id=user),
    lambda user: Q(exec_sponsor_id=user),
    lambda user: Q(team__user_id=user, team__deleted_at__isnull=True),
    # The team of a deleted account went with it.
    lambda user: Q(team__user_id=user, team__deletion=F("deletion")),
]


def belongs(way: Belongs) -> None:
    """Add a way in which a user belongs to an account: user id → filter on accounts."""
    _ways.append(way)


def own_ids(user_id: int) -> RawSQL:
    """Return the ids of the accounts a user belongs to, for the right side of an `__in`."""
    own, params = _own.sql(*[user_id] * len(_ways))
    return RawSQL(own, params)  # noqa: S611  (compiled from querysets, its values are parameters)


def own_ids_and_below(user_id: int) -> RawSQL:
    """Return the ids of the accounts a user belongs to and of those below these, for the right side of an `__in`."""
    own, params = _own.sql(*[user_id] * len(_ways))
    table = Account._meta.db_table
    return RawSQL(  # noqa: S611
        f"WITH RECURSIVE own(id) AS ({own}), seen(id) AS (SELECT id FROM own UNION SELECT child.id FROM {table} child"  # noqa: S608
        " JOIN seen ON child.parent_id = seen.id) SELECT id FROM seen",
        params,
    )


VISIBLE = {False: own_ids, True: own_ids_and_below}
"""What a user sees, by `perm.parent_teams_see_children`."""


def visible_accounts(user_id: int) -> Any:
    """Return the living accounts a user belongs to; with `perm.parent_teams_see_children` also what stands below."""
    ids = VISIBLE[bool(setting("perm.parent_teams_see_children"))]
    return Account.objects.filter(pk__in=ids(user_id), deleted_at__isnull=True)


class _Own:
    """The union of the ways; rooms have added theirs by the time it is first read."""

    def __init__(self) -> None:
        self._statement: Statement | None = None

    def sql(self, *user_ids: int) -> tuple[str, list[Any]]:
        if self._statement is None:
            self._statement = Statement(_union, *[NUMBER] * len(_ways))
        return self._statement.sql(*user_ids)


_own = _Own()


def _union(*users: int) -> Any:
    first, *rest = (Account.objects.filter(way(user)).values("pk") for way, user in zip(_ways, users, strict=True))
    return first.union(*rest)
