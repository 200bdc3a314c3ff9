"""The only writers of records: create, update, delete, restore, undo.

Each call is one transaction that checks permission, scope, field rules and links, runs the room's hooks, keeps search
text and version, and writes the ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound, Refused, Stale
from trackline.kit.records import links as record_links
from trackline.kit.records import own
from trackline.kit.records.constraints import constraint_problem
from trackline.kit.records.external import external_ids_of, set_external_ids
from trackline.kit.records.parsing import Parse, Values, parse_values
from trackline.kit.records.text import search_text
from trackline.kit.records.turns import wait_turn
from trackline.kit.records.types import RecordType, registry


@dataclass(frozen=True)
class WriteEvent:
    """One write, as told to subscribers inside its transaction."""

    rtype: RecordType
    record: Any
    action: str
    changed: frozenset[str]
    account_id: int | None


Subscriber = Callable[[Context, WriteEvent], None]
subscribers: list[Subscriber] = []

TakeBack = Callable[[Context, uuid.UUID], bool]
whole: list[TakeBack] = []
"""What takes a batch back as one, as a merge, and says whether it did; asked before a change of it is taken back alone."""


def create(
    ctx: Context,
    rtype: RecordType,
    data: Mapping[str, Any],
    *,
    parse: Parse = None,
    kept: Mapping[str, Any] | None = None,
) -> Any:
    """Create a record and return it. Raises `Forbidden`, `Invalid`, or what the room's hook refuses.

    `kept` brings a record back that was kept elsewhere: it holds the values of its read-only fields (when an action was
    done), and the `after` hook does not run, as what came of the record is brought back with it.
    """
    ctx.require(rtype.write_permission)
    given = dict(data)
    if rtype.intake:
        rtype.intake(ctx, given)
    values = parse_values(rtype, given, parse, creating=True)
    for name, default in rtype.defaults.items():
        if name not in values and (value := default(ctx)) is not None:
            values[name] = value
    record = rtype.model()
    with transaction.atomic():
        _write(ctx, rtype, record, values, creating=True, kept=kept)
    return record


def update(
    ctx: Context,
    rtype: RecordType,
    pk: Any,
    data: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    merge: bool = False,
    parse: Parse = None,
) -> Any:
    """Change fields of a record and return it.

    With `expected_version` a record that has moved on raises `Stale`; with `merge` only where the same fields moved.
    Whom the record names may change what is theirs (`own.py`).
    """
    own.require_writer(ctx, rtype)
    values = parse_values(rtype, data, parse, creating=False)
    with transaction.atomic():
        wait_turn(rtype, values)
        record = get_for_update(ctx, rtype, pk)
        own.require_fields(ctx, rtype, record, values)
        if expected_version is not None and record.version != expected_version:
            moved = fields_changed_since(rtype, record.pk, expected_version)
            if not merge or moved & set(values):
                raise stale(rtype, record, moved)
        record_links.keep_hidden(ctx, rtype, record, values)
        _write(ctx, rtype, record, values, creating=False)
    return record


def delete(ctx: Context, rtype: RecordType, pk: Any, *, expected_version: int | None = None) -> Change:
    """Delete a record and what belongs to it; the returned change can be undone."""
    ctx.require(rtype.write_permission)
    with transaction.atomic():
        record = get_for_update(ctx, rtype, pk)
        if expected_version is not None and record.version != expected_version:
            raise stale(rtype, record, fields_changed_since(rtype, record.pk, expected_version))
        if rtype.allow_delete:
            rtype.allow_delete(ctx, record)
        batch = uuid.uuid4()
        account_id = rtype.account_of(record)
        _delete_below(ctx, rtype, [record.pk], batch)
        record.deleted_at, record.deletion = ctx.now, batch
        record.version += 1
        _stamp(ctx, record)
        record.save(update_fields=["deleted_at", "deletion", "version", "updated_at", "updated_by"])
        change = write_change(ctx, rtype, record, Change.Action.DELETE, {}, account_id)
        tell(ctx, rtype, record, "delete", frozenset(), account_id)
    return change


def restore(ctx: Context, rtype: RecordType, pk: Any) -> Any:
    """Bring back a deleted record with all that went with it."""
    ctx.require(rtype.write_permission)
    with transaction.atomic():
        found = get_any_for_update(ctx, rtype, pk, {})
        if found.deleted_at is None:
            return found
        if take_back_whole(ctx, found.deletion):
            found.refresh_from_db()
            return found
        _require_living_parent(rtype, found)
        batch = found.deletion
        try:
            with transaction.atomic():
                for other in registry.all():
                    other.model.objects.filter(deletion=batch).update(deleted_at=None, deletion=None)
                found.deleted_at = found.deletion = None
                found.version += 1
                _stamp(ctx, found)
                found.save(update_fields=["deleted_at", "deletion", "version", "updated_at", "updated_by"])
        except IntegrityError:
            raise Refused(
                f"{found} cannot come back: another {rtype.label.lower()} has taken its place since. "
                "Rename or delete that one first."
            ) from None
        account_id = rtype.account_of(found)
        write_change(ctx, rtype, found, Change.Action.RESTORE, {}, account_id)
        tell(ctx, rtype, found, "restore", frozenset(), account_id)
    return found


def undo(ctx: Context, change_id: int) -> Any:
    """Take one change back. Raises `Stale` where one of its fields was changed again since."""
    change = Change.objects.filter(pk=change_id).first()
    rtype = registry.find(change.record_type) if change else None
    if change is None or rtype is None:
        raise NotFound("There is no such change.")
    if change.action == Change.Action.UPDATE:
        own.require_writer(ctx, rtype)
    else:
        ctx.require(rtype.write_permission)
    if ctx.actor.may(rtype.write_permission) and take_back_whole(ctx, change.batch):
        return rtype.model.objects.get(pk=change.record_id)
    if change.action == Change.Action.DELETE:
        return restore(ctx, rtype, change.record_id)
    with transaction.atomic():
        wait_turn(rtype, change.changes)
        record = get_for_update(ctx, rtype, change.record_id)
        own.require_fields(ctx, rtype, record, change.changes.keys() - set(rtype.read_only))
        if change.action in (Change.Action.CREATE, Change.Action.RESTORE):
            if record.version != change.version:
                raise stale(rtype, record, fields_changed_since(rtype, record.pk, change.version))
            delete(ctx, rtype, record.pk)
            return record
        moved = fields_changed_since(rtype, record.pk, change.version) & set(change.changes)
        if moved:
            raise stale(rtype, record, moved)
        _write(ctx, rtype, record, _values_before(rtype, record, change), creating=False, undoing=True)
    return record


def take_back_whole(ctx: Context, batch: uuid.UUID | None) -> bool:
    """Take back a batch that goes as one or not at all; tell whether this was one."""
    return batch is not None and any(take_back(ctx, batch) for take_back in whole)


def get_for_update(ctx: Context, rtype: RecordType, pk: Any) -> Any:
    """Return a living record in scope, locked for this transaction, or raise `NotFound`."""
    return get_any_for_update(ctx, rtype, pk, {"deleted_at__isnull": True})


def get_any_for_update(ctx: Context, rtype: RecordType, pk: Any, only: Mapping[str, Any]) -> Any:
    """Return a record in scope that meets a condition, deleted or not, locked for this transaction, or raise `NotFound`."""
    found = None
    if str(pk).isdecimal() and len(str(pk)) < 19:
        query = rtype.model.objects.filter(rtype.scope(ctx.actor), pk=int(pk), **only)
        found = query.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(f"There is no {rtype.label.lower()} {str(pk)[:80]}.")
    return found


def fields_changed_since(rtype: RecordType, pk: int, version: int) -> set[str]:
    """Return the names of the fields that changed after a version of a record."""
    rows = Change.objects.filter(record_type=rtype.name, record_id=pk, version__gt=version).values_list(
        "changes", flat=True
    )
    return {name for changes in rows for name in changes}


def stale(rtype: RecordType, record: Any, fields: Iterable[str]) -> Stale:
    """Build the problem that tells a later writer who changed what."""
    last = (
        Change.objects.filter(record_type=rtype.name, record_id=record.pk).select_related("actor").order_by("-id")
    ).first()
    who = last.actor.name if last and last.actor else "Trackline"
    named = [rtype.specs[name].label if name in rtype.specs else name for name in sorted(fields)]
    what = ", ".join(named) or "it"
    return Stale(
        f"{who} changed {what} since you opened it. Look at both versions, then save again.",
        [{"loc": [name], "msg": "changed since"} for name in sorted(fields)],
        current_version=record.version,
        changed_by=who,
        changed_at=record.updated_at.isoformat(),
    )


# -- one write -----------------------------------------------------------------------------------------------------


def _write(
    ctx: Context,
    rtype: RecordType,
    record: Any,
    values: Values,
    *,
    creating: bool,
    undoing: bool = False,
    kept: Mapping[str, Any] | None = None,
) -> None:
    before = {} if creating else {name: getattr(record, _attname(rtype, name)) for name in rtype.stored}
    custom_before = dict(record.custom)
    wanted_links = {name: values[name] for name in rtype.links if name in values}
    _assign(rtype, record, {**values, **(kept or {})})
    record_links.check_refs(ctx, rtype, record, values)
    if creating:
        record.created_at, record.created_by_id = ctx.now, ctx.actor.user_id
    if rtype.prepare and not undoing:
        rtype.prepare(ctx, record, set(values), wanted_links)
    touched = {name for name in rtype.stored if before.get(name) != getattr(record, _attname(rtype, name))}
    record_links.check_same_account(rtype, record, touched | set(wanted_links), wanted_links)
    links = _moved_links(rtype, record, wanted_links, creating)
    external = _moved_external(rtype, record, values.get("external_ids"), creating)
    diff: dict[str, Any] = {}
    if not creating:
        diff = _difference(rtype, record, before, touched) | _custom_difference(custom_before, record.custom)
        diff |= {name: [sorted(old), sorted(new)] for name, (old, new) in links.items()}
        diff |= {"external_ids": list(external)} if external else {}
        if not diff:
            return
        record.version += 1
    record.search_text = search_text(rtype, record)
    _stamp(ctx, record)
    _save(rtype, record, creating)
    for name, (_old, new) in links.items():
        getattr(record, name).set(new)
    if external:
        set_external_ids(rtype, record.pk, external[1])
    account_id = rtype.account_of(record)
    action = Change.Action.CREATE if creating else Change.Action.UPDATE
    record.last_change = write_change(ctx, rtype, record, action, diff, account_id)
    names = set(values) | set(diff)
    if rtype.after and kept is None:
        rtype.after(ctx, record, names, creating)
    tell(ctx, rtype, record, action.value, frozenset(names), account_id)


def _assign(rtype: RecordType, record: Any, values: Values) -> None:
    for name, value in values.items():
        if name in rtype.archived:
            setattr(record, name, value)
        elif name in rtype.stored:
            setattr(record, _attname(rtype, name), value)
    if "custom" in values:
        merged = record.custom | values["custom"]
        record.custom = {key: value for key, value in merged.items() if value not in (None, "")}


def _difference(rtype: RecordType, record: Any, before: Mapping[str, Any], touched: set[str]) -> dict[str, Any]:
    return {
        name: [
            rtype.stored[name].to_ledger(before[name]),
            rtype.stored[name].to_ledger(getattr(record, _attname(rtype, name))),
        ]
        for name in sorted(touched)
    }


def _custom_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    keys = sorted(before.keys() | after.keys())
    return {f"custom.{key}": [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)}


def _moved_links(
    rtype: RecordType, record: Any, wanted: Mapping[str, list[int]], creating: bool
) -> dict[str, tuple[list[int], list[int]]]:
    there = {} if creating else record_links.current(rtype, record.pk, wanted)
    pairs = {name: (there.get(name, []), ids) for name, ids in wanted.items()}
    return {name: pair for name, pair in pairs.items() if set(pair[0]) != set(pair[1])}


def _moved_external(
    rtype: RecordType, record: Any, wanted: Mapping[str, str | None] | None, creating: bool
) -> tuple[dict[str, str], dict[str, str]] | None:
    if wanted is None:
        return None
    old = {} if creating else external_ids_of(rtype, record.pk)
    new = {system: value for system, value in (old | dict(wanted)).items() if value}
    return (old, new) if new != old else None


def _save(rtype: RecordType, record: Any, creating: bool) -> None:
    try:
        with transaction.atomic():
            record.save(force_insert=creating)
    except IntegrityError:
        try:
            record.validate_constraints()
        except ValidationError as error:
            raise constraint_problem(rtype, error) from None
        raise


def _attname(rtype: RecordType, name: str) -> str:
    return f"{name}_id" if rtype.specs[name].kind == "ref" else name


def _stamp(ctx: Context, record: Any) -> None:
    record.updated_at, record.updated_by_id = ctx.now, ctx.actor.user_id


def change_of(
    ctx: Context, rtype: RecordType, record: Any, action: str, diff: dict[str, Any], account_id: int | None
) -> Change:
    """Return the line that the ledger gets for a write."""
    return Change(
        at=ctx.now,
        actor_id=ctx.actor.user_id,
        via=ctx.via,
        action=action,
        record_type=rtype.name,
        record_id=record.pk,
        account_id=account_id,
        version=record.version,
        title=str(record)[:250],
        changes=diff,
        note=ctx.note,
        batch=ctx.batch or (record.deletion if action == Change.Action.DELETE else None),
    )


def write_change(
    ctx: Context, rtype: RecordType, record: Any, action: str, diff: dict[str, Any], account_id: int | None
) -> Change:
    """Write a line into the ledger."""
    change = change_of(ctx, rtype, record, action, diff, account_id)
    change.save(force_insert=True)
    return change


def tell(
    ctx: Context, rtype: RecordType, record: Any, action: str, changed: frozenset[str], account_id: int | None
) -> None:
    """Tell all subscribers of a write."""
    event = WriteEvent(rtype, record, action, changed, account_id)
    for subscriber in subscribers:
        subscriber(ctx, event)


def _delete_below(ctx: Context, rtype: RecordType, pks: list[int], batch: uuid.UUID) -> None:
    for child in registry.children(rtype):
        query = child.model.objects.filter(**{f"{child.parent}_id__in": pks}, deleted_at__isnull=True)
        below = list(query.values_list("pk", flat=True))
        if below:
            _delete_below(ctx, child, below, batch)
            child.model.objects.filter(pk__in=below).update(deleted_at=ctx.now, deletion=batch)


def _require_living_parent(rtype: RecordType, record: Any) -> None:
    spec = rtype.specs.get(rtype.parent)
    parent = getattr(record, rtype.parent) if spec and spec.kind == "ref" else None
    if parent is not None and parent.deleted_at is not None:
        raise Refused(f"{record} belongs to {parent}, which is deleted. Bring that back first.")


def _values_before(rtype: RecordType, record: Any, change: Change) -> Values:
    values: Values = {}
    for name, (old, _new) in change.changes.items():
        if name.startswith("custom."):
            values.setdefault("custom", {})[name[7:]] = old
        elif name == "external_ids":
            values[name] = {**dict.fromkeys(_new), **old}
        elif name in rtype.specs:
            values[name] = rtype.specs[name].from_ledger(old)
    return values
