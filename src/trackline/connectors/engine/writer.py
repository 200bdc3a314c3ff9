"""Writes records of one type in bulk, each with its history, external id and search text, as `kit.records` would."""

from __future__ import annotations

import itertools
from typing import Any

from trackline.connectors.engine.sql import Ids, Inserter, Updater, to_ledger
from trackline.kit.history.models import Change
from trackline.kit.models import ExternalId
from trackline.kit.policy import Context
from trackline.kit.records.text import normalise
from trackline.kit.records.types import RecordType

_KEPT_BY_BASE = frozenset(
    {"created_at", "updated_at", "created_by_id", "updated_by_id", "version", "deleted_at", "deletion"}
)
_SEARCH_LENGTH = 4_000
_TITLE_LENGTH = 250


class RecordWriter:
    """Buffers inserts and updates of one record type; `flush` writes them. Use within one transaction."""

    def __init__(self, ctx: Context, rtype: RecordType, system: str, dead: set[str]) -> None:
        self._ctx = ctx
        self.rtype = rtype
        self._system = system
        self._dead = dead
        self._ids = Ids(rtype.model)
        model = rtype.model
        by = ctx.actor.user_id
        fields = [field for field in model._meta.concrete_fields if field.attname not in _KEPT_BY_BASE]
        self._defaults = {field.attname: field.get_default() for field in fields}
        self._stamps = {"created_at": ctx.now, "updated_at": ctx.now, "version": 1}
        self._stamps |= {"created_by_id": by, "updated_by_id": by}
        self._new: list[dict[str, Any]] = []
        self._updater = Updater(model)
        self._history = Inserter(
            Change,
            ["action", "record_id", "account_id", "version", "title", "changes"],
            {"at": ctx.now, "actor_id": by, "via": ctx.via, "record_type": rtype.name, "batch": ctx.batch},
        )
        self._external = Inserter(ExternalId, ["record_id", "value"], {"record_type": rtype.name, "system": system})
        self._freed: list[str] = []
        self.accounts: set[int] = set()

    def reserve(self) -> int:
        """A key for a record that will be inserted."""
        return self._ids.take()

    def insert(self, pk: int, values: dict[str, Any], custom: dict[str, Any], external_id: str) -> None:
        """Take a new record. `values` are stored values by attribute name (`owner_id`)."""
        row = {**values, "id": pk, "custom": custom}
        row["search_text"] = self.search_text(row)
        self._new.append(row)
        account = pk if self.rtype.is_account else row.get("account_id")
        self._note(account)
        self._history.add([Change.Action.CREATE.value, pk, account, 1, self.title(row), {}])
        if external_id:
            self.identify(pk, external_id)

    def update(
        self, pk: int, current: dict[str, Any], values: dict[str, Any], diff: dict[str, list[Any]], external_id: str
    ) -> None:
        """Take changed values of a record; `current` holds its stored values with `version`, `diff` goes to the ledger."""
        version = current["version"] + 1
        row = {**current, **values}
        stamped = {**values, "version": version, "updated_at": self._ctx.now, "updated_by_id": self._ctx.actor.user_id}
        if any(name in values for name in self.rtype.search):
            stamped["search_text"] = self.search_text(row)
        self._updater.add(pk, stamped)
        account = pk if self.rtype.is_account else row.get("account_id")
        self._note(account)
        self._history.add([Change.Action.UPDATE.value, pk, account, version, self.title(row), diff])
        if external_id:
            self.identify(pk, external_id)

    def identify(self, pk: int, external_id: str) -> None:
        """Take the id that the source system gives a record."""
        if external_id in self._dead:
            # A deleted record keeps its id until another one needs it.
            self._freed.append(external_id)
        self._external.add([pk, external_id])

    def _note(self, account: int | None) -> None:
        if account is not None:
            self.accounts.add(account)

    def search_text(self, row: dict[str, Any]) -> str:
        """The text that search looks through."""
        text = " ".join(str(row.get(name) or "") for name in self.rtype.search)
        if text.isascii() and "\x00" not in text:
            return " ".join(text.lower().split())[:_SEARCH_LENGTH]
        return normalise(text)[:_SEARCH_LENGTH]

    def title(self, row: dict[str, Any]) -> str:
        """What the record is called in its history."""
        return str(row.get(self.rtype.title) or "")[:_TITLE_LENGTH]

    def flush(self) -> None:
        """Write what was taken."""
        self._insert()
        self._updater.flush()
        self._history.flush()
        if self._freed:
            for start in range(0, len(self._freed), 500):
                ExternalId.objects.filter(
                    record_type=self.rtype.name, system=self._system, value__in=self._freed[start : start + 500]
                ).delete()
            self._freed = []
        self._external.flush()

    def _insert(self) -> None:
        """Write the new records; columns that none of them sets are constants of the statement."""
        if not self._new:
            return
        rows, used = self._new, set[str]().union(*self._new)
        columns = {name: default for name, default in self._defaults.items() if name in used}
        inserter = Inserter(self.rtype.model, list(columns), self._stamps)
        inserter.write([[row.get(name, default) for row in rows] for name, default in columns.items()])
        self._new = []


class LookingWriter(RecordWriter):
    """Writes nothing: for a look at what an import would do. New records get keys below zero."""

    _next = itertools.count(-2, -1)  # -1 is AMBIGUOUS

    def __init__(self, ctx: Context, rtype: RecordType, system: str, dead: set[str]) -> None:
        self.rtype = rtype
        self.accounts = set()

    def reserve(self) -> int:
        """A key that no record has."""
        return next(self._next)

    def insert(self, pk: int, values: dict[str, Any], custom: dict[str, Any], external_id: str) -> None:
        """Nothing."""

    def update(
        self, pk: int, current: dict[str, Any], values: dict[str, Any], diff: dict[str, list[Any]], external_id: str
    ) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""


def ledger_pair(before: Any, after: Any) -> list[Any]:
    """From and to as the ledger keeps them."""
    return [to_ledger(before), to_ledger(after)]
