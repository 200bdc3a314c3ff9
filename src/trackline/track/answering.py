"""What answers to checklists mean: each item has one, and what the records say nobody answers."""

from __future__ import annotations

from typing import Any

from trackline.kit.history.models import Change
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.track.models import ChecklistAnswer
from trackline.track.rules.checklists import Item, checklists

OF_ACCOUNTS = ("needs_advance", "needs_data", "needs_method", "needs_gathering", "competition_ready")
"""Checklists that an account answers; the one of surveys stands with its round."""


def item_of(checklist: str, item: str) -> Item:
    """Return an item that somebody can answer. Raises `Invalid` for one that is not known or that the records answer."""
    if checklist not in OF_ACCOUNTS:
        raise Invalid.fields({"checklist": f"One of {', '.join(OF_ACCOUNTS)} is expected."})
    found = checklists()[checklist].item(item)
    if found is None:
        known = ", ".join(one.key for one in checklists()[checklist].items if not one.auto)
        raise Invalid.fields({"item": f"One of {known} is expected."})
    if found.auto:
        raise Invalid.fields({"item": "The records answer this one; change them."})
    return found


def prepare_answer(ctx: Context, answer: Any, _changed: set[str], _links: Any) -> None:
    """Keep the words of the item, refuse what is not known, dated ahead, or answered twice."""
    answer.title = item_of(answer.checklist, answer.item).text
    if answer.on > ctx.today:
        raise Invalid.fields({"on": "Nobody has answered in the future."})
    same = ChecklistAnswer.objects.filter(
        deleted_at__isnull=True, account=answer.account_id, checklist=answer.checklist, item=answer.item
    )
    if same.exclude(pk=answer.pk).exists():
        raise Invalid.fields({"item": "This item has an answer. Change that one."})


def give_answer(ctx: Context, account: int, checklist: str, item: str, answer: str) -> Change | None:
    """Answer an item, or take its answer back with an empty text; returns the change, which can be undone."""
    ctx.require(WRITE)
    item_of(checklist, item)
    rtype = registry.get("checklist_answer")
    there = ChecklistAnswer.objects.filter(
        deleted_at__isnull=True, account=account, checklist=checklist, item=item
    ).first()
    if not answer:
        return records.delete(ctx, rtype, there.pk) if there is not None else None
    given = {"answer": answer, "on": ctx.today, "author": ctx.actor.user_id}
    if there is not None:
        made = records.update(ctx, rtype, there.pk, given)
    else:
        made = records.create(ctx, rtype, given | {"account": account, "checklist": checklist, "item": item})
    return getattr(made, "last_change", None)
