"""Two records of one type become one: the survivor gets everything that pointed at the other one, whose id leads to it.

One transaction and one batch of the history, taken back as a whole or not at all (DQ-03).
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Q

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services
from trackline.kit.records.external import external_ids_of
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.models import ExternalId, Merge, Record
from trackline.kit.records.pointing import Lines, Mover, Told, batched, in_chunks, plain, stored, type_of, write_lines
from trackline.kit.records.text import search_text
from trackline.kit.records.types import RecordType, registry

EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Merged:
    """What a merge did: the survivor, how many records of each type moved, and what stood there twice."""

    survivor: Any
    batch: uuid.UUID
    moved: Counter[str]
    left_out: list[dict[str, Any]]


def merge(
    ctx: Context, rtype: RecordType, survivor: Any, merged: Any, take: Collection[str] = (), note: str = ""
) -> Merged:
    """Make one record of two.

    `take` names the fields (`custom.…` too) whose value comes from the one that goes; what the survivor lacks comes from it
    anyway. Raises `NotFound` where either is out of scope, `Invalid` for fields there are not, `Refused` for a pair that must
    not become one.
    """
    ctx.require(rtype.write_permission)
    if rtype.allow_merge is None:
        raise Refused(f"{rtype.labels} cannot be merged.")
    if str(survivor) == str(merged):
        raise Invalid.fields({"merged": "Two different records are needed."})
    with transaction.atomic():
        pair = {str(pk): services.get_for_update(ctx, rtype, pk) for pk in sorted((survivor, merged), key=str)}
        kept, gone = pair[str(survivor)], pair[str(merged)]
        rtype.allow_merge(ctx, kept, gone)
        _check_names(rtype, gone, take)
        try:
            with transaction.atomic():
                return _merge(batched(ctx, note or f"{gone} merged into {kept}"), rtype, kept, gone, take)
        except IntegrityError:
            raise Refused(f"{gone} cannot become part of {kept}: a rule of the records stands against it.") from None


def take_back(ctx: Context, batch: uuid.UUID) -> bool:
    """Take a merge back whole: every row goes where it was. False where the batch is no merge.

    Raises `Refused` naming what was changed or added since and stands against it.
    """
    found = Merge.objects.filter(batch=batch, part_of__isnull=True).first()
    if found is None:
        if Merge.objects.filter(undone_batch=batch).exists():
            raise Refused("Here a merge was taken back. Merge the two again instead.")
        return False
    if found.undone_at is not None:
        raise Refused("This merge has been taken back already.")
    rtype = registry.get(found.record_type)
    ctx.require(rtype.write_permission)
    with transaction.atomic():
        kept = services.get_for_update(ctx, rtype, found.survivor_id)
        gone = services.get_any_for_update(ctx, rtype, found.merged_id, {})
        _refuse_changed(found)
        undoing = batched(ctx, f"Merge of {gone} into {kept} taken back")
        try:
            with transaction.atomic():
                lines = _reverse(found.journal)
        except IntegrityError:
            raise Refused(
                f"{gone} cannot come back: another {rtype.label.lower()} has taken its place since."
            ) from None
        _refuse_between(rtype, kept, gone)
        write_lines(undoing, lines)
        found.undone_at, found.undone_batch = ctx.now, undoing.batch
        found.save(update_fields=["undone_at", "undone_batch"])
        found.parts.update(undone_at=ctx.now, undone_batch=undoing.batch)
        for record in (kept, gone):
            record.refresh_from_db()
            record.search_text = search_text(rtype, record)
            record.save(update_fields=["search_text"])
            _announce(undoing, rtype, record)
    return True


# -- merging -------------------------------------------------------------------------------------------------------


def _check_names(rtype: RecordType, gone: Any, take: Collection[str]) -> None:
    known = {name for name in rtype.fields if name in rtype.stored and name not in rtype.fixed}
    known |= {f"custom.{key}" for key in gone.custom}
    if unknown := sorted(set(take) - known):
        raise Invalid.fields(dict.fromkeys(unknown, "There is no such field to take over."))


def _merge(ctx: Context, rtype: RecordType, kept: Any, gone: Any, take: Collection[str]) -> Merged:
    mover = Mover(ctx)
    for name, stays, goes in rtype.twins(kept, gone) if rtype.twins else ():
        model = registry.get(name).model
        mover.fold(model, goes, stays)
        mover.retire(model.objects.get(pk=goes), stays)
    mover.fold(rtype.model, gone.pk, kept.pk)
    kept.refresh_from_db()
    gone.refresh_from_db()
    external = _move_external(mover, rtype, kept, gone)
    mover.retire(gone, kept.pk)
    mover.folded.pop()  # the merged record itself is no duplicate below the survivor
    _take_over(mover, rtype, kept, gone, take, external)
    write_lines(ctx, mover.lines)
    if rtype.is_account:
        _move_history(mover, kept, gone)
    left_out = _keep(mover, rtype, kept, gone)
    kept.refresh_from_db()
    kept.search_text = search_text(rtype, kept)
    kept.save(update_fields=["search_text"])
    _announce(ctx, rtype, kept)
    assert ctx.batch is not None
    return Merged(kept, ctx.batch, mover.moved, left_out)


def _move_external(mover: Mover, rtype: RecordType, kept: Any, gone: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Give the survivor the ids of systems that it has none of; the others stay and lead to it as the merged record does."""
    before = external_ids_of(rtype, kept.pk)
    rows = ExternalId.objects.filter(record_type=rtype.name, record_id=gone.pk).exclude(system__in=list(before))
    for row in rows.order_by("pk"):
        mover.set(row, {"record_id": kept.pk})
    return before, external_ids_of(rtype, kept.pk)


