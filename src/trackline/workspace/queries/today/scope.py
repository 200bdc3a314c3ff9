"""Whose day it is: mine, my team's, or the whole book's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from trackline.accounts.access import visible_accounts
from trackline.accounts.models import Account, User
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

OVER = (Account.Status.ARCHIVED, Account.Status.CHURNED)
FRIDAY = 4


@dataclass(frozen=True)
class Scope:
    """The accounts a day is about, and whose things are meant.

    Mine: accounts I own, things that carry my name. My team's: accounts I belong to or that people who report to me
    own, whoever's name the thing carries. The book's: all accounts I may see.
    """

    team: bool
    me: int | None
    people: frozenset[int]
    accounts: QuerySet[Any]
    today: date
    book: bool = False

    def things(self, person: str, account: str) -> Q:
        """Return the filter for records with a person and an account: mine by name, the team's by either."""
        mine = Q(**{f"{person}__in": self.people})
        return mine | Q(**{f"{account}__in": self.accounts.values("pk")}) if self.team else mine

    def of_accounts(self, path: str = "account") -> Q:
        """Return the filter for records of the accounts in question."""
        return Q(**{f"{path}__in": self.accounts.values("pk")})

    @property
    def until(self) -> date:
        """The last day that is looked at: Sunday, from Friday on the Sunday after."""
        sunday = self.today + timedelta(days=6 - self.today.weekday())
        return sunday + timedelta(days=7) if self.today.weekday() >= FRIDAY else sunday

    @property
    def is_this_week(self) -> bool:
        """Whether the days looked at are those of this calendar week."""
        return self.today.weekday() < FRIDAY


def scope_of(ctx: Context, *, team: bool) -> Scope:
    """Return my own scope, or my team's."""
    me = ctx.actor.user_id
    living = scoped(ctx, registry.get("account")).exclude(status__in=OVER)
    if me is None:
        return Scope(team, None, frozenset(), living.none(), ctx.today)
    if not team:
        return Scope(False, me, frozenset({me}), living.filter(owner_id=me), ctx.today)
    reports = list(User.objects.filter(manager_id=me, deleted_at__isnull=True).values_list("pk", flat=True))
    ours = Q(pk__in=visible_accounts(me).values("pk")) | Q(owner__in=reports)
    return Scope(True, me, frozenset({me, *reports}), living.filter(ours), ctx.today)


def book_of(ctx: Context) -> Scope:
    """Return the day of all accounts I may see: of use to somebody who owns none and belongs to no team."""
    me = ctx.actor.user_id
    living = scoped(ctx, registry.get("account")).exclude(status__in=OVER)
    return Scope(True, me, frozenset({me} if me is not None else ()), living, ctx.today, book=True)
