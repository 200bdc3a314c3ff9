"""What somebody may change of a record that names them, with nothing but the right to read. Source: PERM-04.

A type declares it as `own`; whoever may write the type needs none of this. A token that was given less than its user
holds stays within what it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackline.kit.policy import READ, Context
from trackline.kit.problems import Forbidden

if TYPE_CHECKING:
    from trackline.kit.records.types import RecordType


@dataclass(frozen=True)
class Own:
    """The user whom the field `holder` names may change `fields`, while `allowed` says so."""

    holder: str
    fields: tuple[str, ...]
    allowed: Callable[[], bool]


def open_fields(ctx: Context, rtype: RecordType, holder: Any) -> frozenset[str]:
    """Return the fields that are open to the actor of a record that names `holder` (an id), as theirs.

    It is empty for those who may write the type: they change any field.
    """
    own = rtype.own
    if own is None or not _may_own(ctx, rtype) or str(holder or "") != str(ctx.actor.user_id):
        return frozenset()
    return frozenset(own.fields)


def require_writer(ctx: Context, rtype: RecordType) -> None:
    """Raise `Forbidden` for an actor who may change no record of the type, their own neither."""
    if not _may_own(ctx, rtype):
        ctx.require(rtype.write_permission)


def require_fields(ctx: Context, rtype: RecordType, record: Any, names: Iterable[str]) -> None:
    """Raise `Forbidden` unless the actor may change these fields of a record."""
    if ctx.actor.may(rtype.write_permission):
        return
    found = open_fields(ctx, rtype, getattr(record, f"{rtype.own.holder}_id") if rtype.own else None)
    if not found:
        ctx.require(rtype.write_permission)
    if beyond := set(names) - found:
        named = ", ".join(rtype.specs[name].label if name in rtype.specs else name for name in sorted(beyond))
        raise Forbidden(
            f"It is yours, so its state is yours to set. {named}: this needs the permission {rtype.write_permission}.",
            permission=rtype.write_permission,
            rule="PERM-04",
        )


def _may_own(ctx: Context, rtype: RecordType) -> bool:
    own, actor = rtype.own, ctx.actor
    if own is None or actor.user_id is None or actor.narrowed or actor.may(rtype.write_permission):
        return False
    return actor.may(READ) and own.allowed()
