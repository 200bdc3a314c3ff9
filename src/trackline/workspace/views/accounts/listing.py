"""The Accounts list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from trackline.accounts.models import User
from trackline.kit import formats, htmx
from trackline.kit.policy import WRITE, Context
from trackline.workspace.queries.accounts import computed as computed
from trackline.workspace.queries.accounts import table
from trackline.workspace.queries.accounts.asked import PATH, TREE, Asked
from trackline.workspace.queries.accounts.filters import SOON_DAYS
from trackline.workspace.queries.accounts.groups import GROUPINGS
from trackline.workspace.queries.accounts.page import AccountsPage, accounts_page, remembered_columns
from trackline.workspace.queries.accounts.sentences import sentences
from trackline.workspace.views.view_tabs import Views
from trackline.workspace.web import page

VIEWS = Views(
    "account",
    "accounts",
    PATH,
    "Accounts",
    "search, filters, columns and order",
    Asked.of,
    (
        ("all", "All accounts", ""),
        ("mine", "Mine", "owner=me"),
        ("renewing", "Renewing in 180 days", "renews=180&order=renewal_date"),
        ("watch", "On watch", "watch=true"),
        ("groups", "Groups", "mode=tree&order=name"),
    ),
)


@page()
def listing(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show the accounts that the address asks for; without a word the user's default view."""
    if not request.GET and not htmx.is_partial(request):
        default = VIEWS.default(ctx)
        if default is not None:
            return redirect(VIEWS.url(str(default.pk), default.query))
    return show(request, ctx, Asked.of(request.GET))


