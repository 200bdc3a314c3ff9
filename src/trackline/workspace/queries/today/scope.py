"""Whose day it is: mine, my team's, or the whole book's."""

from __future__ import annotations

from collections.abc import Sequence
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

    Mine: accounts I own, things that carry my name. My team's: accounts I belong to or that people below me own, whoever's
    name the thing carries. Of somebody below me: accounts that they or their people own. The book's: all accounts I may see.
    """

    team: bool
    me: int | None
    people: frozenset[int]
    accounts: QuerySet[Any]
    today: date
    book: bool = False
    whose: str = ""
    """The name of whose day it is, where it is not mine: one of those who report to me, with those below them."""

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


@dataclass(frozen=True)
class Report:
    """Somebody below me, at whatever distance; `below` are those below them."""

    pk: int
    name: str
    depth: int
    below: frozenset[int]

    @property
    def indent(self) -> range:
        """One for each manager between us."""
        return range(self.depth)


def reports_of(me: int) -> list[Report]:
    """Return who reports to somebody, directly or through others, each manager before their own people. One query.

    A circle of managers is walked once.
    """
    under: dict[int, list[tuple[int, str]]] = {}
    living = User.objects.filter(deleted_at__isnull=True, manager__isnull=False).exclude(pk=me)
    for pk, name, manager in living.order_by("name", "pk").values_list("pk", "name", "manager_id"):
        under.setdefault(manager, []).append((pk, name))
    found: list[Report] = []
    met = {me}

    def walk(manager: int, depth: int) -> set[int]:
        all_below: set[int] = set()
        for pk, name in under.get(manager, ()):
            if pk in met:
                continue
            met.add(pk)
            at = len(found)
            found.append(Report(pk, name, depth, frozenset()))
            below = walk(pk, depth + 1)
            found[at] = Report(pk, name, depth, frozenset(below))
            all_below |= below | {pk}
        return all_below

    walk(me, 0)
    return found


def scope_of(ctx: Context, *, team: bool, reports: Sequence[Report] | None = None) -> Scope:
    """Return my own scope, or my team's: with everybody below me. `reports` spares their query."""
    me = ctx.actor.user_id
    living = scoped(ctx, registry.get("account")).exclude(status__in=OVER)
    if me is None:
        return Scope(team, None, frozenset(), living.none(), ctx.today)
    if not team:
        return Scope(False, me, frozenset({me}), living.filter(owner_id=me), ctx.today)
    people = {one.pk for one in (reports_of(me) if reports is None else reports)}
    ours = Q(pk__in=visible_accounts(me).values("pk")) | Q(owner__in=people)
    return Scope(True, me, frozenset({me, *people}), living.filter(ours), ctx.today)


def scope_of_report(ctx: Context, report: Report) -> Scope:
    """Return the day of somebody who reports to me: what they and those below them own, as far as I may see it."""
    people = frozenset({report.pk, *report.below})
    living = scoped(ctx, registry.get("account")).exclude(status__in=OVER)
    whose = f"{report.name} and team" if report.below else report.name
    return Scope(True, ctx.actor.user_id, people, living.filter(owner__in=people), ctx.today, whose=whose)


def book_of(ctx: Context) -> Scope:
    """Return the day of all accounts I may see: of use to somebody who owns none and belongs to no team."""
    me = ctx.actor.user_id
    living = scoped(ctx, registry.get("account")).exclude(status__in=OVER)
    return Scope(True, me, frozenset({me} if me is not None else ()), living, ctx.today, book=True)
