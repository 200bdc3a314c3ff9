"""What a new record takes where the file says nothing: the bulk twin of the rooms' hooks.

The hooks of a room work on one record and may ask the database each time; an import makes thousands. What they set and
refuse for a new record stands here once more for the types that are imported in bulk, and a test holds both together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils.text import slugify

from trackline.accounts.models import Account, Contact, User
from trackline.accounts.settings import setting
from trackline.align import moves
from trackline.align.models import RouteTransition, Stage
from trackline.align.rules import gate
from trackline.connectors.engine.sql import Inserter, attname
from trackline.connectors.values.words import fold
from trackline.kit.policy import Context
from trackline.kit.records.types import RecordType

Values = dict[str, Any]


class Refused(ValueError):
    """A row that breaks a rule of its record type: the field and a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class Completion:
    """Completes records within one file's transaction; holds what the rules need to know of the database."""

    def __init__(self, ctx: Context, *, dry: bool = False) -> None:
        self._dry = dry
        self.ctx = ctx
        self.home_currency = str(setting("book.currency"))
        self.due_days = setting("issue.due_days")
        self.today = ctx.today
        self._keys: set[str] | None = None
        self._usernames: set[str] | None = None
        self._parents: dict[int, int | None] | None = None
        self._accounts: dict[int, tuple[str, int | None]] = {}
        self._constants: dict[str, Values] = {}
        self._transitions: Inserter | None = None
        self._touched: dict[int, date] = {}
        self._first: dict[tuple[int | None, str], Stage | None] = {}
        #: Stored password of people who cannot sign in.
        self.no_password = make_password(None)

    def create(self, rtype: RecordType, pk: int, values: Values) -> None:
        """Fill in a new record; `values` are by attribute name. Raises `Refused`."""
        for name, value in self._defaults(rtype).items():
            values.setdefault(name, value)
        rule = _ON_CREATE.get(rtype.name)
        if rule is not None:
            rule(self, pk, values)

    def change(self, rtype: RecordType, current: Values, values: Values, defaults: Values) -> None:
        """Add what follows from a change of an existing record. Raises `Refused`."""
        rule = _ON_CHANGE.get(rtype.name)
        if rule is not None:
            rule(self, current, values, defaults)

    def _defaults(self, rtype: RecordType) -> Values:
        """The declared defaults of a type: they depend on who imports and when, not on the row."""
        if rtype.name not in self._constants:
            found = {}
            for name, default in rtype.defaults.items():
                value = default(self.ctx)
                if value is not None:
                    found[attname(rtype.model, name)] = value
            self._constants[rtype.name] = found
        return self._constants[rtype.name]

    # -- accounts --------------------------------------------------------------------------------------------------

    def free_key(self, name: str) -> str:
        """A key for an account that no living one has."""
        if self._keys is None:
            self._keys = set(Account.objects.filter(deleted_at__isnull=True).values_list("key", flat=True))
        base = slugify(name, allow_unicode=True)[:70].strip("-") or "account"
        if base.isdecimal():
            base = f"account-{base}"
        key, number = base, 1
        while key in self._keys:
            number += 1
            key = f"{base}-{number}"
        self._keys.add(key)
        return key

    @property
    def parents(self) -> dict[int, int | None]:
        """Account → its parent, for the whole book."""
        if self._parents is None:
            self._parents = dict(Account.objects.values_list("pk", "parent_id"))
        return self._parents

    def path(self, pk: int) -> str:
        """The ids from the top of the tree down to an account."""
        chain = [pk]
        at = self.parents.get(pk)
        while at is not None and at not in chain:
            chain.append(at)
            at = self.parents.get(at)
        return "/" + "/".join(str(each) for each in reversed(chain)) + "/"

    def facts_of_accounts(self, ids: Iterable[int]) -> None:
        """Load currency and owner of accounts ahead of their records."""
        missing = [pk for pk in set(ids) if pk not in self._accounts]
        for start in range(0, len(missing), 900):
            rows = Account.objects.filter(pk__in=missing[start : start + 900]).values_list("pk", "currency", "owner_id")
            for pk, currency, owner in rows:
                self._accounts[pk] = (currency, owner)

    def know_account(self, pk: int, currency: str, owner: int | None) -> None:
        """Note currency and owner of an account that is not written yet."""
        self._accounts[pk] = (currency, owner)

    def currency_of(self, account: int) -> str:
        """The currency of an account."""
        return self._accounts.get(account, ("", None))[0]

    def owner_of(self, account: int) -> int | None:
        """The owner of an account."""
        return self._accounts.get(account, ("", None))[1]

    # -- routes ----------------------------------------------------------------------------------------------------

    def transition(self, pk: int, before: Values | None, after: Values) -> None:
        """Note a move of a route; its history of moves starts with the state it is imported in."""
        if self._dry:
            return
        if self._transitions is None:
            columns = ["route_id", "from_state", "to_state", "from_stage", "to_stage"]
            columns += ["probability_before", "probability_after"]
            self._transitions = Inserter(
                RouteTransition,
                columns,
                {"at": self.ctx.now, "by_id": self.ctx.actor.user_id, "reason": self.ctx.note or "Import"},
            )
        old = before or {"state": "", "stage": "", "probability": None}
        self._transitions.add(
            [
                pk,
                old["state"],
                after["state"],
                old["stage"],
                after.get("stage", ""),
                old["probability"],
                after.get("probability"),
            ]
        )

    def stand(self, values: Values) -> None:
        """Place a new route that names no stage in the first of its state, of its pipeline or of the one for new routes."""
        if values.get("pipeline_id") is None:
            values["pipeline_id"] = self._new_routes
        pipeline, state = values["pipeline_id"], values["state"]
        if (pipeline, state) not in self._first:
            stages = moves.stages_of([pipeline]) if pipeline else []
            self._first[pipeline, state] = next((stage for stage in stages if stage.state == state), None)
        first = self._first[pipeline, state]
        values["stage"] = first.key if first else ""
        if first:
            values.setdefault("probability", first.probability)

    @cached_property
    def _new_routes(self) -> int | None:
        pipeline = moves.for_new_routes()
        return pipeline.pk if pipeline else None

    def touch(self, contacts: Iterable[int], on: date) -> None:
        """Note a two-way touch of contacts (TRK-22)."""
        for pk in contacts:
            if pk not in self._touched or self._touched[pk] < on:
                self._touched[pk] = on

    def flush(self) -> None:
        """Write what was noted."""
        for pk, on in self._touched.items() if not self._dry else ():
            earlier = Q(last_touch_on__isnull=True) | Q(last_touch_on__lt=on)
            Contact.objects.filter(earlier, pk=pk).update(last_touch_on=on)
        self._touched = {}
        if self._transitions is not None:
            self._transitions.flush()

    def user_name(self, values: Values) -> str:
        """A free sign-in name from the one given, the e-mail or the name."""
        if self._usernames is None:
            self._usernames = {
                name.lower() for name in User.objects.filter(deleted_at__isnull=True).values_list("username", flat=True)
            }
        given, email = str(values.get("username") or ""), str(values.get("email") or "")
        base = given or email.partition("@")[0] or slugify(fold(values["name"])).replace("-", ".")
        base = re.sub(r"[^\w.@+-]+", ".", base.lower())[:140].strip(".") or "user"
        name, number = base, 1
        while name in self._usernames:
            number += 1
            name = f"{base}{number}"
        self._usernames.add(name)
        return name


