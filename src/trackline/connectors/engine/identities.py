"""Who is who: finds the record that a row or a reference means.

A record is found by the id another system gives it, then by its address (e-mail, web domain), then by its exact name,
compared without case, accents and outer spaces. The keys of a record type are held in memory while a run needs them,
about 300 bytes a record.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from rapidfuzz import fuzz, process

from trackline.accounts.names import legal_forms
from trackline.connectors.engine.sql import attname
from trackline.connectors.profiles import OWN
from trackline.connectors.values.addresses import domain_of
from trackline.connectors.values.words import fold, squeeze, words_of
from trackline.kit.models import ExternalId
from trackline.kit.policy import Context
from trackline.kit.records.merges import merged_into
from trackline.kit.records.types import RecordType, registry

AMBIGUOUS = -1
"""Stands for a key that several records share."""

#: Fields that name a record of a type, the text last. Records of an account are looked for within it.
NATURAL: dict[str, tuple[str, ...]] = {
    "account": ("name",),
    "user": ("name",),
    "product": ("name",),
    "contact": ("account", "name"),
    "business_unit": ("account", "name"),
    "contract": ("account", "ref"),
    "route": ("account", "title"),
    "issue": ("account", "title"),
    "note": ("account", "title"),
    "interaction": ("account", "on", "summary"),
}
#: The field that holds an address of the record.
ADDRESS = {"account": "domain", "user": "email", "contact": "email"}
#: So alike a name must be to be a hint, of 100: a slip or two, not another company.
_ALIKE = 80
_MAX_SUGGESTIONS = 300


def natural_fields(rtype: RecordType) -> tuple[str, ...]:
    """The fields by which records of a type are known to people."""
    if rtype.name in NATURAL:
        return NATURAL[rtype.name]
    return ("account", rtype.title) if rtype.account == "account" else (rtype.title,)


class Identities:
    """The records of one type, as one actor sees them, with the ids of one source system."""

    def __init__(self, ctx: Context, rtype: RecordType, system: str, own_book: bool = False) -> None:
        self.rtype = rtype
        self._ctx = ctx
        self._system = system
        self._own_book = own_book
        self._external: dict[str, int] = {}
        #: External ids that the database holds, this run's included.
        self._stored: dict[str, int] = {}
        self._aliases: dict[str, int] = {}
        self._gone: set[int] = set()
        self._identified: set[int] = set()
        self._natural: dict[Hashable, int] = {}
        #: Names that several records have → those records.
        self._doubles: dict[Hashable, list[int]] = {}
        self._addresses: dict[Hashable, int] = {}
        self._emails: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._owner_account: dict[int, int] = {}
        self._alive: set[int] = set()
        self._hidden: set[str] = set()
        self._suggested = 0
        #: Ids that only deleted records hold; another record may take them.
        self.dead: set[str] = set()
        #: Records whose names are not looked up yet; folding them waits until somebody asks for a name.
        self._pending: list[tuple[int, dict[str, Any]]] = []
        #: What of a record its keys are made of: nothing else of it is kept.
        self._telling = {*natural_fields(rtype), ADDRESS.get(rtype.name, ""), "account", "name"}
        self._load()

    def _load(self) -> None:
        fields = natural_fields(self.rtype)
        address, alias = ADDRESS.get(self.rtype.name, ""), self.rtype.lookup
        more = [name for name in (address, alias) if name]
        attnames = [attname(self.rtype.model, name) for name in fields]
        query = self.rtype.model.objects.filter(self.rtype.scope(self._ctx.actor), deleted_at__isnull=True)
        for row in query.values_list("pk", *attnames, *more).iterator(chunk_size=5_000):
            pk, values = row[0], dict(zip((*fields, *more), row[1:], strict=True))
            self._alive.add(pk)
            self._pending.append((pk, values))
            if alias:
                self._aliases[values[alias].casefold()] = pk
        if self._system == OWN:
            # Ids of our own exports are keys, and mean our records only where the file is of this book.
            self._external = {str(pk): pk for pk in self._alive} if self._own_book else {}
            return
        ids = ExternalId.objects.filter(record_type=self.rtype.name, system=self._system)
        hidden: dict[str, int] = {}
        for pk, value in ids.values_list("record_id", "value").iterator(chunk_size=5_000):
            if pk in self._alive:
                self._external[value] = self._stored[value] = pk
                self._identified.add(pk)
            else:
                hidden[value] = pk
        for value, pk in self._merged(hidden).items():
            # A merged record's id means its survivor, which may have another id of the system.
            self._external[value] = self._stored[value] = pk
            del hidden[value]
        self.dead = set(hidden)
        if hidden and self._ctx.actor.visible is not None:
            living = set(self.rtype.model.objects.filter(deleted_at__isnull=True).values_list("pk", flat=True))
            self._hidden = {value for value, pk in hidden.items() if pk in living}
            self.dead -= self._hidden

    def _merged(self, ids: dict[str, int]) -> dict[str, int]:
        survivors = merged_into(self.rtype) if ids else {}
        return {value: survivors[pk] for value, pk in ids.items() if survivors.get(pk) in self._alive}

    def add(self, pk: int, values: dict[str, Any], external_id: str) -> None:
        """Make a new or renamed record known."""
        self._alive.add(pk)
        if alias := values.get(self.rtype.lookup):
            self._aliases[str(alias).casefold()] = pk
        self._pending.append((pk, {name: values[name] for name in self._telling if name in values}))
        if external_id:
            self._external[external_id] = pk
            if self._system != OWN:
                self._identified.add(pk)

    def store(self, pk: int, external_id: str) -> None:
        """Note that the database now holds the external id of a record."""
        self._stored[external_id] = pk

    def forget(self, pk: int) -> None:
        """Take back a record that was expected but will not come."""
        self._gone.add(pk)

    def _catch_up(self) -> None:
        """Make the names of pending records known."""
        if self._pending:
            pending, self._pending = self._pending, []
            for pk, values in pending:
                self._note(pk, values)

    def _note(self, pk: int, values: dict[str, Any]) -> None:
        address = values.get(ADDRESS.get(self.rtype.name, ""), "")
        if self.rtype.name in ("account", "user", "product"):
            self._names[pk] = values.get("name", "")
        if "account" in values:
            self._owner_account[pk] = values["account"]
        key = self.natural_key(values)
        if key is not None:
            there = self._natural.get(key, pk)
            if there != pk:
                self._doubles.setdefault(key, [there]).append(pk)
            self._put(self._natural, key, pk)
        if address:
            self._put(self._addresses, self._address_key(values, address), pk)
            if self.rtype.name == "contact":
                self._emails[pk] = address.casefold()

    @staticmethod
    def _put(table: dict[Hashable, int], key: Hashable, pk: int) -> None:
        table[key] = pk if table.get(key, pk) == pk else AMBIGUOUS

    @property
    def text_field(self) -> str:
        """The field that holds the name of a record."""
        return natural_fields(self.rtype)[-1]

    def natural_key(self, values: dict[str, Any]) -> Hashable | None:
        """The name of a record as it is compared, or `None` where it has none."""
        fields = natural_fields(self.rtype)
        text = str(values.get(fields[-1]) or "")
        if not text or any(values.get(name) is None for name in fields[:-1]):
            return None
        # A product is the same whatever the spaces in its name.
        folded = squeeze(text) or fold(text) if self.rtype.name == "product" else fold(text)
        return (*(values[name] for name in fields[:-1]), folded)

    def _address_key(self, values: dict[str, Any], address: str) -> Hashable:
        if self.rtype.name == "contact":
            return (values.get("account"), address.casefold())
        return domain_of(address) if self.rtype.name == "account" else address.casefold()

    # -- looking up ------------------------------------------------------------------------------------------------

    def by_external(self, external_id: str) -> int | None:
        """The record another system gave this id."""
        return self._living(self._external.get(external_id))

    def _living(self, pk: int | None) -> int | None:
        return None if pk in self._gone else pk

    def holds(self, external_id: str, pk: int) -> bool:
        """Whether the database holds this id for this record."""
        return self._stored.get(external_id) == pk

    def by_alias(self, text: str) -> int | None:
        """The account with this key, the user with this sign-in name."""
        return self._living(self._aliases.get(text.casefold())) if text else None

    def is_hidden(self, external_id: str) -> bool:
        """Whether a record outside the actor's scope holds this id."""
        return external_id in self._hidden

    def by_address(self, address: str, account: int | None = None) -> int | None:
        """The one record with this e-mail or domain; `None` where there is none or several."""
        self._catch_up()
        found = self._addresses.get(self._address_key({"account": account}, address))
        return None if found == AMBIGUOUS else self._living(found)

    def by_name(self, values: dict[str, Any]) -> int | None:
        """The record with this name, `AMBIGUOUS` where several have it."""
        self._catch_up()
        key = self.natural_key(values)
        return None if key is None else self._living(self._natural.get(key))

    def all_named(self, values: dict[str, Any]) -> list[int]:
        """All records with this name, in the order in which they were made."""
        self._catch_up()
        key = self.natural_key(values)
        if key is None or key not in self._natural:
            return []
        listed = dict.fromkeys(self._doubles.get(key) or [self._natural[key]])
        return [pk for pk in listed if pk not in self._gone]

    @property
    def of_own_export(self) -> bool:
        """Whether the ids are those of our own exports."""
        return self._system == OWN

    def all_identified(self) -> bool:
        """Whether every record has an id of the source system, so that names cannot find one for a new id."""
        return len(self._identified) >= len(self._alive)

    def is_identified(self, pk: int) -> bool:
        """Whether the source system has already given the record an id."""
        return pk in self._identified

    def email_of(self, pk: int) -> str:
        """The e-mail of a contact, folded."""
        self._catch_up()
        return self._emails.get(pk, "")

    def account_of(self, pk: int) -> int | None:
        """The account that a record belongs to."""
        self._catch_up()
        return self._owner_account.get(pk)

    def name_of(self, pk: int) -> str:
        """The name of an account, user or product."""
        self._catch_up()
        return self._names.get(pk, "")

    def suggest(self, text: str) -> str:
        """The name most like a text, as a hint for a rejected cell; searched for a few hundred cells only."""
        self._catch_up()
        self._suggested += 1
        if self._suggested > _MAX_SUGGESTIONS or not self._names:
            return ""
        found = process.extractOne(text, self._names, scorer=fuzz.ratio, processor=_bare, score_cutoff=_ALIKE)
        return str(found[0]) if found else ""


