"""Who may read a plan: everyone who sees its account, the account's team, or the plan's team alone.

Administrators read all, as they set who belongs to a team. Source: PERM-07, PERM-08.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account
from trackline.accounts.scope import VISIBLE
from trackline.accounts.settings import setting
from trackline.documents.models import AccountPlan
from trackline.kit.policy import ADMIN, Actor, Context
from trackline.kit.problems import NotFound, Refused
from trackline.kit.records.models import ALIVE

Level = AccountPlan.Confidentiality
USED = ALIVE & ~Q(state=AccountPlan.State.ARCHIVED)


def seen_plans(actor: Actor) -> Q:
    """Return the condition of plans that an actor may read."""
    return _unless(actor, "pk__in", lambda: _closed(actor).values("pk"))


def seen_versions(actor: Actor) -> Q:
    """Return the condition of versions that an actor may read."""
    return _unless(actor, "plan__in", lambda: _closed(actor).values("pk"))


def seen_sign_offs(actor: Actor) -> Q:
    """Return the condition of sign-offs that an actor may read."""
    return _unless(actor, "plan_version__plan__in", lambda: _closed(actor).values("pk"))


def seen_sections(actor: Actor) -> Q:
    """Return the condition of texts that an actor may read: not those of an account with a plan in use that they may not."""
    return _unless(actor, "account__in", lambda: _closed(actor).filter(USED).values("account_id"))


def seen_suggestions(actor: Actor) -> Q:
    """Return the condition of suggestions that an actor may read: those for texts that they may."""
    return _unless(actor, "plan_section__account__in", lambda: _closed(actor).filter(USED).values("account_id"))


def _unless(actor: Actor, path: str, closed: Callable[[], Any]) -> Q:
    return Q() if actor.may(ADMIN) else ~Q(**{path: closed()})


def _closed(actor: Actor) -> Any:
    """The plans, deleted ones among them, that are kept from an actor who is no administrator."""
    user = actor.user_id
    open_ = AccountPlan.objects.filter(confidentiality=Level.SHARED)
    if user is None:
        return AccountPlan.objects.exclude(pk__in=open_.values("pk"))
    listed = AccountPlan.members.through.objects.filter(user_id=user).values("accountplan_id")
    mine = AccountPlan.objects.filter(Q(owner_id=user) | Q(account__owner_id=user) | Q(pk__in=listed))
    theirs = VISIBLE[bool(setting("perm.parent_teams_see_children"))](user)
    team = AccountPlan.objects.filter(confidentiality=Level.TEAM, account_id__in=theirs)
    return AccountPlan.objects.exclude(
        Q(pk__in=open_.values("pk")) | Q(pk__in=mine.values("pk")) | Q(pk__in=team.values("pk"))
    )


def may_read(ctx: Context, account: Account) -> bool:
    """Tell whether the actor may read the plan that an account has, or would have."""
    if ctx.actor.may(ADMIN):
        return True
    return not _closed(ctx.actor).filter(USED, account_id=account.pk).exists()


def require_reader(ctx: Context, account: Account) -> None:
    """Raise `NotFound` for an actor from whom the plan of an account is kept."""
    if not may_read(ctx, account):
        asked = f" Ask {account.owner.name}." if account.owner else ""
        raise NotFound(f"There is no plan of {account.name} that you may read.{asked}")


def is_shared(plan: AccountPlan | None) -> bool:
    """Tell whether the customer may have a copy. An account without a plan has one: nothing was closed."""
    return plan is None or plan.confidentiality == Level.SHARED


def require_shared(plan: AccountPlan | None) -> None:
    """Raise `Refused` where a plan has no copy for the customer."""
    if plan is not None and not is_shared(plan):
        words = Level(plan.confidentiality).label
        raise Refused(
            f"{plan} is kept to “{words}”: there is no copy for the customer. Share the plan first.",
            [{"loc": ["confidentiality"], "msg": f"{Level.SHARED.label} is needed."}],
            rule="PERM-08",
        )
