"""Moves everything that points at a record to another one, and keeps how each row was.

Which rows those are follows from the models: every foreign key and every link table, of records and of what hangs on them.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Value

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.links import linked_ids
from trackline.kit.records.models import Record
from trackline.kit.records.services import change_of
from trackline.kit.records.types import RecordType, registry

_CHUNK = 500
_computed: set[type[models.Model]] = set()


def stays(*tables: type[models.Model]) -> None:
    """Declare tables whose rows stay with the record they were computed for when it is merged: they are computed anew."""
    _computed.update(tables)


def pointing(model: type[models.Model]) -> Iterator[Any]:
    """Yield the foreign keys, of any table but computed ones, that lead to rows of a model."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (relation.one_to_many or relation.one_to_one) and relation.auto_created:
            found: Any = relation
            if found.field.model not in _computed:
                yield found.field


def type_of(model: type[models.Model]) -> RecordType | None:
    """Return the record type of a model, or None for a table that is none."""
    return next((found for found in registry.all() if found.model is model), None)


def plain(value: Any) -> Any:
    """Return a column's value as the journal keeps it."""
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def stored(model: type[models.Model], column: str, value: Any) -> Any:
    """Return what `plain` made of a column's value as it was."""
    found: Any = model._meta.get_field(column)
    if value is None or isinstance(found, models.JSONField):
        return value
    return found.target_field.to_python(value) if found.is_relation else found.to_python(value)


@dataclass
class Told:
    """What the ledger is told of one record: the action and each field's before and after."""

    action: str = Change.Action.UPDATE
    changes: dict[str, list[Any]] = field(default_factory=dict)


Lines = dict[tuple[str, int], Told]


def write_lines(ctx: Context, lines: Lines) -> None:
    """Let every record told of go on by one version, and write its line into the ledger."""
    by_type: dict[str, list[int]] = {}
    for name, pk in lines:
        by_type.setdefault(name, []).append(pk)
    written: list[Change] = []
    for name, pks in by_type.items():
        rtype = registry.get(name)
        along = rtype.account.rpartition("__")[0]
        for chunk in in_chunks(pks):
            rows = rtype.model.objects.filter(pk__in=chunk).order_by("pk")
            rows.update(version=F("version") + 1, updated_at=ctx.now, updated_by_id=ctx.actor.user_id)
            for record in rows.select_related(along) if along else rows:
                told = lines[name, record.pk]
                written.append(change_of(ctx, rtype, record, told.action, told.changes, rtype.account_of(record)))
    Change.objects.bulk_create(written, batch_size=_CHUNK)


def in_chunks(pks: Iterable[int]) -> Iterator[list[int]]:
    """Yield ids in portions that a statement takes."""
    listed = list(pks)
    for at in range(0, len(listed), _CHUNK):
        yield listed[at : at + _CHUNK]


