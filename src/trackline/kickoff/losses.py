"""What the loss of a champion opens: the successor, a backup, the map (STK-20, TRK-08)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from trackline.accounts.models import Contact
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.tending import ChampionParameters, champions
from trackline.kickoff.models import Action
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

TOLD = frozenset({"web", "api", "cli"})
"""Channels on which somebody tells of a loss; an import brings what happened long ago."""


def listen() -> None:
    """Subscribe to contacts who move or leave."""
    records.subscribers.append(_on_write)


def _on_write(ctx: Context, event: records.WriteEvent) -> None:
    if event.rtype.name != "contact" or event.action != "update" or "status" not in event.changed:
        return
    contact: Contact = event.record
    if contact.status == Contact.Status.ACTIVE:
        _take_back(ctx, contact)
    elif ctx.via in TOLD and (contact.buying_role == "champion" or contact.is_exec_sponsor):
        _open(ctx, contact)


def _open(ctx: Context, contact: Contact) -> None:
    """Open what must be done, with the owner of the contact, else of the account; what is open already stays."""
    account = contact.account
    in_force = Overrides.load(ctx.today).in_force(champions, ctx.today, tier=account.tier, account_id=account.pk)
    days = cast(ChampionParameters, in_force.parameters).backup_days
    titles = _titles(contact)
    there = set(_opened(contact, titles).values_list("title", flat=True))
    for title, wait in zip(titles, (days, days, 0), strict=True):
        if title not in there:
            data: dict[str, Any] = {
                "account": account.pk,
                "title": title,
                "owner": contact.owner_id or account.owner_id,
                "due_on": ctx.today + timedelta(days=wait),
            }
            records.create(ctx, registry.get("action"), data)


def _take_back(ctx: Context, contact: Contact) -> None:
    """Take away what nobody has touched, where the person turns out to be there still."""
    for action in _opened(contact, _titles(contact)).filter(version=1):
        records.delete(ctx, registry.get("action"), action.pk)


def _titles(contact: Contact) -> tuple[str, str, str]:
    name = contact.name[:150]
    return (
        f"Reach the successor of {name}",
        f"Brief a backup for {name}",
        f"Refresh the stakeholder map after {name}",
    )


def _opened(contact: Contact, titles: tuple[str, ...]) -> Any:
    return Action.objects.filter(
        deleted_at__isnull=True, account_id=contact.account_id, status="open", title__in=titles
    )
