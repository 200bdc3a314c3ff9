"""Standard scorecards put to use: of an account, of a manager, of the book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from trackline.accounts.models import Account, Contact, Metric, User
from trackline.book.models import Scorecard
from trackline.book.rules.card_presets import Preset, presets
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


def preset_named(ctx: Context, key: str) -> Preset:
    """Return a standard scorecard in force today. Raises `NotFound`."""
    found = presets(ctx.today).get(key)
    if found is None:
        raise NotFound(f"There is no standard scorecard {key[:40]}; {', '.join(presets(ctx.today))} are known.")
    return found


def add_standard(ctx: Context, key: str, *, account: Any = None, manager: Any = None, live: bool = True) -> Scorecard:
    """Make a scorecard of a standard one, with who answers filled in as far as the book knows it; live where it is ready.

    Raises `Refused` where the account, manager or book has one of this kind that is not archived.
    """
    ctx.require(WRITE)
    preset = preset_named(ctx, key)
    data: dict[str, Any] = {
        "name": preset.name, "level": preset.level, "audience": preset.audience, "decisions": list(preset.decisions),
        "mode": preset.mode, "note": preset.says,
    }  # fmt: skip
    one: Account | None = None
    if preset.level == Scorecard.Level.ACCOUNT:
        if account is None:
            raise Invalid.fields({"account": "Name the account that it is of."})
        one = get(ctx, registry.get("account"), account)
        data |= {"account": one.pk}
    elif preset.level == Scorecard.Level.MANAGER:
        if manager is None:
            raise Invalid.fields({"manager": "Name the manager whose accounts it counts."})
        person: User = get(ctx, registry.get("user"), manager)
        data |= {"manager": person.pk, "name": f"{preset.name}: {person.name}"}
    there = Scorecard.objects.alive().filter(
        preset=key, account=data.get("account"), manager=data.get("manager")
    ).exclude(state="archived")  # fmt: skip
    if there.exists():
        raise Refused(f"{there.first()} is there already; change that one, or archive it first.")
    batch = ctx.batched()
    with transaction.atomic():
        card: Scorecard = records.create(batch, registry.get("scorecard"), data)
        Scorecard.objects.filter(pk=card.pk).update(preset=key)
        people = _people(one)
        metrics = {metric.key: metric for metric in Metric.objects.alive().filter(account=None)}
        for line in preset.lines:
            if line.metric in metrics:
                _add_line(batch, card, line, metrics, people)
        if live:
            _go_live(batch, card)
    card.refresh_from_db()
    return card


def _people(account: Account | None) -> Mapping[str, int]:
    """Who answers for every metric of an account: its owner, and the champion, sponsor or buyer of the customer."""
    if account is None:
        return {}
    contacts = Contact.objects.alive().filter(account=account, status="active")
    ranked = ("champion", "economic_buyer", "")
    rows = list(contacts.order_by("-influence", "pk").values_list("pk", "buying_role", "is_exec_sponsor"))
    rows.sort(key=lambda row: (not row[2], ranked.index(row[1]) if row[1] in ranked else len(ranked)))
    return {"client_owner": rows[0][0]} if rows else {}


def _add_line(
    ctx: Context, card: Scorecard, line: Any, metrics: Mapping[str, Metric], people: Mapping[str, int]
) -> None:
    low, middle, high = line.targets
    data: dict[str, Any] = {
        "scorecard": card.pk, "metric": metrics[line.metric].pk, "domain": line.domain, "weight": line.weight,
        "flag": line.flag, "minimum": low, "committed": middle, "stretch": high, "serves": line.serves,
        "action": line.action, "method": "standard", "rationale": "The target of the standard scorecard.",
        **people,
    }  # fmt: skip
    if card.account and card.account.owner_id:
        data["owner"] = card.account.owner_id
    elif card.manager_id:
        data["owner"] = card.manager_id
    else:
        data["owner"] = ctx.actor.user_id
    if line.guard and line.guard.metric in metrics:
        data |= {
            "guardrail": metrics[line.guard.metric].pk, "guardrail_side": line.guard.side,
            "guardrail_limit": line.guard.limit,
        }  # fmt: skip
    records.create(ctx, registry.get("scorecard_line"), data)


def _go_live(ctx: Context, card: Scorecard) -> None:
    """Publish a card that is ready; one that is not stays a draft, and its page says what it lacks."""
    try:
        records.update(ctx, registry.get("scorecard"), card.pk, {"state": "live"})
    except Refused:
        return