def _account(completion: Completion, pk: int, values: Values) -> None:
    values["key"] = completion.free_key(values.get("key") or values["name"])
    values.setdefault("currency", completion.home_currency)
    completion.parents[pk] = values.get("parent_id")
    completion.know_account(pk, values["currency"], values.get("owner_id"))
    values["path"] = completion.path(pk)


def _account_change(_completion: Completion, _current: Values, values: Values, _defaults: Values) -> None:
    # The key is the account's address in the book; links that people keep must not break.
    values.pop("key", None)


def _user_change(_completion: Completion, _current: Values, values: Values, _defaults: Values) -> None:
    # Nobody shall find their sign-in name changed by a file.
    values.pop("username", None)


def _user(completion: Completion, _pk: int, values: Values) -> None:
    values["username"] = completion.user_name(values)
    values["password"] = completion.no_password


def _route(completion: Completion, pk: int, values: Values) -> None:
    if not values.get("currency"):
        values["currency"] = completion.currency_of(values["account_id"])
    values.setdefault("state", "identified")
    values.setdefault("type", "upsell")
    values.setdefault("state_since", completion.today)
    if not values.get("stage"):
        completion.stand(values)
    values.setdefault("probability", gate.DEFAULT_PROBABILITY[values["state"]])
    completion.transition(pk, None, values)


