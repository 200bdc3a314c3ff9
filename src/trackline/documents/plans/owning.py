"""Who writes the text of a section: its owner and the account's; others suggest a wording. Source: PERM-09."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.settings import setting
from trackline.documents.models import PlanSection, PlanSuggestion
from trackline.documents.plans.reading import require_reader
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Forbidden, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

State = PlanSuggestion.State
Links = dict[str, list[int]]


def may_write(ctx: Context, account: Account, owner_id: int | None) -> bool:
    """Tell whether the actor may rewrite a text of that owner; one that nobody owns is everyone's."""
    if not setting("perm.section_owners") or ctx.actor.user_id is None or ctx.actor.may(ADMIN):
        return True
    return owner_id is None or ctx.actor.user_id in (owner_id, account.owner_id)


def require_writer(ctx: Context, section: PlanSection, owner_id: int | None) -> None:
    """Raise `Forbidden` for an actor who may suggest a wording and not write it."""
    if may_write(ctx, section.account, owner_id):
        return
    owner = section.owner.name if section.owner and section.owner_id == owner_id else "somebody else"
    raise Forbidden(f"The text of “{section}” belongs to {owner}. Suggest a wording instead.", rule="PERM-09")


def prepare_suggestion(ctx: Context, suggestion: Any, _changed: set[str], _links: Links) -> None:
    """Name a suggestion after its section, and let nobody settle it but who may write the text."""
    section = suggestion.plan_section
    if suggestion._state.adding:
        require_reader(ctx, section.account)
        suggestion.title = f"Wording for {section}"
        if ctx.via != "import" and suggestion.state != State.OPEN:
            raise Refused("A suggestion starts as an open one.", rule="PERM-09")
        return
    before = PlanSuggestion.objects.values_list("state", flat=True).get(pk=suggestion.pk)
    if suggestion.state == before:
        return
    if before != State.OPEN:
        raise Refused("It is settled. Suggest the wording anew.", rule="PERM-09")
    require_writer(ctx, section, section.owner_id)
    suggestion.settled_on = ctx.today


def after_suggestion(ctx: Context, suggestion: Any, _changed: set[str], created: bool) -> None:
    """Put a wording that is taken over into its section."""
    if not created and suggestion.state == State.TAKEN and "state" in suggestion.last_change.changes:
        data = {"text": suggestion.text}
        records.update(ctx.batched(), registry.get("plan_section"), suggestion.plan_section_id, data)


def suggestions_of(ctx: Context, account: Account) -> Mapping[str, list[PlanSuggestion]]:
    """Return the open suggestions for the texts of an account by section, the oldest first."""
    rows = scoped(ctx, registry.get("plan_suggestion")).filter(plan_section__account=account, state=State.OPEN)
    found: dict[str, list[PlanSuggestion]] = {}
    for one in rows.select_related("plan_section", "created_by").order_by("pk"):
        found.setdefault(one.plan_section.section, []).append(one)
    return found