class Mover:
    """Moves rows from one record to another: what moved (`journal`), what the ledger is told (`lines`), how many records of
    each type moved (`moved`), and which stood there twice and went into one (`folded`: type, the one gone, the one left)."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx.batched()
        self.journal: list[list[Any]] = []
        self.lines: Lines = {}
        self.moved: Counter[str] = Counter()
        self.folded: list[tuple[Any, int | None]] = []

    def fold(self, model: type[models.Model], loser: int, winner: int) -> None:
        """Move everything that points at a row to another row of its model."""
        for key in pointing(model):
            if key.model._meta.auto_created:
                self._move_links(key, loser, winner)
            else:
                self._move(key, loser, winner)

    def set(self, record: Any, values: Mapping[str, Any]) -> None:
        """Change columns of a row."""
        model = type(record)
        for column, value in values.items():
            self._note(model, column, [record.pk], getattr(record, column), value)
            setattr(record, column, value)
        model._base_manager.filter(pk=record.pk).update(**values)

    def tell(self, rtype: RecordType, pk: int, changes: Mapping[str, list[Any]], action: str = "") -> None:
        """Note for the ledger what became of a record."""
        told = self.lines.setdefault((rtype.name, pk), Told())
        for name, (old, new) in changes.items():
            told.changes[name] = [told.changes[name][0] if name in told.changes else old, new]
        told.action = action or told.action

    def retire(self, row: Any, winner: int | None) -> None:
        """Take away a row whose place is taken: a record is deleted and leads to the other one, any other row is dropped."""
        model = type(row)
        if not isinstance(row, Record):
            columns = {one.attname: plain(getattr(row, one.attname)) for one in model._meta.concrete_fields}
            self.journal.append(["drop", model._meta.label, columns])
            model._base_manager.filter(pk=row.pk).delete()
            return
        self.set(row, {"deleted_at": self.ctx.now, "deletion": self.ctx.batch})
        if rtype := type_of(model):
            self.tell(rtype, row.pk, {}, Change.Action.DELETE)
        self.folded.append((row, winner))

    # -- inside ----------------------------------------------------------------------------------------------------

    def _note(self, model: type[models.Model], column: str, pks: list[int], old: Any, new: Any) -> None:
        self.journal.append(["set", model._meta.label, column, pks, plain(old), plain(new)])

    def _move(self, key: Any, loser: int, winner: int) -> None:
        model = key.model
        rows = {row.pk: row for row in model._base_manager.filter(**{key.attname: loser}).order_by("pk")}
        if model is key.related_model:
            # The two may point at each other; `merging` says where the survivor points from then on.
            rows.pop(loser, None)
            rows.pop(winner, None)
        for pk, twin in _twins(key, loser, winner).items():
            if pk not in rows or self._gives_way(rows[pk], key, winner):
                rows.pop(pk, None)
                continue
            row = rows.pop(pk)
            self.fold(model, pk, twin)
            self.retire(row, twin)
        self._point(key, rows, winner)

    def _point(self, key: Any, rows: dict[int, Any], winner: int) -> None:
        if not rows:
            return
        try:
            with transaction.atomic():
                self._write(key, rows, winner)
        except IntegrityError:
            # One of them cannot stand so: somebody who influences themselves, for one.
            for pk, row in list(rows.items()):
                try:
                    with transaction.atomic():
                        self._write(key, {pk: row}, winner)
                except IntegrityError:
                    rows.pop(pk)
                    self.retire(row, None)
        if not rows:
            return
        loser = getattr(next(iter(rows.values())), key.attname)
        self._note(key.model, key.attname, list(rows), loser, winner)
        rtype = type_of(key.model)
        for pk, row in rows.items():
            setattr(row, key.attname, winner)
            if rtype is not None and row.deleted_at is None:
                self.moved[rtype.name] += 1
                if key.name in rtype.specs:
                    self.tell(rtype, pk, {key.name: [loser, winner]})

    @staticmethod
    def _write(key: Any, rows: Iterable[int], winner: int) -> None:
        for chunk in in_chunks(rows):
            key.model._base_manager.filter(pk__in=chunk).update(**{key.attname: winner})

    def _gives_way(self, row: Any, key: Any, winner: int) -> bool:
        rtype = type_of(type(row))
        for values in rtype.gives_way if rtype else ():
            try:
                with transaction.atomic():
                    type(row)._base_manager.filter(pk=row.pk).update(**values, **{key.attname: winner})
            except IntegrityError:
                continue
            wanted = {**values, key.attname: winner}
            before = {column: getattr(row, column) for column in wanted}
            for column, value in wanted.items():
                self._note(type(row), column, [row.pk], before[column], value)
            changed = {name: [before[name], value] for name, value in values.items() if before[name] != value}
            self.tell(rtype, row.pk, changed | {key.name: [before[key.attname], winner]})  # type: ignore[arg-type]
            self.moved[rtype.name] += 1  # type: ignore[union-attr]
            return True
        return False

    def _move_links(self, key: Any, loser: int, winner: int) -> None:
        through, owner = key.model, key.model._meta.auto_created
        link = next(one for one in owner._meta.many_to_many if one.remote_field.through is through)
        rtype, source = type_of(owner), f"{link.m2m_field_name()}_id"
        rows = {row.pk: row for row in through._base_manager.filter(**{key.attname: loser}).order_by("pk")}
        if not rows:
            return
        owners = {winner} if key.attname == source else {getattr(row, source) for row in rows.values()}
        spec = rtype.links.get(link.name) if rtype else None
        before = linked_ids(spec, rtype, owners) if spec and rtype else {}
        for pk in _twins(key, loser, winner):
            self.retire(rows.pop(pk), None)
        self._point(key, rows, winner)
        if spec and rtype:
            after = linked_ids(spec, rtype, owners)
            living = rtype.model.objects.filter(pk__in=owners, deleted_at__isnull=True).values_list("pk", flat=True)
            for pk in living:
                if before.get(pk) != after.get(pk):
                    self.tell(rtype, pk, {link.name: [before.get(pk, []), after.get(pk, [])]})


def _twins(key: Any, loser: int, winner: int) -> dict[int, int]:
    """Rows of the loser that would stand in the place of one of the winner's, with that one."""
    model = key.model
    found: dict[int, int] = {}
    for constraint in _unique(model):
        names = [name for name in constraint.fields if name != key.name]
        words = {f"unique_{at}": one for at, one in enumerate(constraint.expressions) if one != F(key.name)}
        if len(names) == len(constraint.fields) and len(words) == len(constraint.expressions):
            continue  # it does not ask whose row it is
        rows = model._base_manager.annotate(**words)
        if constraint.condition is not None:
            rows = rows.filter(constraint.condition)
        rows = rows.order_by("pk").values_list("pk", *names, *words)
        taken = {tuple(values): pk for pk, *values in rows.filter(**{key.attname: winner})}
        if taken:
            for pk, *values in rows.filter(**{key.attname: loser}):
                if None not in values and tuple(values) in taken:
                    found.setdefault(pk, taken[tuple(values)])
    return found


def _unique(model: type[models.Model]) -> Iterator[models.UniqueConstraint]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield constraint
    for at, names in enumerate(model._meta.unique_together):
        yield models.UniqueConstraint(fields=list(names), name=f"{model._meta.db_table}_together_{at}")
    for one in model._meta.concrete_fields:
        if one.unique and not one.primary_key:
            yield models.UniqueConstraint(fields=[one.name], name=f"{model._meta.db_table}_{one.name}")


def batched(ctx: Context, note: str) -> Context:
    """Return a context whose writes belong together, under a note."""
    return replace(ctx, batch=uuid.uuid4(), note=note)


def counted(model: type[models.Model], pk: int) -> dict[str, int]:
    """Return how many living records of each type point at a row, in one query."""
    parts = []
    for key in pointing(model):
        if (rtype := type_of(key.model)) and not key.model._meta.auto_created:
            rows = key.model._base_manager.filter(**{key.attname: pk}, deleted_at__isnull=True).order_by()
            parts.append(rows.values_list(Value(rtype.name), "pk"))
    found: dict[str, set[int]] = {}
    for name, record in parts[0].union(*parts[1:], all=True):
        found.setdefault(name, set()).add(record)
    return {name: len(pks) for name, pks in found.items()}
