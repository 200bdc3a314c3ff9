"""One file's transaction: its writers, the records it makes on the way, and what they share."""

from __future__ import annotations

from typing import Any

from trackline.connectors.engine.completion import Completion
from trackline.connectors.engine.identities import Directory
from trackline.connectors.engine.result import Result
from trackline.connectors.engine.sql import Inserter, attname
from trackline.connectors.engine.writer import LookingWriter, RecordWriter
from trackline.connectors.profiles import OWN
from trackline.kit.models import ExternalId
from trackline.kit.policy import ADMIN, Context
from trackline.kit.records.types import RecordType, registry

Values = dict[str, Any]


class Unit:
    """Writes of one file. Made anew for each file, within its transaction."""

    def __init__(
        self,
        ctx: Context,
        directory: Directory,
        result: Result,
        system: str,
        create_accounts: bool,
        later: frozenset[str] = frozenset(),
    ) -> None:
        self.ctx = ctx
        self.directory = directory
        self.result = result
        self.system = system
        self.create_accounts = create_accounts
        #: Types of records whose files are still to come; what points to them may be found in a second pass.
        self.later = later
        #: Whether a row points to a record that may still come.
        self.waits = False
        self.dry = result.dry_run
        #: Whether ids of the source are kept with the records; those of our own exports are not.
        self.keeps_ids = system != OWN
        self.completion = Completion(ctx, dry=self.dry)
        self.may_add_people = ctx.actor.may(ADMIN)
        self._writers: dict[str, RecordWriter] = {}
        self._links: dict[tuple[str, str], Inserter] = {}
        self._other_ids: list[ExternalId] = []
        #: Records made because a row names them, by resource.
        self.made: dict[str, int] = {}
        #: Accounts of records that went through the record services.
        self.gathered: set[int] = set()

    def writer(self, record_type: str) -> RecordWriter:
        """The one writer of a record type in this file."""
        if record_type not in self._writers:
            dead = self.directory.of(record_type, self.system).dead
            writer = LookingWriter if self.dry else RecordWriter
            self._writers[record_type] = writer(self.ctx, registry.get(record_type), self.system, dead)
        return self._writers[record_type]

    def make(self, record_type: str, values: Values, external_id: str = "") -> int:
        """Make a record that a row names and nobody has yet: an owner, a product, an account."""
        writer = self.writer(record_type)
        pk = writer.reserve()
        stored = {attname(writer.rtype.model, name): value for name, value in values.items()}
        self.completion.create(writer.rtype, pk, stored)
        writer.insert(pk, stored, {}, external_id if self.keeps_ids else "")
        alias = writer.rtype.lookup
        known = {**values, alias: stored[alias]} if alias in stored else values
        self.directory.add(record_type, self.system, pk, known, external_id)
        self.directory.store(record_type, self.system, pk, external_id)
        resource = writer.rtype.resource
        self.made[resource] = self.made.get(resource, 0) + 1
        self.result.created[resource] += 1
        return pk

    def identify(self, record_type: str, pk: int, ids: dict[str, str]) -> None:
        """Take the ids that other systems gave a new record; one that a record has already stays with it."""
        for system, value in ids.items():
            self._other_ids.append(ExternalId(record_type=record_type, record_id=pk, system=system, value=value))

    def link(self, rtype: RecordType, name: str, pk: int, keys: list[int]) -> None:
        """Link a new record to others (the contacts of an interaction)."""
        if self.dry:
            return
        relation: Any = rtype.model._meta.get_field(name)
        through = relation.remote_field.through
        own, other = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
        if (rtype.name, name) not in self._links:
            self._links[rtype.name, name] = Inserter(through, [own, other], {})
        for key in keys:
            self._links[rtype.name, name].add([pk, key])

    def flush(self) -> None:
        """Write everything taken so far."""
        for writer in self._writers.values():
            writer.flush()
        for links in self._links.values():
            links.flush()
        if self._other_ids and not self.dry:
            ExternalId.objects.bulk_create(self._other_ids, batch_size=500, ignore_conflicts=True)
        self._other_ids = []
        self.completion.flush()

    def accounts(self) -> set[int]:
        """Accounts whose records were touched."""
        return {pk for writer in self._writers.values() for pk in writer.accounts} | self.gathered
