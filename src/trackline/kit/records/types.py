"""Record types: what a room declares for a noun, and the registry that page, API, command line and import read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from django.db import models
from django.db.models import Q

from trackline.kit.policy import WRITE, Actor, Context
from trackline.kit.records.derive import spec_of
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.models import Record
from trackline.kit.records.own import Own

Prepare = Callable[[Context, Any, set[str], dict[str, list[int]]], None]
After = Callable[[Context, Any, set[str], bool], None]
Default = Callable[[Context], Any]
Intake = Callable[[Context, dict[str, Any]], None]
Twins = Callable[[Any, Any], Iterable[tuple[str, int, int]]]
Extra = Callable[[Context, list[dict[str, Any]]], None]


@dataclass(frozen=True)
class RecordType:
    """A noun: its table, the fields it shows, and the hooks that give its writes a meaning.

    `account` is the path from a row to its account (`"account"`, `"goal__account"`, `"self"` for accounts, `""` for
    records of the whole book); rights, links and the timeline follow it. With `shared` a row without account is seen
    by all. `own` says what of a record is open to whom it names, with the right to read. `parent` names the reference whose deletion takes this record along. `fixed` fields are set on creation
    only. `loose` links may point into another account. `below` names the reference by which records of the type stand
    below each other. `seen` narrows what somebody sees further, to what is shared or their own.

    `archived` names columns beside those that people write which archives bring back; one that is no field stands in archives
    alone: no page, list, form or table of a file shows it.

    `defaults` fill fields that a new record does not name. Hooks, in order of a write: `intake` completes the raw data
    of a new record by the fields in `completed`, `prepare` sets fields that follow and refuses what breaks a rule,
    `after` makes the writes that follow. `extra` adds computed values to JSON rows.

    `allow_merge` says that two records of the type may become one, and refuses a pair that must not; `after_merge` keeps what follows
    from where the two stand, after a merge and after taking it back; `twins` yields what then
    stands there twice below them: type, the one that stays, the one that goes. `gives_way` lists the values tried in turn on a
    record that a merge brings into the place of another one; where none fits the two are folded into one.
    """

    name: str
    model: type[Record]
    section: str
    fields: tuple[str, ...]
    title: str = "title"
    read_only: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ("account",)
    account: str = "account"
    shared: bool = False
    parent: str = "account"
    loose: tuple[str, ...] = ()
    below: str = ""
    seen: Callable[[Actor], Q] | None = None
    search: tuple[str, ...] = ("title",)
    order: str = "-created_at"
    columns: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    resource: str = ""
    label: str = ""
    labels: str = ""
    icon: str = "file"
    about: str = ""
    write_permission: str = WRITE
    own: Own | None = None
    lookup: str = ""
    defaults: Mapping[str, Default] = field(default_factory=dict)
    intake: Intake | None = None
    completed: tuple[str, ...] = ()
    prepare: Prepare | None = None
    after: After | None = None
    allow_delete: Callable[[Context, Any], None] | None = None
    allow_merge: Callable[[Context, Any, Any], None] | None = None
    after_merge: Callable[[Context, Any], None] | None = None
    twins: Twins | None = None
    gives_way: tuple[Mapping[str, Any], ...] = ()
    extra: Extra | None = None
    extra_schema: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    archived: tuple[str, ...] = ()

    @cached_property
    def specs(self) -> dict[str, FieldSpec]:
        """The facts of each field by name, writable ones first."""
        out: dict[str, FieldSpec] = {}
        for name in (*self.fields, *self.read_only):
            found = spec_of(
                cast(Any, self.model._meta.get_field(name)),
                required=True if name in self.required else False if name in self.defaults else None,
                read_only=name in self.read_only,
            )
            if found.target:
                target = registry.by_model(found.target)
                found = replace(found, target=target.name, by_key=bool(target.lookup))
            out[name] = found
        return out

    @cached_property
    def links(self) -> dict[str, FieldSpec]:
        """The many-to-many fields."""
        return {name: spec for name, spec in self.specs.items() if spec.kind == "refs"}

    @cached_property
    def stored(self) -> dict[str, FieldSpec]:
        """The fields with a column of their own."""
        return {name: spec for name, spec in self.specs.items() if spec.kind != "refs"}

    @property
    def archived_as(self) -> dict[str, str]:
        """What archives call each column of `archived`: by its name, unless a field of that name shows something else."""
        return {name: f"{name}_kept" if name in self.specs else name for name in self.archived}

    @property
    def table(self) -> str:
        """The database table."""
        return self.model._meta.db_table

    @property
    def is_account(self) -> bool:
        """True for the account itself."""
        return self.account == "self"

    @property
    def account_pk_path(self) -> str:
        """The path from a row to the primary key of its account, or an empty text."""
        if self.is_account:
            return "pk"
        return f"{self.account}_id" if self.account and "__" not in self.account else self.account

    def scope(self, actor: Actor) -> Q:
        """Return the filter that keeps what the actor may see."""
        if self.seen is not None:
            return self.seen(actor) & self._in_accounts(actor)
        return self._in_accounts(actor)

    def _in_accounts(self, actor: Actor) -> Q:
        if not self.account:
            return Q()
        if actor.visible is None:
            return Q()
        seen = actor.account_q(self.account_pk_path)
        return seen | Q(**{f"{self.account}__isnull": True}) if self.shared else seen

    def account_of(self, record: Any) -> int | None:
        """Return the id of the account a record belongs to."""
        if self.is_account:
            return int(record.pk) if record.pk else None
        if not self.account:
            return None
        value = record
        *steps, last = self.account.split("__")
        for step in steps:
            value = getattr(value, step)
            if value is None:
                return None
        found = getattr(value, f"{last}_id")
        return int(found) if found is not None else None


class Registry:
    """All record types, by name, by resource and by model."""

    def __init__(self) -> None:
        self._types: dict[str, RecordType] = {}

    def register(self, *types: RecordType) -> None:
        """Add record types, filling in the names that follow from `name`."""
        for declared in types:
            words = declared.name.replace("_", " ")
            label = declared.label or words.capitalize()
            labels = declared.labels or label + "s"
            resource = declared.resource or labels.lower().replace(" ", "-")
            if declared.name in self._types:
                raise ValueError(f"record type {declared.name} is declared twice")
            self._types[declared.name] = replace(declared, label=label, labels=labels, resource=resource)

    def get(self, name: str) -> RecordType:
        """Return a record type by its name, `contact`."""
        return self._types[name]

    def find(self, word: str) -> RecordType | None:
        """Return a record type by name or resource in any common spelling, or None."""
        plain = word.casefold().replace("-", "_").replace(" ", "_")
        for found in self._types.values():
            if plain in (found.name, found.resource.replace("-", "_")):
                return found
        return None

    def by_resource(self, resource: str) -> RecordType | None:
        """Return a record type by its REST resource, `contacts`."""
        return next((found for found in self._types.values() if found.resource == resource), None)

    def by_model(self, model: str | type[models.Model]) -> RecordType:
        """Return the record type of a model or model label."""
        label = model if isinstance(model, str) else model._meta.label
        return next(found for found in self._types.values() if found.model._meta.label == label)

    def all(self) -> list[RecordType]:
        """Return all record types in order of declaration."""
        return list(self._types.values())

    def children(self, parent: RecordType) -> Iterable[RecordType]:
        """Yield the types whose records go when a record of `parent` goes."""
        for found in self._types.values():
            if found.parent and found.parent in found.specs and found.specs[found.parent].target == parent.name:
                yield found


registry = Registry()
register = registry.register


def now(ctx: Context) -> Any:
    """Default a field to the moment of the write."""
    return ctx.now


def today(ctx: Context) -> Any:
    """Default a field to the day of the write."""
    return ctx.today


def nothing(_ctx: Context) -> Any:
    """Let a field that must not stay empty be left out: the room's hook fills it."""
    return None


def caller(ctx: Context) -> Any:
    """Default a field to the user who writes."""
    return ctx.actor.user_id
