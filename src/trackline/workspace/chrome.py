"""What stands around every page: navigation, own accounts, the signed-in person."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.accounts.settings import setting
from trackline.kit.htmx import is_partial
from trackline.kit.policy import ADMIN, READ, WRITE, Actor
from trackline.kit.records.queries import WithinScope
from trackline.kit.records.types import RecordType, registry
from trackline.kit.statements import NUMBER, Statement
from trackline.workspace.web import context_of

MY_ACCOUNTS = 7
LOOKED_AT = 200
COLUMNS = ("key", "name", "arr", "currency", "health")


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Give templates the frame of the page; parts need none of it."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"org_name": SimpleLazyObject(lambda: setting("book.name"))}
    ctx = context_of(request)
    actor = ctx.actor
    may = {"write": actor.may(WRITE), "admin": actor.may(ADMIN)}
    if is_partial(request):
        return {"may": may, "me": {"id": actor.user_id, "name": actor.name}}
    if not actor.may(READ):
        # Somebody without a role: every page says so, and there is nothing to lead to but their own profile.
        return {"may": may, "me": _me(actor), "org_name": SimpleLazyObject(lambda: setting("book.name"))}
    nav = [
        {"key": "today", "label": "Today", "url": "/", "icon": "sun", "shortcut": "t"},
        {"key": "alerts", "label": "Alerts", "url": "/alerts", "icon": "bell", "shortcut": "l"},
        {"key": "accounts", "label": "Accounts", "url": "/accounts", "icon": "building-2", "shortcut": "a"},
        {"key": "book", "label": "Book", "url": "/book", "icon": "layers", "shortcut": "b"},
        {"key": "rulebook", "label": "Rulebook", "url": "/rulebook", "icon": "scale", "shortcut": "r"},
    ]
    if may["write"]:
        nav.append({"key": "import", "label": "Import", "url": "/import", "icon": "file-input", "shortcut": "i"})
    nav.append({"key": "settings", "label": "Settings", "url": "/settings", "icon": "settings", "shortcut": "s"})
    return {
        "nav": nav,
        "may": may,
        "me": _me(actor),
        "my_accounts": SimpleLazyObject(lambda: _my_accounts(request)),
        "org_name": SimpleLazyObject(lambda: setting("book.name")),
    }


def _me(actor: Actor) -> dict[str, Any]:
    return {"id": actor.user_id, "name": actor.name, "url": "/settings/me", "sign_out_url": "/sign-out"}


def _owned(user: Any, rtype: RecordType, actor: Actor) -> Any:
    """Return the accounts of a user that they see, the largest first."""
    seen = Account.objects.filter(rtype.scope(actor), deleted_at__isnull=True, owner_id=user)
    largest = seen.exclude(status=Account.Status.ARCHIVED).order_by(F("arr").desc(nulls_last=True), "name")
    return largest.values_list(*COLUMNS)[:LOOKED_AT]


@cache
def _own() -> WithinScope:
    rtype = registry.get("account")
    return WithinScope([rtype], lambda actor: Statement(lambda user: _owned(user, rtype, actor(user)), NUMBER))


def _my_accounts(request: HttpRequest) -> list[dict[str, Any]]:
    """The largest accounts of one's own; in several currencies by what they are worth in the book's."""
    ctx = context_of(request)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in _own().rows(ctx.actor)]
    if len({row["currency"] for row in rows}) > 1:
        rates = rates_in_force(ctx.today)
        rows.sort(key=lambda row: rates.convert(row["arr"], row["currency"]) or 0, reverse=True)
    return [
        {
            "name": row["name"],
            "url": f"/accounts/{row['key']}",
            "band": (row["health"] or {}).get("band") or "unknown",
            "current": f"{request.path}/".startswith(f"/accounts/{row['key']}/"),
        }
        for row in rows[:MY_ACCOUNTS]
    ]
