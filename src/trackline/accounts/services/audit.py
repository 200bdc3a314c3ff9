"""The ledger of what is no record: settings, rates, roles, lists. It stands in the same table as changes of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from trackline.kit.history.models import Change
from trackline.kit.policy import Context

SETTING = "setting"
RATE = "exchange_rate"
CUSTOM_FIELD = "custom_field"
PICKLIST = "picklist"
ROLE = "role"
USER_ROLES = "user_roles"
PASSWORD = "password"  # noqa: S105  (the name of a kind)
TOKEN = "token"  # noqa: S105  (the name of a kind)
RULE = "rule_override"
LAST = "noted change"
KINDS = (SETTING, RATE, CUSTOM_FIELD, PICKLIST, ROLE, USER_ROLES, PASSWORD, TOKEN, RULE)
"""What stands in `Change.record_type` for these; no record type is called so."""


def note_change(
    ctx: Context,
    kind: str,
    pk: int,
    title: str,
    changes: Mapping[str, Sequence[Any]],
    action: str = Change.Action.UPDATE,
) -> Change:
    """Write down who changed what when, `changes` as `{what: [before, after]}`; `noted` returns it until the next one."""
    found: Change = Change.objects.create(
        at=ctx.now,
        actor_id=ctx.actor.user_id,
        via=ctx.via,
        action=action,
        record_type=kind,
        record_id=pk,
        title=title[:250],
        changes={name: [plain(before), plain(after)] for name, (before, after) in changes.items()},
        note=ctx.note,
        batch=ctx.batch,
    )
    ctx.cache[LAST] = found
    return found


def noted(ctx: Context) -> Change | None:
    """Return what was written down last in this use, for the way back."""
    found: Change | None = ctx.cache.get(LAST)
    return found


def plain(value: Any) -> Any:
    """Return a value as the ledger keeps it."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if hasattr(value, "isoformat") else value
