"""The versions of an account's plans, and two readings of a plan set against each other."""

from __future__ import annotations

from django.db.models import Prefetch

from trackline.accounts.models import Account
from trackline.documents.models import PlanSignOff, PlanVersion
from trackline.documents.plans.difference import SectionDifference, difference
from trackline.documents.plans.live import Plan
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.models import ALIVE
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry


def difference_of(before: Plan, after: Plan) -> list[SectionDifference]:
    """Return the sections that differ between two readings. Raises `NotFound` for plans of two accounts."""
    if before.account.pk != after.account.pk:
        raise NotFound(f"{after.account.name} has no such version of {before.account.name}'s plan.")
    return difference(before.frozen(), after.frozen())


def versions_of(ctx: Context, account: Account) -> list[PlanVersion]:
    """Return the versions of an account's plans that the actor may read, the newest first, with who signed each."""
    rows = scoped(ctx, registry.get("plan_version")).filter(plan__account=account, plan__deleted_at__isnull=True)
    rows = rows.defer("frozen").select_related("plan", "created_by").order_by("-created_at", "-number")
    signed = PlanSignOff.objects.filter(ALIVE).order_by("signed_at", "pk")
    return list(rows.prefetch_related(Prefetch("sign_offs", signed)))
