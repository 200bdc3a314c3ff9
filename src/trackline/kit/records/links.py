"""References and links between records: they exist, are in scope, and stay within one account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType, registry
from trackline.kit.statements import NUMBERS, Statement


def check_refs(ctx: Context, rtype: RecordType, record: Any, values: dict[str, Any]) -> None:
    """Check that every given reference and link points to a living record in scope; resolve account keys to ids."""
    errors: dict[str, str] = {}
    for name, spec in rtype.specs.items():
        if spec.kind not in ("ref", "refs") or values.get(name) in (None, "", []):
            continue
        target = registry.get(spec.target)
        wanted = values[name] if spec.many else [values[name]]
        found = _existing(ctx, target, wanted)
        missing = [item for item in wanted if item not in found]
        if missing:
            errors[name] = f"There is no {target.label.lower()} {', '.join(str(item) for item in missing)}."
            continue
        resolved = [found[item] for item in wanted]
        if spec.many:
            values[name][:] = resolved
        else:
            values[name] = resolved[0]
            setattr(record, f"{name}_id", resolved[0])
    if errors:
        raise Invalid.fields(errors)


def check_same_account(rtype: RecordType, record: Any, touched: set[str], links: Mapping[str, list[int]]) -> None:
    """Check that touched references and links stay within the record's account, unless declared loose (TRK-21)."""
    own = rtype.account_of(record)
    if own is None:
        return
    errors: dict[str, str] = {}
    for name, spec in rtype.specs.items():
        if spec.kind not in ("ref", "refs") or name not in touched or name in rtype.loose:
            continue
        target = registry.get(spec.target)
        if target.is_account or not target.account:
            continue
        ids = links.get(name, []) if spec.many else [getattr(record, f"{name}_id")]
        ids = [item for item in ids if item is not None]
        if not ids:
            continue
        accounts = dict(target.model.objects.filter(pk__in=ids).values_list("pk", target.account_pk_path))
        foreign = [pk for pk, account in accounts.items() if account not in (own, None)]
        if foreign:
            errors[name] = f"{target.label} {', '.join(str(pk) for pk in foreign)} belongs to another account."
    if errors:
        raise Invalid.fields(errors)


def hidden(ctx: Context, target: str, ids: Iterable[int | None]) -> set[int]:
    """Return those of the records of a type that the actor must not know of."""
    named = {pk for pk in ids if pk is not None}
    if ctx.actor.visible is None or not named:
        return set()
    rtype = registry.get(target)
    known = rtype.model.objects.filter(rtype.scope(ctx.actor), pk__in=named)
    return named - set(known.values_list("pk", flat=True))


def crossing(rtype: RecordType) -> dict[str, str]:
    """Return the references that may lead from a record in scope to one out of it, with the type they lead to: a parent
    account, a contact of another account."""
    return {
        name: spec.target
        for name, spec in rtype.stored.items()
        if (spec.target == "account" and name != rtype.account) or (spec.kind == "ref" and name in rtype.loose)
    }


def keep_hidden(ctx: Context, rtype: RecordType, record: Any, values: dict[str, Any]) -> None:
    """Leave references to hidden records as they are: shown as null, they come back as null."""
    for name, target in crossing(rtype).items():
        if name in values and values[name] is None and hidden(ctx, target, [getattr(record, f"{name}_id")]):
            del values[name]


def current(rtype: RecordType, pk: int, names: Iterable[str]) -> dict[str, list[int]]:
    """Return the linked living ids of a record for the named links."""
    return {name: linked_ids(rtype.specs[name], rtype, [pk]).get(pk, []) for name in names}


def linked_ids(spec: FieldSpec, rtype: RecordType, pks: Iterable[int]) -> dict[int, list[int]]:
    """Return `{record id: [linked living ids]}` of one link for several records, in one query."""
    statement = _statements.get((rtype.name, spec.name))
    if statement is None:
        statement = _statements[rtype.name, spec.name] = _linked(rtype, spec)
    found: dict[int, list[int]] = {}
    for pk, linked in statement.rows(list(pks)):
        found.setdefault(pk, []).append(linked)
    return found


_statements: dict[tuple[str, str], Statement] = {}


def _linked(rtype: RecordType, spec: FieldSpec) -> Statement:
    field: Any = rtype.model._meta.get_field(spec.name)
    source, target = f"{field.m2m_field_name()}_id", field.m2m_reverse_field_name()
    alive = field.remote_field.through.objects.filter(**{f"{target}__deleted_at__isnull": True})
    ordered = alive.order_by(f"{target}_id").values_list(source, f"{target}_id")
    return Statement(lambda pks: ordered.filter(**{f"{source}__in": pks}), NUMBERS)


def _living(target: RecordType) -> Statement:
    found = _living_ids.get(target.name)
    if found is None:
        alive = target.model.objects.filter(deleted_at__isnull=True).order_by().values_list("pk")
        found = _living_ids[target.name] = Statement(lambda pks: alive.filter(pk__in=pks), NUMBERS)
    return found


_living_ids: dict[str, Statement] = {}


def _existing(ctx: Context, target: RecordType, wanted: list[Any]) -> dict[Any, int]:
    alive = target.model.objects.filter(target.scope(ctx.actor), deleted_at__isnull=True)
    numbers = [item for item in wanted if isinstance(item, int)]
    if target.seen is None and (ctx.actor.visible is None or not target.account):
        found: dict[Any, int] = {pk: pk for (pk,) in _living(target).rows(numbers)}
    else:
        found = {pk: pk for pk in alive.filter(pk__in=numbers).values_list("pk", flat=True)} if numbers else {}
    words = [item for item in wanted if isinstance(item, str)]
    if words and target.lookup:
        found |= dict(alive.filter(**{f"{target.lookup}__in": words}).values_list(target.lookup, "pk"))
    return found
