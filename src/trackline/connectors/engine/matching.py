"""Which record a row is about: by external id, then by address, then by exact name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.connectors.engine.candidates import NEEDED, UNIQUE, Candidate
from trackline.connectors.engine.identities import ADDRESS, AMBIGUOUS, Identities, natural_fields
from trackline.connectors.engine.references import Unresolved
from trackline.connectors.engine.sql import attname
from trackline.connectors.mapping.drafts import Draft
from trackline.kit.records.types import RecordType


class Matcher:
    """Finds the records of one table's rows."""

    def __init__(self, rtype: RecordType, own: Identities, headings: Mapping[str, str]) -> None:
        self._rtype = rtype
        self._name = rtype.name
        self._own = own
        self._headings = headings
        names = (*natural_fields(rtype), ADDRESS.get(rtype.name, ""), rtype.lookup)
        self._known_by = tuple(name for name in names if name)
        self._shared_domains: set[str] = set()
        #: In an import of our own exports: the records that rows are about, with the ids of those rows.
        self._taken: dict[int, str] = {}

    def share_domains(self, domains: set[str]) -> None:
        """Domains that several rows have say nothing about which record a row means."""
        self._shared_domains = domains

    def identity(self, draft: Draft) -> dict[str, Any]:
        """The values by which the record is known from now on."""
        values, defaults = draft.values, draft.defaults
        return {name: values.get(name, defaults.get(name)) for name in self._known_by}

    def find(self, draft: Draft) -> int | None:
        """The existing record of a row. Raises `Unresolved` where several have its name, or it is out of sight."""
        return self._own_row(draft) if self._own.of_own_export and draft.external_id else self._foreign_row(draft)

    def take(self, pk: int, draft: Draft) -> None:
        """Note which record a row is about."""
        if self._own.of_own_export:
            self._taken[pk] = draft.external_id

    def _own_row(self, draft: Draft) -> int | None:
        """Rows of our own exports are records of their own, also where they have one name."""
        own, mine = self._own, draft.external_id
        known = own.by_external(mine)
        if known is not None:
            return known
        alias = self._rtype.lookup
        first = own.by_alias(str(draft.values.get(alias, ""))) if alias else None
        first = self._by_address(draft) if first is None else first
        found = own.all_named(self.identity(draft)) if first is None else [first]
        free = [pk for pk in found if self._taken.get(pk, mine) == mine]
        return most_alike(self._rtype, free, draft.values) if len(free) > 1 else next(iter(free), None)

    def _foreign_row(self, draft: Draft) -> int | None:
        own, external_id = self._own, draft.external_id
        if external_id:
            if own.is_hidden(external_id):
                raise Unresolved("", external_id, f"This id belongs to {self._a_record()} that you cannot see.")
            found = own.by_external(external_id)
            if found is not None or own.all_identified():
                return found
        alias = self._rtype.lookup
        found = own.by_alias(str(draft.values.get(alias, ""))) if alias else None
        if found is None:
            found = self._by_address(draft)
        return self._by_name(draft) if found is None else found

    def _by_address(self, draft: Draft) -> int | None:
        name = ADDRESS.get(self._name)
        address = draft.values.get(name) if name else None
        if not address:
            return None
        if self._name == "account" and (address in self._shared_domains or self._own.by_name(self.identity(draft))):
            # Sister companies share a web site; and an account of exactly this name is the surer find.
            return None
        found = self._own.by_address(address, draft.values.get("account"))
        return found if found is not None and self._may_be(draft, found) else None

    def _by_name(self, draft: Draft) -> int | None:
        found = self._own.by_name(self.identity(draft))
        if found == AMBIGUOUS:
            if draft.external_id:
                return None
            names = self._rtype.labels.lower()
            raise Unresolved("", "", f"Several {names} have this name. Tell them apart by an id.")
        return found if found is not None and self._may_be(draft, found) else None

    def _may_be(self, draft: Draft, pk: int) -> bool:
        """Two ids of one system are two records; so are two e-mail addresses of contacts with one name."""
        if draft.external_id and self._own.is_identified(pk):
            return False
        if self._name == "contact":
            mine, theirs = str(draft.values.get("email") or "").casefold(), self._own.email_of(pk)
            return not (mine and theirs and mine != theirs)
        return True

    def refuse_unnamed(self, draft: Draft) -> None:
        """Refuse a row without what its record cannot be without. Raises `Unresolved`."""
        name = NEEDED.get(self._name)
        if name and not draft.values.get(name) and not draft.defaults.get(name):
            label = self._rtype.specs[name].label.lower()
            raise Unresolved(self._headings.get(name, ""), "", f"No {label}: {self._a_record()} needs one.")

    def refuse_clash(self, candidate: Candidate) -> None:
        """Refuse a row that gives its record what another one has and must have alone. Raises `Unresolved`."""
        unique = UNIQUE.get(self._name)
        value = candidate.draft.values.get(unique) if unique else None
        if not unique or not value:
            return
        if unique == "email":
            other = self._own.by_address(value, candidate.draft.values.get("account"))
            what = "contact of this account has this e-mail address"
        else:
            other = self._own.by_name(self.identity(candidate.draft))
            what = f"{self._rtype.label.lower()} has this name"
        if other is not None and other not in (candidate.pk, AMBIGUOUS):
            raise Unresolved(self._headings.get(unique, ""), str(value), f"Another {what}.")

    def _a_record(self) -> str:
        noun = self._rtype.label.lower()
        return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def most_alike(rtype: RecordType, pks: list[int], values: Mapping[str, Any]) -> int:
    """The record that has most of a row's values, the oldest of several."""
    names = {attname(rtype.model, name): name for name in rtype.stored if name in values}
    rows = rtype.model.objects.filter(pk__in=pks).order_by("pk").values("pk", *names)
    alike: dict[int, int] = {
        row["pk"]: sum(row[column] == values[name] for column, name in names.items()) for row in rows
    }
    return max(alike, key=lambda pk: (alike[pk], -pk), default=pks[0])