def _route_change(completion: Completion, current: Values, values: Values, defaults: Values) -> None:
    if "state" in values:
        if "probability" not in values and "probability" in defaults:
            values["probability"] = defaults["probability"]
        values.setdefault("state_since", completion.today)
    if "state" in values or "stage" in values:
        completion.transition(current["id"], current, {**current, **values})


def _contract(completion: Completion, _pk: int, values: Values) -> None:
    if not values.get("currency"):
        values["currency"] = completion.currency_of(values["account_id"])
    _contract_dates(values)


def _contract_dates(values: Values) -> None:
    start, end = values.get("start_on"), values.get("end_on")
    if start and end and end < start:
        raise Refused("end_on", f"The contract starts on {start}, after its end.")


def _contract_change(_completion: Completion, current: Values, values: Values, _defaults: Values) -> None:
    _contract_dates({**current, **values})


def _issue(completion: Completion, _pk: int, values: Values) -> None:
    values["opened_on"] = values.get("opened_on") or completion.today
    if values.get("assignee_id") is None:
        values["assignee_id"] = completion.owner_of(values["account_id"]) or completion.ctx.actor.user_id
    if values["assignee_id"] is None:
        raise Refused("assignee", "An issue needs somebody who solves it; neither the row nor the account names one.")
    open_now = values.get("status", "open") in ("open", "in_progress")
    if open_now and values.get("due_on") is None:
        values["due_on"] = values["opened_on"] + timedelta(days=completion.due_days[values.get("severity", "medium")])
    if not open_now and values.get("resolved_at") is None:
        values["resolved_at"] = completion.ctx.now


def _interaction(completion: Completion, _pk: int, values: Values) -> None:
    _not_yet(completion, values)


def _interaction_change(completion: Completion, _current: Values, values: Values, _defaults: Values) -> None:
    if "on" in values:
        _not_yet(completion, values)


def _contact(_completion: Completion, _pk: int, values: Values) -> None:
    _elsewhere(values, values.get("account_id"))


def _contact_change(_completion: Completion, current: Values, values: Values, _defaults: Values) -> None:
    if values.get("same_as_id") != current.get("same_as_id"):
        _elsewhere(values, current["account_id"])


def _elsewhere(values: Values, account: int | None) -> None:
    """The same person is an entry of another account."""
    other = values.get("same_as_id")
    if other is not None and account is not None and Contact.objects.filter(pk=other, account_id=account).exists():
        raise Refused("same_as", "A contact of another account is expected.")


def _not_yet(completion: Completion, values: Values) -> None:
    if values["on"] > completion.today:
        raise Refused("on", "This has not happened yet. Plan a meeting or an action instead.")


_ON_CREATE: dict[str, Callable[[Completion, int, Values], None]] = {
    "account": _account,
    "contact": _contact,
    "user": _user,
    "route": _route,
    "contract": _contract,
    "issue": _issue,
    "interaction": _interaction,
}
_ON_CHANGE: dict[str, Callable[[Completion, Values, Values, Values], None]] = {
    "account": _account_change,
    "contact": _contact_change,
    "user": _user_change,
    "route": _route_change,
    "contract": _contract_change,
    "interaction": _interaction_change,
}