@page("POST")
def columns(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Remember the columns that the user chose, and show them."""
    asked = Asked.of(request.GET)
    chosen = Asked.of(request.POST).columns
    user = cast(User, request.user)
    user.preferences["columns"] = user.preferences.get("columns", {}) | {"account": list(chosen)}
    user.save(update_fields=["preferences"])
    return show(request, ctx, replace(asked, columns=chosen if asked.columns or asked.view else ()), choosing=True)


def show(request: HttpRequest, ctx: Context, asked: Asked, *, choosing: bool = False) -> HttpResponse:
    """Draw the list: the whole page, or for htmx the parts that depend on what is asked."""
    found = accounts_page(ctx, asked, remembered_columns(cast(User, request.user).preferences))
    if not htmx.is_partial(request):
        return htmx.vary(render(request, "workspace/accounts/list.html", context_of(ctx, found)))
    # The open column chooser is left alone: replacing it would take the keyboard's place in it.
    response = render(request, "workspace/accounts/parts.html", context_of(ctx, found) | {"choosing": choosing})
    if found.asked.url != htmx.page_path(request):
        htmx.push_url(response, found.asked.url)
    return htmx.vary(response)


def context_of(ctx: Context, found: AccountsPage) -> dict[str, Any]:
    """Return what the templates of the list read."""
    asked, edit = found.asked, ctx.actor.may(WRITE)
    views = VIEWS.saved(ctx)
    return {
        "nav_key": "accounts",
        "crumbs": [{"label": "Accounts", "url": PATH}],
        "asked": asked,
        "page": found,
        "head": table.head(asked, found.columns, edit=edit),
        "rows": table.body(found, edit=edit),
        "edit": edit,
        "tabs": VIEWS.tabs(ctx, asked, views),
        "view": VIEWS.current(ctx, asked, views),
        "chips": sentences(ctx, asked, found.unread, found.beside.rates.book),
        "modes": _modes(asked),
        "groupings": [(one.name, one.label, one is found.grouping) for one in GROUPINGS.values()],
        "chooser": _chooser(found),
        "summary": _summary(found),
        "figures": _figures(found),
        "bulk": _bulk() if edit else [],
        "kept": asked.pairs("q", "group"),
        "before": replace(asked, page=asked.page - 1).url if asked.page > 1 else "",
        "after": replace(asked, page=asked.page + 1).url if asked.page < found.pages else "",
        **_empty(asked, edit),
    }


def _modes(asked: Asked) -> list[dict[str, Any]]:
    plain = replace(asked, mode="", closed=frozenset(), page=1, view="")
    return [
        {"label": "List", "url": plain.url, "current": asked.mode != TREE},
        {"label": "Tree", "url": replace(plain, mode=TREE, group="").url, "current": asked.mode == TREE},
    ]


def _chooser(found: AccountsPage) -> list[dict[str, Any]]:
    shown = [column.name for column in found.columns]
    rest = [name for name in found.known_columns if name not in shown and name != "group_arr"]
    return [
        {"name": name, "label": found.known_columns[name].called, "shown": name in shown}
        for name in [*(name for name in shown if name != "group_arr"), *rest]
    ]


def _summary(found: AccountsPage) -> dict[str, Any]:
    totals = found.totals
    counted = f"{formats.number(totals.count)} account{'' if totals.count == 1 else 's'}"
    known = totals.count > totals.without_arr
    money = f", {formats.money(totals.arr.amount, totals.arr.currency)} ARR" if known else ""
    notes = [totals.arr.note] if totals.arr.note else []
    if totals.without_arr and totals.count:
        notes.append(f"{formats.number(totals.without_arr)} without ARR")
    return {
        "counted": counted,
        "title": f"{counted}{money}"
        if totals.count
        else "No accounts" + (" match" if found.asked.narrowed else " yet"),
        "meta": " · ".join(notes) or ("all amounts in one currency" if known else ""),
    }


def _figures(found: AccountsPage) -> list[dict[str, Any]]:
    """What stands out among the accounts of the filter; each figure leads to them."""
    totals, asked = found.totals, found.asked
    figures = []
    if totals.soon:
        worth = formats.money(totals.soon_arr.amount, totals.soon_arr.currency)
        figures.append(
            {
                "label": f"Renew within {SOON_DAYS} d",
                "value": formats.number(totals.soon),
                "note": worth,
                "url": replace(asked.having(renews=str(SOON_DAYS)), view="").url,
            }
        )
    if totals.late:
        figures.append(
            {
                "label": "Renewal date passed",
                "value": formats.number(totals.late),
                "note": "to settle",
                "tone": "bad",
                "url": replace(asked.having(renews="late"), view="").url,
            }
        )
    if totals.undated:
        figures.append(
            {
                "label": "No renewal date",
                "value": formats.number(totals.undated),
                "url": replace(asked.having(missing="renewal_date"), view="").url,
            }
        )
    return figures


def _bulk() -> list[dict[str, str]]:
    actions = [
        ("owner", "Owner", "user-round-pen"),
        ("tier", "Tier", "layers"),
        ("status", "Status", "circle-dot"),
        ("tags", "Tags", "tag"),
        ("watch", "Watch", "eye"),
        ("region", "Region", "map-pin"),
        ("", "More…", "pencil"),
    ]
    found = [
        {"label": label, "icon": icon, "get": f"/bulk/account/{name}".rstrip("/")} for name, label, icon in actions
    ]
    return [*found, {"label": "Delete…", "icon": "trash-2", "get": "/bulk/account/delete", "tone": "danger"}]


def _empty(asked: Asked, edit: bool) -> dict[str, Any]:
    """What an empty list says to do next."""
    filters = len(asked.filters)
    parts = [f"“{asked.q}”"] if asked.q else []
    if filters:
        parts.append(f"{filters} filter{'s' if filters > 1 else ''}")
    return {
        "nothing": f"Nothing passes {' and '.join(parts)}.",
        "clear": {"label": "Clear search and filters", "url": asked.plain().url},
        "first": {"label": "Import accounts", "icon": "file-input", "url": "/import"} if edit else None,
        "by_hand": {"label": "Add an account", "icon": "plus", "url": "/accounts/new"} if edit else None,
    }
