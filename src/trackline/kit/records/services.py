"""The only writers of records: create, update, delete, restore, undo.

Each call is one transaction that checks permission, scope, field rules and links, runs the room's hooks, keeps search
text and version, and writes the ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound, Refused, Stale
from trackline.kit.records import links as record_links
from trackline.kit.records.custom import custom_specs
from trackline.kit.records.external import external_ids_of, set_external_ids
from trackline.kit.records.fields import BadValue
from trackline.kit.records.text import search_text
from trackline.kit.records.types import RecordType, registry

Parse = Literal["json", "text"] | None
Values = dict[str, Any]


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


def create(ctx: Context, rtype: RecordType, data: Mapping[str, Any], *, parse: Parse = None) -> Any:
    """Create a record and return it. Raises `Forbidden`, `Invalid`, or what the room's hook refuses."""
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
        _write(ctx, rtype, record, values, creating=True)
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
    """
    ctx.require(rtype.write_permission)
    values = parse_values(rtype, data, parse, creating=False)
    with transaction.atomic():
        record = get_for_update(ctx, rtype, pk)
        if expected_version is not None and record.version != expected_version:
            moved = fields_changed_since(rtype, record.pk, expected_version)
            if not merge or moved & set(values):
                raise stale(rtype, record, moved)
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
        change = _ledger(ctx, rtype, record, Change.Action.DELETE, {}, account_id)
        _tell(ctx, rtype, record, "delete", frozenset(), account_id)
    return change


def restore(ctx: Context, rtype: RecordType, pk: Any) -> Any:
    """Bring back a deleted record with all that went with it."""
    ctx.require(rtype.write_permission)
    with transaction.atomic():
        found = rtype.model.objects.filter(rtype.scope(ctx.actor), pk=pk).select_for_update(of=("self",)).first()
        if found is None:
            raise NotFound(f"There is no {rtype.label.lower()} {pk}.")
        if found.deleted_at is None:
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
        _ledger(ctx, rtype, found, Change.Action.RESTORE, {}, account_id)
        _tell(ctx, rtype, found, "restore", frozenset(), account_id)
    return found


def undo(ctx: Context, change_id: int) -> Any:
    """Take one change back. Raises `Stale` where one of its fields was changed again since."""
    change = Change.objects.filter(pk=change_id).first()
    rtype = registry.find(change.record_type) if change else None
    if change is None or rtype is None:
        raise NotFound("There is no such change.")
    ctx.require(rtype.write_permission)
    if change.action == Change.Action.DELETE:
        return restore(ctx, rtype, change.record_id)
    with transaction.atomic():
        record = get_for_update(ctx, rtype, change.record_id)
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


def get_for_update(ctx: Context, rtype: RecordType, pk: Any) -> Any:
    """Return a living record in scope, locked for this transaction, or raise `NotFound`."""
    found = None
    if str(pk).isdecimal() and len(str(pk)) < 19:
        query = rtype.model.objects.filter(rtype.scope(ctx.actor), pk=int(pk), deleted_at__isnull=True)
        found = query.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(f"There is no {rtype.label.lower()} {pk}.")
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


def parse_values(rtype: RecordType, data: Mapping[str, Any], parse: Parse, *, creating: bool) -> Values:
    """Check names and shapes; return stored values by field, with `custom` and `external_ids` apart."""
    values: Values = {}
    errors: dict[str, str] = {}
    for given, raw in data.items():
        name = rtype.aliases.get(given, given)
        if name == "custom" or name.startswith("custom."):
            part = {name[7:]: raw} if name != "custom" else raw
            if not isinstance(part, Mapping):
                errors[name] = "An object of custom fields is expected."
            else:
                _parse_custom(rtype, part, parse, values, errors)
            continue
        if name == "external_ids":
            if not isinstance(raw, Mapping) or not all(isinstance(item, str | None) for item in raw.values()):
                errors[name] = 'An object like {"salesforce": "0014W0000257"} is expected.'
            else:
                values[name] = dict(raw)
            continue
        spec = rtype.specs.get(name)
        if spec is None:
            errors[given] = "There is no such field."
        elif spec.read_only:
            errors[given] = "This field is computed and cannot be set."
        elif not creating and name in rtype.fixed:
            errors[given] = "This is set when the record is made and cannot be changed."
        else:
            try:
                values[name] = {"json": spec.parse_json, "text": spec.parse_text, None: lambda value: value}[parse](raw)
            except BadValue as error:
                errors[given] = str(error)
    if creating:
        for name, spec in rtype.specs.items():
            if spec.required and not spec.read_only and values.get(name) in (None, "") and name not in errors:
                errors[name] = "Needed, but missing."
    if errors:
        raise Invalid.fields(errors)
    return values


def _parse_custom(
    rtype: RecordType, part: Mapping[str, Any], parse: Parse, values: Values, errors: dict[str, str]
) -> None:
    specs = custom_specs(rtype.name)
    for key, raw in part.items():
        spec = specs.get(key)
        if spec is None:
            errors[f"custom.{key}"] = "There is no such custom field. An administrator can add it under Settings."
            continue
        try:
            value = spec.parse_text(raw) if parse == "text" else spec.parse_json(raw)
        except BadValue as error:
            errors[f"custom.{key}"] = str(error)
            continue
        if isinstance(value, Decimal):
            value = int(value) if value == int(value) else float(value)
        elif spec.kind == "date" and value is not None:
            value = value.isoformat()
        values.setdefault("custom", {})[key] = value


def _write(
    ctx: Context, rtype: RecordType, record: Any, values: Values, *, creating: bool, undoing: bool = False
) -> None:
    before = {} if creating else {name: getattr(record, _attname(rtype, name)) for name in rtype.stored}
    custom_before = dict(record.custom)
    wanted_links = {name: values[name] for name in rtype.links if name in values}
    external = values.get("external_ids")
    for name, value in values.items():
        if name in rtype.stored:
            setattr(record, _attname(rtype, name), value)
    if "custom" in values:
        merged = record.custom | values["custom"]
        record.custom = {key: value for key, value in merged.items() if value not in (None, "")}
    record_links.check_refs(ctx, rtype, record, values)
    if creating:
        record.created_at, record.created_by_id = ctx.now, ctx.actor.user_id
    changed = set(values)
    if rtype.prepare and not undoing:
        rtype.prepare(ctx, record, changed, wanted_links)
    touched = {name for name in rtype.stored if before.get(name) != getattr(record, _attname(rtype, name))}
    record_links.check_same_account(rtype, record, touched | set(wanted_links), wanted_links)

    diff: dict[str, Any] = {}
    for name in sorted(touched) if not creating else ():
        spec = rtype.stored[name]
        diff[name] = [spec.to_ledger(before[name]), spec.to_ledger(getattr(record, _attname(rtype, name)))]
    for key in record.custom.keys() | custom_before.keys():
        if not creating and record.custom.get(key) != custom_before.get(key):
            diff[f"custom.{key}"] = [custom_before.get(key), record.custom.get(key)]
    record.search_text = search_text(rtype, record)
    _stamp(ctx, record)
    old_links = {} if creating else record_links.current(rtype, record.pk, wanted_links)
    moved_links = {name: ids for name, ids in wanted_links.items() if set(ids) != set(old_links.get(name, []))}
    old_external = {} if creating or external is None else external_ids_of(rtype, record.pk)
    new_external = {k: v for k, v in (old_external | (external or {})).items() if v}
    if not creating and not diff and not moved_links and new_external == old_external:
        return
    if not creating:
        record.version += 1
        for name, ids in moved_links.items():
            diff[name] = [sorted(old_links[name]), sorted(ids)]
        if new_external != old_external:
            diff["external_ids"] = [old_external, new_external]
    _save(rtype, record, creating)
    for name, ids in moved_links.items():
        getattr(record, name).set(ids)
    if new_external != old_external:
        set_external_ids(rtype, record.pk, new_external)
    account_id = rtype.account_of(record)
    action = Change.Action.CREATE if creating else Change.Action.UPDATE
    record.last_change = _ledger(ctx, rtype, record, action, diff, account_id)
    names = changed | set(diff)
    if rtype.after:
        rtype.after(ctx, record, names, creating)
    _tell(ctx, rtype, record, action.value, frozenset(names), account_id)


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


def constraint_problem(rtype: RecordType, error: ValidationError) -> Invalid:
    """Turn a broken database constraint into an error that names its fields."""
    errors: dict[str, str] = {}
    for constraint in rtype.model._meta.constraints:
        if f"“{constraint.name}”" in str(error):
            names = getattr(constraint, "fields", ()) or _expression_fields(constraint)
            known = [name for name in names if name in rtype.specs]
            field = known[-1] if known else "__all__"
            words = " and ".join(rtype.specs[name].label.lower() for name in known)
            if isinstance(constraint, models.UniqueConstraint):
                errors[field] = f"Another {rtype.label.lower()} has the same {words}."
            else:
                errors[field] = f"This does not fit {constraint.name.replace('_', ' ')}."
    for field, messages in getattr(error, "message_dict", {}).items():
        if not errors:
            errors[field] = " ".join(messages)
    return Invalid.fields(errors or {"__all__": "This breaks a rule of the database."})


def _expression_fields(constraint: models.BaseConstraint) -> list[str]:
    found: list[str] = []
    for expression in getattr(constraint, "expressions", ()):
        parts = expression.flatten() if hasattr(expression, "flatten") else [expression]
        found += [part.name for part in parts if isinstance(part, models.F)]
    return found


def _attname(rtype: RecordType, name: str) -> str:
    return f"{name}_id" if rtype.specs[name].kind == "ref" else name


def _stamp(ctx: Context, record: Any) -> None:
    record.updated_at, record.updated_by_id = ctx.now, ctx.actor.user_id


def _ledger(
    ctx: Context, rtype: RecordType, record: Any, action: str, diff: dict[str, Any], account_id: int | None
) -> Change:
    return Change.objects.create(
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


def _tell(
    ctx: Context, rtype: RecordType, record: Any, action: str, changed: frozenset[str], account_id: int | None
) -> None:
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
