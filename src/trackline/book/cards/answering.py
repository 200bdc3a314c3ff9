"""Answering a breach: why a metric turned, and what is done about it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


def answer(ctx: Context, pk: Any, text: str, *, action: str = "", owner: Any = None, due_on: date | None = None) -> Any:
    """Answer a breach, with an action on the account where one is named; both are taken back as one.

    Raises `Invalid` without words, or for an action of a card that is of no account; `Refused` for a breach that is over.
    """
    ctx.require(WRITE)
    rtype = registry.get("scorecard_breach")
    one = get(ctx, rtype, pk)
    if one.state == "over":
        raise Refused("The breach is over: the metric is good again.")
    if not text.strip():
        raise Invalid.fields({"answer": "Say why it turned and what is done about it."})
    card = one.line.scorecard
    if action.strip() and card.account_id is None:
        raise Invalid.fields({"action": "An action is of an account. Add it there, and link it to the breach."})
    batch = ctx.batched()
    with transaction.atomic():
        data: dict[str, Any] = {"answer": text.strip()}
        if action.strip():
            made = records.create(
                batch,
                registry.get("action"),
                {
                    "account": card.account_id, "title": action.strip()[:250], "owner": owner or one.owner_id,
                    "due_on": due_on, "success_metric": f"{one.line.name}: {one.line.committed.normalize():f} or better"
                    if one.line.committed is not None else one.line.name,
                },
            )  # fmt: skip
            data["actions"] = [*one.actions.values_list("pk", flat=True), made.pk]
        return records.update(batch, rtype, one.pk, data)