def _bare(name: str) -> str:
    """A name as it is compared for a hint: without the legal form behind it, that many have."""
    words = words_of(name)
    while len(words) > 1 and (words[-1] in legal_forms() or len(words[-1]) == 1):
        words.pop()
    return " ".join(words)


class Directory:
    """The identities of all record types of one run, loaded when first asked for."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._loaded: dict[tuple[str, str], Identities] = {}
        #: Whether files that this product exported are of this very book.
        self.own_book = False
        #: Systems of files to come that must hear of records which the database will not hold, in a dry run.
        self.systems: set[str] = set()
        #: `@AccountRef1` of tree files → record type and key.
        self.references: dict[str, tuple[str, int]] = {}

    def of(self, record_type: str, system: str) -> Identities:
        """The identities of a type, with the ids of a system."""
        key = (record_type, system)
        if key not in self._loaded:
            self._loaded[key] = Identities(self._ctx, registry.get(record_type), system, self.own_book)
        return self._loaded[key]

    def add(self, record_type: str, system: str, pk: int, values: dict[str, Any], external_id: str) -> None:
        """Make a record known to all identities of its type that are loaded."""
        for each in self.systems:
            self.of(record_type, each)
        for (name, other), identities in self._loaded.items():
            if name == record_type:
                identities.add(pk, values, external_id if other == system else "")

    def store(self, record_type: str, system: str, pk: int, external_id: str) -> None:
        """Note that the database now holds the external id of a record."""
        if external_id and (record_type, system) in self._loaded:
            self._loaded[record_type, system].store(pk, external_id)

    def forget(self, record_type: str, pk: int) -> None:
        """Take back a record that was expected but will not come."""
        for (name, _), identities in self._loaded.items():
            if name == record_type:
                identities.forget(pk)
