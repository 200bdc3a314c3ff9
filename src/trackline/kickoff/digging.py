"""Somebody who speaks well of us and answers badly, or the other way round, gives an action: dig deeper.

Source: NEED-13.
"""

from __future__ import annotations

from datetime import timedelta

from trackline.accounts.models import Account
from trackline.accounts.settings import setting
from trackline.kickoff.models import Action
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.track.voices import Conflict, conflicts_of

DAYS = 7
"""So long the owner has to find out."""
HEARD = {"response", "interaction"}


def listen() -> None:
    """Open an action as soon as a talk or an answer contradicts the other."""
    records.subscribers.append(_on_write)


def _on_write(ctx: Context, event: records.WriteEvent) -> None:
    if event.rtype.name not in HEARD or event.action not in ("create", "update") or event.account_id is None:
        return
    if event.rtype.name == "response":
        people = [event.record.contact_id] if event.record.contact_id else []
    else:
        people = list(event.record.contacts.values_list("pk", flat=True)) if event.record.sentiment else []
    if not people or not setting("need.conflict_actions"):
        return
    account = Account.objects.get(pk=event.account_id)
    for one in conflicts_of(account, ctx.today, people):
        _open(ctx, account, one)


def _open(ctx: Context, account: Account, one: Conflict) -> None:
    title = f"Dig deeper: {one.contact.name} {one.says} ({one.response.on.isoformat()})"[:250]
    if Action.objects.filter(account=account, title=title).exists():
        return
    records.create(
        ctx,
        registry.get("action"),
        {
            "account": account.pk,
            "title": title,
            "owner": one.contact.owner_id or account.owner_id,
            "due_on": ctx.today + timedelta(days=DAYS),
            "origin": Action.Origin.SURVEY,
        },
    )
