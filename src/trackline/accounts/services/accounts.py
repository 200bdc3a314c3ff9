"""Hooks of accounts, business units and contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.text import slugify

from trackline.accounts.models import Account, BusinessUnit, Contact
from trackline.accounts.services.persons import check_person, follow_person
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records.keys import first_free

Links = dict[str, list[int]]


def prepare_account(_ctx: Context, account: Any, changed: set[str], _links: Links) -> None:
    """Give a new account its key; keep the tree without cycles."""
    if not account.key:
        account.key = account_key(account.name, Account.objects.exclude(pk=account.pk))
    elif "key" in changed:
        if slugify(account.key, allow_unicode=True) != account.key:
            raise Invalid.fields({"key": "Small letters, digits and hyphens are expected, for example okada-brandt."})
        if account.key.isdecimal():
            raise Invalid.fields({"key": "At least one letter is needed, so that it differs from an id."})
    if "parent" in changed and account.parent_id and account.pk:
        parent = Account.objects.get(pk=account.parent_id)
        if f"/{account.pk}/" in parent.path or parent.pk == account.pk:
            raise Invalid.fields({"parent": f"{parent.name} stands below {account.name}; that would make a circle."})


def after_account(_ctx: Context, account: Any, changed: set[str], created: bool) -> None:
    """Keep `path` of the account and of all that stands below it."""
    if not created and "parent" not in changed:
        return
    above = Account.objects.get(pk=account.parent_id).path if account.parent_id else "/"
    old, new = account.path, f"{above}{account.pk}/"
    if old == new:
        return
    account.path = new
    Account.objects.filter(pk=account.pk).update(path=new)
    if old:
        below = Account.objects.filter(path__startswith=old).exclude(pk=account.pk)
        below.update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))


def settle_paths(moved: Iterable[int]) -> None:
    """Bring the paths of moved accounts, and of all below them, up to date."""
    parents = dict(Account.objects.values_list("pk", "parent_id"))
    below: dict[int | None, list[int]] = {}
    for pk, parent in parents.items():
        below.setdefault(parent, []).append(pk)
    queue, rows = list(moved), []
    while queue:
        pk = queue.pop()
        chain, at = [pk], parents.get(pk)
        while at is not None and at not in chain:
            chain.append(at)
            at = parents.get(at)
        rows.append(Account(pk=pk, path="/" + "/".join(str(each) for each in reversed(chain)) + "/"))
        queue.extend(below.get(pk, ()))
    Account.objects.bulk_update(rows, ["path"], batch_size=200)


def allow_account_delete(ctx: Context, account: Any) -> None:
    """Refuse to delete an account while others stand below it; those out of scope are not named."""
    below = Account.objects.filter(parent=account, deleted_at__isnull=True)
    seen = list(below.filter(ctx.actor.account_q("pk")).values_list("name", flat=True)[:4])
    if seen or below.exists():
        named = ", ".join(seen) or "accounts that you do not see"
        raise Refused(
            f"{account.name} is the parent of {named}. Give them another parent first.",
            [{"loc": ["parent"], "msg": name} for name in seen],
        )


def prepare_business_unit(_ctx: Context, unit: Any, changed: set[str], _links: Links) -> None:
    """Keep the tree of units without cycles."""
    if "parent" in changed and unit.parent_id and unit.pk:
        _refuse_cycle(BusinessUnit, unit, "parent_id", "parent")


def prepare_contact(ctx: Context, contact: Any, changed: set[str], _links: Links) -> None:
    """Date a change of status; keep reporting lines without cycles."""
    if "status" in changed and "status_on" not in changed and not contact._state.adding:
        contact.status_on = ctx.today
    if "reports_to" in changed and contact.reports_to_id and contact.pk:
        _refuse_cycle(Contact, contact, "reports_to_id", "reports_to")
    if "same_as" in changed:
        check_person(contact)


def after_contact(ctx: Context, contact: Any, _changed: set[str], created: bool) -> None:
    """Carry what belongs to the person on to their entries in other accounts."""
    if not created:
        follow_person(ctx, contact)


def account_key(name: str, others: Any) -> str:
    """Return a key for a name that none of the other accounts has, in the letters of any script."""
    base = slugify(name, allow_unicode=True)[:70].strip("-") or "account"
    if base.isdecimal():
        base = f"account-{base}"
    return first_free(base, others.filter(key__startswith=base).values_list("key", flat=True))


def _refuse_cycle(model: Any, record: Any, attname: str, field: str) -> None:
    above: dict[int, int | None] = dict(model.objects.filter(account_id=record.account_id).values_list("pk", attname))
    seen, at = {record.pk}, getattr(record, attname)
    while at is not None:
        if at in seen:
            raise Invalid.fields({field: "That would make a circle."})
        seen.add(at)
        at = above.get(at)