def _take_over(
    mover: Mover,
    rtype: RecordType,
    kept: Any,
    gone: Any,
    take: Collection[str],
    external: tuple[dict[str, str], dict[str, str]],
) -> None:
    values: dict[str, Any] = {}
    told: dict[str, list[Any]] = {}
    for name in rtype.fields:
        spec = rtype.stored.get(name)
        if spec is None or name in rtype.fixed:
            continue
        column = _column(spec)
        old, new = getattr(kept, column), getattr(gone, column)
        if name not in take and not (old in EMPTY and new not in EMPTY):
            new = old
        if spec.kind == "ref" and spec.target == rtype.name:
            new = _straight(rtype, name, kept, gone, new)
        if new != old:
            values[column], told[name] = new, [spec.to_ledger(old), spec.to_ledger(new)]
    custom = {**gone.custom, **kept.custom, **{key: gone.custom[key] for key in gone.custom if f"custom.{key}" in take}}
    if custom != kept.custom:
        values["custom"] = custom
        changed = {key for key in custom if custom[key] != kept.custom.get(key)}
        told |= {f"custom.{key}": [kept.custom.get(key), custom[key]] for key in sorted(changed)}
    if external[0] != external[1]:
        told["external_ids"] = list(external)
    mover.set(kept, values) if values else None
    if told:
        mover.tell(rtype, kept.pk, told)


def _column(spec: FieldSpec) -> str:
    return f"{spec.name}_id" if spec.kind == "ref" else spec.name


def _straight(rtype: RecordType, name: str, kept: Any, gone: Any, wanted: int | None) -> int | None:
    """Return where a reference within the type leads without coming back to the survivor: as wanted, as the other one's, or
    nowhere."""
    column = f"{name}_id"
    leads: dict[int, int | None] = dict(rtype.model.objects.values_list("pk", column)) if wanted else {}
    for start in (wanted, getattr(gone, column)):
        at, seen = start, set[int]()
        while at is not None and at not in seen and at not in (kept.pk, gone.pk):
            seen.add(at)
            at = leads.get(at)
        if at is None and start is not None:
            return start
    return None


def _move_history(mover: Mover, kept: Any, gone: Any) -> None:
    """Let what happened to the records that moved be read with the survivor."""
    lines = Change.objects.filter(account_id=gone.pk).exclude(record_type="account", record_id=gone.pk)
    pks = list(lines.order_by("pk").values_list("pk", flat=True))
    for chunk in in_chunks(pks):
        Change.objects.filter(pk__in=chunk).update(account_id=kept.pk)
    if pks:
        mover.journal.append(["set", Change._meta.label, "account_id", pks, gone.pk, kept.pk])


def _keep(mover: Mover, rtype: RecordType, kept: Any, gone: Any) -> list[dict[str, Any]]:
    ctx = mover.ctx
    left_out = [
        {"type": found.name, "id": str(row.pk), "title": str(row), "into": str(winner) if winner else None}
        for row, winner in mover.folded
        if (found := type_of(type(row)))
    ]
    common = {"at": ctx.now, "by_id": ctx.actor.user_id, "batch": ctx.batch}
    main = Merge.objects.create(
        record_type=rtype.name,
        merged_id=gone.pk,
        merged_key=getattr(gone, rtype.lookup, "") if rtype.lookup else "",
        survivor_id=kept.pk,
        title=str(gone)[:250],
        journal=mover.journal,
        left_out=left_out,
        **common,
    )
    parts = [
        Merge(
            record_type=found.name,
            merged_id=row.pk,
            survivor_id=winner,
            title=str(row)[:250],
            part_of=main,
            **common,
        )
        for row, winner in mover.folded
        if winner is not None and (found := type_of(type(row)))
    ]
    Merge.objects.bulk_create(parts)
    return left_out


def _announce(ctx: Context, rtype: RecordType, record: Any) -> None:
    """Tell who listens that what is known of an account is another now; `merge` means all of it at once."""
    if rtype.after_merge:
        rtype.after_merge(ctx, record)
    account = record if rtype.is_account else getattr(record, "account", None)
    if account is not None:
        services.tell(ctx, registry.get("account"), account, "merge", frozenset(), account.pk)


