"""Handing over what one person answers for to another: seen before it is done, one batch of the history, taken back whole."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from trackline.accounts.models import User
from trackline.book.quality.owning import Owned, kinds
from trackline.kit import formats
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.bulk import MOST, BulkResult, update_many
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Part:
    """Records of a type that would change hands: id, title and account of each, account as (id, name) or None."""

    kind: Owned
    rows: Sequence[tuple[int, str, tuple[int, str] | None]]


@dataclass(frozen=True)
class Handover:
    """What one person would hand to another; `left` names types that the actor may not write."""

    giver: User | None
    taker: User
    parts: Sequence[Part]
    left: Sequence[Owned] = ()

    @property
    def count(self) -> int:
        """How many records change hands."""
        return sum(len(part.rows) for part in self.parts)


@dataclass
class Done:
    """What a handover did: records by type that changed, those that refused, and the batch that takes it back."""

    batch: uuid.UUID
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[Owned, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many records changed hands."""
        return sum(self.counts.values())


def open_accounts(ctx: Context, giver: User | None) -> list[tuple[int, str, int]]:
    """Return the accounts on which somebody answers for anything: id, name, how many records; a query for each type."""
    counts: dict[int, int] = {}
    for kind in kinds().values():
        path = kind.rtype.account_pk_path
        if path:
            for pk in (
                _of(kind.rows(ctx), kind, giver).filter(**{f"{path}__isnull": False}).values_list(path, flat=True)
            ):
                counts[pk] = counts.get(pk, 0) + 1
    names = dict(registry.get("account").model.objects.filter(pk__in=counts).values_list("pk", "name"))
    return sorted(((pk, names[pk], count) for pk, count in counts.items()), key=lambda one: one[1].casefold())


def planned(
    ctx: Context,
    giver: User | None,
    taker: User | None,
    types: Collection[str] = (),
    accounts: Collection[int] = (),
) -> Handover:
    """Return what would change hands; nothing is written. `types` and `accounts` narrow it, empty: all of them.

    `giver` None stands for what nobody answers for. Raises `Invalid` where the taker is missing, not active or the giver
    themselves, for types that there are not, and for more records than one change may touch.
    """
    ctx.require(WRITE)
    if taker is None or not taker.is_active:
        raise Invalid.fields({"to": "Choose somebody who is active."})
    if giver is not None and giver.pk == taker.pk:
        raise Invalid.fields({"to": "Choose somebody else: it is theirs already."})
    if unknown := sorted(set(types) - set(kinds())):
        raise Invalid.fields({"types": f"{', '.join(unknown)}: one of {', '.join(kinds())} is expected."})
    wanted = [kind for name, kind in kinds().items() if not types or name in types]
    parts = []
    for kind in wanted:
        if not ctx.actor.may(kind.rtype.write_permission):
            continue
        rows = _of(kind.rows(ctx), kind, giver)
        path = kind.rtype.account_pk_path
        if accounts:
            rows = rows.filter(**{f"{path}__in": list(accounts)}) if path else rows.none()
        columns = (path, f"{path.removesuffix('_id')}__name") if path and not kind.rtype.is_account else ()
        told = rows.order_by("pk").values_list("pk", kind.rtype.title, *columns)
        listed = [(pk, _words(title), (more[0], more[1]) if more and more[0] else None) for pk, title, *more in told]
        if listed:
            parts.append(Part(kind, listed))
    found = Handover(giver, taker, parts, [kind for kind in wanted if not ctx.actor.may(kind.rtype.write_permission)])
    if found.count > MOST:
        raise Invalid.fields(
            {"types": f"At most {MOST:,} records change hands at once; these are {found.count:,}. Choose fewer."}
        )
    return found


def hand_over(ctx: Context, plan: Handover) -> Done:
    """Give the records of a plan to the taker: one transaction and one batch; a record that refuses stays where it is.

    Accounts go last: who sees only their own accounts loses sight of what stands on them with it.
    """
    ctx.require(WRITE)
    done = Done(uuid.uuid4())
    with transaction.atomic():
        for part in sorted(plan.parts, key=lambda one: one.kind.rtype.is_account):
            result: BulkResult = update_many(
                ctx,
                part.kind.rtype,
                [pk for pk, *_ in part.rows],
                {part.kind.field: plan.taker.pk},
                batch=done.batch,
            )
            if result.changed:
                done.counts[part.kind.rtype.name] = len(result.changed)
            done.refused += [(part.kind, one) for one in result.refused]
    return done


def plan_json(plan: Handover) -> dict[str, Any]:
    """Return what would change hands as JSON has it."""
    return {
        "from": plan.giver.username if plan.giver else None,
        "to": plan.taker.username,
        "count": plan.count,
        "records": [
            {
                "type": part.kind.rtype.name, "id": str(pk), "title": title,
                "account": account[1] if account else None,
            }
            for part in plan.parts
            for pk, title, account in part.rows
        ],
        "not_allowed": [kind.rtype.name for kind in plan.left],
    }  # fmt: skip


def done_json(done: Done) -> dict[str, Any]:
    """Return what a handover did as JSON has it."""
    return {
        "batch": str(done.batch) if done.counts else None,
        "count": done.count,
        "counts": done.counts,
        "refused": [
            {"type": kind.rtype.name, "id": str(one.pk), "title": one.title, "reason": one.reason}
            for kind, one in done.refused
        ],
    }


def _words(title: Any) -> str:
    return formats.day(title) if isinstance(title, date) else str(title)


def _of(rows: QuerySet[Any], kind: Owned, giver: User | None) -> QuerySet[Any]:
    if giver is None:
        return rows.filter(**{f"{kind.field}__isnull": True})
    return rows.filter(**{kind.field: giver.pk})
