"""From the words of a reference to the record they mean; what is unknown is made, left empty or refused, by its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trackline.connectors.engine.identities import AMBIGUOUS, Identities
from trackline.connectors.engine.unit import Unit
from trackline.connectors.mapping.drafts import CellProblem, Draft, Reference
from trackline.connectors.values.addresses import domain_of, is_free_mail, parse_email
from trackline.connectors.values.words import fold, is_empty_typed
from trackline.kit.records.types import registry

ACCOUNT_OWNER = "account_owner"
"""What a row of another type says of its account: counts where the row makes it."""
_RANK = {"reference": 0, "id": 1, "email": 2, "domain": 3, "": 4}
_NOBODY = frozenset(
    {"unassigned", "no owner", "nobody", "not assigned", "nicht zugewiesen", "non attribue", "sin asignar"}
)
_NAME_LENGTH = 200
NO_ACCOUNT = "There is no account called"
"""How the refusal of a row begins whose account nobody has added yet."""


@dataclass(slots=True)
class Unresolved(Exception):
    """A reference that costs its row."""

    heading: str
    value: str
    reason: str
    hint: str = ""


@lru_cache(maxsize=20_000)
def _says_something(text: str) -> bool:
    return not is_empty_typed(text) and fold(text) not in _NOBODY


class References:
    """Resolves the references of one table's rows."""

    def __init__(self, unit: Unit, links: dict[str, dict[str, str]]) -> None:
        self._unit = unit
        self._links = links

    def complete(self, draft: Draft) -> None:
        """Add the references that stand in a table of their own (`deal_company`)."""
        if not draft.external_id:
            return
        for field_name, table in self._links.items():
            target = table.get(draft.external_id)
            if target and field_name not in draft.references:
                draft.references[field_name] = [Reference("id", target, "")]

    def account(self, draft: Draft) -> int:
        """The account a row belongs to. Raises `Unresolved`."""
        given = draft.references.get("account", ())
        if given:
            found = self.resolve(draft, "account", "account", given, None)
            if found is not None:
                return found
            raise Unresolved(given[0].heading, given[0].text, f"There is no account with the id “{given[0].text}”.")
        found = self._by_mail_domain(draft)
        if found is None:
            found = self._by_contact(draft)
        if found is None:
            raise Unresolved("", "", "No account: the row does not say which account it belongs to.")
        return found

    def _by_mail_domain(self, draft: Draft) -> int | None:
        """A person without a company belongs to the account whose web domain is the one of the e-mail address."""
        domain = domain_of(str(draft.values.get("email") or ""))
        if not domain or is_free_mail(domain):
            return None
        return self._unit.directory.of("account", self._unit.system).by_address(domain)

    def _by_contact(self, draft: Draft) -> int | None:
        """A call with a known person belongs to the person's account."""
        people = self._unit.directory
        for reference in (*draft.references.get("contacts", ()), *draft.references.get("contact", ())):
            known = people.of("contact", self._unit.system)
            found = known.by_external(reference.text) if reference.by == "id" else None
            if reference.by == "reference":
                found = people.references.get(reference.text, ("", 0))[1] or None
            account = known.account_of(found) if found else None
            if account:
                return account
        return None

    def resolve(
        self, draft: Draft, field_name: str, target: str, given: Sequence[Reference], account: int | None
    ) -> int | None:
        """The record that a reference means, or `None` where it stays empty. Raises `Unresolved`."""
        named = [each for each in given if _says_something(each.text)]
        if len(named) > 1:
            named.sort(key=lambda each: _RANK[each.by])
        if not named:
            return None
        identities = self._unit.directory.of(target, self._unit.system)
        if identities.of_own_export and len(named) > 1 and (edited := self._edited(draft, named, account, identities)):
            return edited
        ambiguous: Reference | None = None
        for reference in named:
            found = self._find(identities, target, reference, account)
            if found == AMBIGUOUS:
                ambiguous = ambiguous or reference
            elif found is not None:
                return found
        if ambiguous is not None:
            label = identities.rtype.labels.lower()
            reason = f"Several {label} are called “{ambiguous.text}”. Tell them apart by an id."
            raise Unresolved(ambiguous.heading, ambiguous.text, reason)
        return self._unknown(draft, field_name, target, named, account, identities)

    def _edited(
        self, draft: Draft, named: Sequence[Reference], account: int | None, identities: Identities
    ) -> int | None:
        """The record of another name that somebody wrote beside the id of an export of ours: people edit what they read.

        A name that nobody has, as after a renaming, leaves the word to the id.
        """
        known = next((pk for each in named if each.by == "id" and (pk := identities.by_external(each.text))), None)
        name = next((each for each in named if not each.by), None)
        if known is None or name is None:
            return None
        found = identities.by_name({identities.text_field: name.text, "account": account})
        if found is None and identities.name_of(known) and fold(identities.name_of(known)) != fold(name.text):
            reason = f"Nothing is called so; the id beside it means “{identities.name_of(known)}” and counts."
            self._warn(draft, name, reason)
        if found in (None, AMBIGUOUS, known):
            return None
        self._warn(draft, name, f"The id beside it means another {identities.rtype.label.lower()}; the name counts.")
        return found

    def several(
        self, draft: Draft, field_name: str, target: str, given: Sequence[Reference], account: int | None
    ) -> list[int]:
        """The records that a list of references means. Raises `Unresolved`.

        Where names stand beside ids, ids that are all known say it, unless the names are all known and say otherwise.
        """
        ids, names = ([each for each in given if (each.by == "id") is by_id] for by_id in (True, False))
        if ids and names:
            identities = self._unit.directory.of(target, self._unit.system)
            known = {identities.by_external(each.text) for each in ids}
            meant = {identities.by_name({identities.text_field: each.text, "account": account}) for each in names}
            if None not in known and {None, AMBIGUOUS} & meant:
                return sorted(pk for pk in known if pk is not None)
            given = names
        found = [self.resolve(draft, field_name, target, [each], account) for each in given]
        return list(dict.fromkeys(pk for pk in found if pk is not None))

    def _find(self, identities: Identities, target: str, reference: Reference, account: int | None) -> int | None:
        text = reference.text
        if reference.by == "reference":
            pointed = self._unit.directory.references.get(text)
            return pointed[1] if pointed and pointed[0] == target else None
        if reference.by == "id":
            return identities.by_external(text)
        if reference.by in ("email", "domain"):
            found = identities.by_address(text, account)
            # People write names where addresses are asked for.
            return identities.by_name({"name": text}) if found is None and target == "user" else found
        found_by_name = identities.by_name({identities.text_field: text, "account": account})
        if found_by_name is not None:
            return found_by_name
        # A column of names sometimes holds ids or addresses.
        if "@" in text and target in ("user", "contact"):
            return identities.by_address(text, account)
        return identities.by_alias(text) or identities.by_external(text)

    def _unknown(
        self,
        draft: Draft,
        field_name: str,
        target: str,
        named: Sequence[Reference],
        account: int | None,
        identities: Identities,
    ) -> int | None:
        if target == "user":
            return self._person(draft, named)
        if target in self._unit.later and field_name != "account":
            self._unit.waits = True
            return None
        name = next((each for each in named if not each.by), None)
        if name is not None and len(name.text) > _NAME_LENGTH:
            reason = f"At most {_NAME_LENGTH} characters; this has {len(name.text)}."
            raise Unresolved(name.heading, name.text, reason)
        if target == "product" and name is not None:
            return self._unit.make("product", {"name": name.text})
        if target == "business_unit" and name is not None and account is not None:
            return self._unit.make("business_unit", {"account": account, "name": name.text})
        if target == "account" and name is not None and self._unit.create_accounts:
            external = next((each.text for each in named if each.by == "id"), "")
            owner = self.resolve(draft, ACCOUNT_OWNER, "user", draft.references.get(ACCOUNT_OWNER, ()), None)
            values = {"name": name.text} | ({} if owner is None else {"owner": owner})
            return self._unit.make("account", values, external)
        if name is not None:
            raise Unresolved(name.heading, name.text, *self._no_such(target, name.text, identities))
        first = named[0]
        if target == "account" and field_name == "account":
            raise Unresolved(first.heading, first.text, f"There is no account with the id “{first.text}”.")
        label = registry.get(target).label.lower()
        self._warn(draft, first, f"No {label} with this id is known; the field stays empty.")
        return None

    @staticmethod
    def _no_such(target: str, text: str, identities: Identities) -> tuple[str, str]:
        """Why a name is refused, and the name most like it."""
        label = registry.get(target).label.lower()
        where = " in this account" if target == "contact" else ""
        if target == "account":
            return f"{NO_ACCOUNT} “{text}”.", identities.suggest(text)
        return f"There is no {label} called “{text}”{where}.", identities.suggest(text)

    def _person(self, draft: Draft, named: Sequence[Reference]) -> int | None:
        """Somebody of ours whom nobody has added yet: added without sign-in, if the importer may add people."""
        mail = next((each.text for each in named if each.by == "email" or (not each.by and "@" in each.text)), "")
        name = next((each.text for each in named if not each.by and "@" not in each.text), "")
        first = named[0]
        if not name and not mail:
            self._warn(draft, first, "No person with this id is known; the field stays empty.")
            return None
        if not self._unit.may_add_people:
            self._warn(draft, first, "Nobody of this name is known, and only an administrator adds people; left empty.")
            return None
        values: dict[str, Any] = {"name": name or mail.partition("@")[0]}
        try:
            if mail:
                values["email"] = parse_email(mail)
        except ValueError:
            self._warn(draft, first, "Not an e-mail address; the person was added without one.")
            # The next row, or the next import, must find the person by the same words.
            values["name"] = name or mail
        if len(values["name"]) > _NAME_LENGTH:
            raise Unresolved(first.heading, first.text, f"At most {_NAME_LENGTH} characters are kept of a name.")
        external = next((each.text for each in named if each.by == "id"), "")
        return self._unit.make("user", values, external)

    @staticmethod
    def _warn(draft: Draft, reference: Reference, reason: str) -> None:
        draft.warnings.append(CellProblem(reference.heading, reference.text, reason))