# -- taking back ---------------------------------------------------------------------------------------------------


def _refuse_changed(found: Any) -> None:
    """Refuse where a value that the merge set was set again since, or a row went."""
    last: dict[tuple[str, str, int], Any] = {}
    for what, label, *rest in found.journal:
        if what == "set":
            column, pks, _old, new = rest
            last |= {(label, column, pk): new for pk in pks}
    by_column: dict[tuple[str, str], dict[int, Any]] = {}
    for (label, column, pk), new in last.items():
        by_column.setdefault((label, column), {})[pk] = new
    changed: list[str] = []
    for (label, column), wanted in by_column.items():
        model: Any = apps.get_model(label)
        there: dict[int, Any] = {}
        for chunk in in_chunks(wanted):
            there |= dict(model._base_manager.filter(pk__in=chunk).values_list("pk", column))
        for pk, value in wanted.items():
            if pk not in there or plain(there[pk]) != value:
                row = model._base_manager.filter(pk=pk).first()
                field = model._meta.get_field(column)
                changed.append(f"{row if row is not None else model._meta.verbose_name} ({field.verbose_name})")
    if changed:
        raise Refused(
            f"Changed since the merge: {', '.join(changed[:5])}{' and more' if len(changed) > 5 else ''}. "
            "Put that back first, or leave the two merged.",
            [{"loc": ["merge"], "msg": one} for one in changed[:50]],
        )


def _reverse(journal: list[list[Any]]) -> Lines:
    """Put every row back, last first; return what the ledger is told."""
    lines: Lines = {}
    for what, label, *rest in reversed(journal):
        model: Any = apps.get_model(label)
        if what == "drop":
            columns = {column: stored(model, column, value) for column, value in rest[0].items()}
            model._base_manager.bulk_create([model(**columns)])
            continue
        column, pks, old, new = rest
        for chunk in in_chunks(pks):
            model._base_manager.filter(pk__in=chunk).update(**{column: stored(model, column, old)})
        rtype = type_of(model) if issubclass(model, Record) else None
        if rtype is not None:
            for pk in pks:
                _note_back(lines, rtype, model, column, pk, old, new)
    return lines


def _note_back(lines: Lines, rtype: RecordType, model: Any, column: str, pk: int, old: Any, new: Any) -> None:
    told = lines.setdefault((rtype.name, pk), Told())
    name = model._meta.get_field(column).name
    if column == "deleted_at":
        told.action = Change.Action.RESTORE
    elif column == "custom":
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                told.changes[f"custom.{key}"] = [new.get(key), old.get(key)]
    elif name in rtype.specs:
        told.changes[name] = [told.changes[name][0] if name in told.changes else new, old]


def _refuse_between(rtype: RecordType, kept: Any, gone: Any) -> None:
    """Refuse where something that was added to the survivor since hangs on what goes back."""
    if not rtype.is_account:
        return
    hanging: list[str] = []
    for other in registry.all():
        path = other.account_pk_path
        if not path or other.is_account:
            continue
        for name, spec in other.specs.items():
            target = registry.get(spec.target) if spec.kind in ("ref", "refs") else None
            if target is None or target.is_account or not target.account_pk_path or name in other.loose:
                continue
            theirs = Q(**{f"{name}__{target.account_pk_path}": gone.pk})
            rows = other.model.objects.filter(theirs, deleted_at__isnull=True, **{path: kept.pk})
            hanging += [f"{other.label} {row}" for row in rows.order_by("pk").distinct()[:3]]
    if hanging:
        raise Refused(
            f"Added since the merge and tied to what goes back to {gone}: {', '.join(hanging[:5])}. "
            "Untie or delete that first.",
            [{"loc": ["merge"], "msg": one} for one in hanging],
        )


def merge_in(ctx: Context, batch: uuid.UUID) -> Any:
    """Return the merge of a batch whose survivor the actor sees, or raise `NotFound`."""
    found = Merge.objects.filter(batch=batch, part_of__isnull=True).first()
    if found is None:
        raise NotFound("There is no such merge.")
    rtype = registry.get(found.record_type)
    if not rtype.model.objects.filter(rtype.scope(ctx.actor), pk=found.survivor_id).exists():
        raise NotFound("There is no such merge.")
    return found


def by_field(values: Mapping[str, str]) -> list[str]:
    """Return the fields whose value comes from the merged record, of `{field: "survivor" or "merged"}`.

    Raises `Invalid` for any other word.
    """
    wrong = {
        name: "survivor or merged is expected." for name, side in values.items() if side not in ("survivor", "merged")
    }
    if wrong:
        raise Invalid.fields(wrong)
    return [name for name, side in values.items() if side == "merged"]


services.whole.append(take_back)
