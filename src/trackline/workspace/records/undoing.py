"""What to say after changes that were made as one were taken back, and what was deleted lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from trackline.kit.history.models import Change
from trackline.kit.history.queries import readable
from trackline.kit.policy import Context
from trackline.kit.records.bulk import BulkResult
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses

DAYS = 30
NAMED = 3
LISTED = 200


@dataclass(frozen=True)
class Gone:
    """A record that was deleted and can be brought back."""

    rtype: RecordType
    title: str
    when: datetime
    by: str
    restore_url: str
    can_restore: bool


def told(result: BulkResult) -> str:
    """Say what taking a batch back did: how many changes, and what stays because it was changed again since."""
    count = len(result.changed)
    text = f"Undone: {count} {'change' if count == 1 else 'changes'}"
    kept = [refusal.title for refusal in result.refused]
    if kept:
        more = f" and {len(kept) - NAMED} more" if len(kept) > NAMED else ""
        text += f". Left as they are, changed again since: {', '.join(kept[:NAMED])}{more}"
    return text


def deleted_lately(ctx: Context) -> Sequence[Gone]:
    """Return what was deleted within `DAYS` and is still gone, newest first, within the actor's accounts."""
    rows = Change.objects.filter(readable(ctx), action=Change.Action.DELETE, at__gte=ctx.now - timedelta(days=DAYS))
    if ctx.actor.visible is not None:
        rows = rows.filter(Q(account_id__isnull=True) | ctx.actor.account_q("account_id"))
    changes = list(rows.select_related("actor").order_by("-id")[:LISTED])
    still = _still_deleted(ctx, changes)
    found, seen = [], set()
    for change in changes:
        rtype = registry.find(change.record_type)
        key = (change.record_type, change.record_id)
        if rtype is None or key in seen or key not in still:
            continue
        seen.add(key)
        found.append(
            Gone(
                rtype=rtype,
                title=change.title,
                when=change.at,
                by=change.actor.name if change.actor else "Trackline",
                restore_url=addresses.act(rtype, change.record_id, "restore"),
                can_restore=ctx.actor.may(rtype.write_permission),
            )
        )
    return found


def _still_deleted(ctx: Context, changes: Sequence[Any]) -> set[tuple[str, int]]:
    by_type: dict[str, list[int]] = {}
    for change in changes:
        by_type.setdefault(change.record_type, []).append(change.record_id)
    still: set[tuple[str, int]] = set()
    for name, ids in by_type.items():
        rtype = registry.find(name)
        if rtype is not None:
            gone = rtype.model.objects.filter(rtype.scope(ctx.actor), pk__in=ids, deleted_at__isnull=False).values_list(
                "pk", flat=True
            )
            still |= {(name, pk) for pk in gone}
    return still
