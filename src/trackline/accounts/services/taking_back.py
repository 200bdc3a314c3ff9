"""Undo of changes to what is no record: each kind goes back through the service that made the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import ExchangeRate, Role, User
from trackline.accounts.services import audit, book, fields, rates, roles, words
from trackline.accounts.settings import setting
from trackline.kit.history.models import Change
from trackline.kit.models import CustomField, PicklistValue
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound, Refused, Stale


def take_back(ctx: Context, change_id: int) -> None:
    """Undo a change of a setting, rate, role or list. Raises `Stale` where it was changed again since."""
    ctx.require(ADMIN)
    change = Change.objects.filter(pk=change_id, record_type__in=audit.KINDS).first()
    if change is None:
        raise NotFound("There is no such change.")
    undo = _UNDO.get(change.record_type)
    if undo is None:
        raise Refused("This cannot be undone.")
    undo(ctx, change)


def can_take_back(change: Change) -> bool:
    """Whether a change is of a kind that has a way back."""
    return change.record_type in _UNDO


def _setting(ctx: Context, change: Change) -> None:
    before, after = change.changes["value"]
    _same(setting(change.title), after)
    book.change_setting(ctx, change.title, before)


def _rate(ctx: Context, change: Change) -> None:
    currency, _, day = change.title.partition(" ")
    on = date.fromisoformat(day)
    before, after = change.changes["rate"]
    stored = ExchangeRate.objects.filter(currency=currency, on=on).values_list("rate", flat=True).first()
    _same(audit.plain(stored), after)
    if before is None:
        rates.delete_exchange_rate(ctx, currency, on)
    else:
        rates.set_exchange_rate(ctx, currency, on, Decimal(before))


def _custom_field(ctx: Context, change: Change) -> None:
    found = CustomField.objects.filter(pk=change.record_id).first()
    if found is None:
        raise NotFound("There is no such custom field.")
    if change.action == Change.Action.CREATE:
        fields.change_custom_field(ctx, found.pk, active=False)
        return
    for name, (_before, after) in change.changes.items():
        _same(getattr(found, name), after)
    former = {name: before for name, (before, _after) in change.changes.items()}
    fields.change_custom_field(ctx, found.pk, of=change.batch, **former)


def _picklist(ctx: Context, change: Change) -> None:
    _before, after = change.changes["words"]
    offered = PicklistValue.objects.filter(picklist=change.title, active=True).values_list("value", flat=True)
    _same(list(offered), after)
    words.take_words_back(ctx, change)


def _role(ctx: Context, change: Change) -> None:
    if change.action == Change.Action.CREATE:
        roles.delete_role(ctx, change.title)
        return
    if change.action == Change.Action.DELETE:
        roles.create_role(ctx, change.changes["name"][0], change.changes["permissions"][0])
        return
    role = Role.objects.filter(pk=change.record_id).first()
    if role is None:
        raise NotFound("There is no such role any more.")
    for name, (_before, after) in change.changes.items():
        _same(getattr(role, name), after)
    roles.change_role(ctx, role.code, **{name: before for name, (before, _after) in change.changes.items()})


def _user_roles(ctx: Context, change: Change) -> None:
    user = User.objects.alive().filter(pk=change.record_id).first()
    if user is None:
        raise NotFound("This person is not there any more.")
    before, after = change.changes["roles"]
    _same(sorted(user.roles.values_list("code", flat=True)), after)
    roles.set_roles(ctx, user, before)


def _same(stored: Any, after: Any) -> None:
    if stored != after:
        raise Stale("This was changed again since, so it was left as it is.")


_UNDO: Mapping[str, Callable[[Context, Change], None]] = {
    audit.SETTING: _setting,
    audit.RATE: _rate,
    audit.CUSTOM_FIELD: _custom_field,
    audit.PICKLIST: _picklist,
    audit.ROLE: _role,
    audit.USER_ROLES: _user_roles,
}
