"""The command palette's list, and the page of search results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.records.text import normalise
from trackline.workspace.queries import commands
from trackline.workspace.queries.commands import Command
from trackline.workspace.queries.search import (
    JUMPED_TO,
    LISTED,
    Hit,
    account_at,
    accounts_named,
    my_accounts,
    search,
)
from trackline.workspace.web import page

IN_PALETTE = 12
PER_TYPE = 5
ON_PAGE = 8
LONGEST = 200


@page()
def palette(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Answer what was typed with groups of records to jump to and things to do."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    here = account_at(ctx, request.GET.get("from", "")[:300])
    groups = _typed(ctx, typed, here) if typed else _untyped(ctx, here)
    return render(request, "kit/c/palette_list.html", {"groups": groups, "query": typed})


@page()
def results(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List what was found of each type."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    found = search(ctx, typed, LISTED, ON_PAGE)
    count = sum(len(part.hits) for part in found)
    more = any(part.more for part in found)
    context = {
        "crumbs": [{"label": "Search", "url": "/search"}],
        "q": typed,
        "found": found,
        "title": f"{count}{'+' if more else ''} result{'' if count == 1 else 's'} for “{typed}”" if typed else "Search",
    }
    template = "workspace/search/results.html"
    return htmx.render_partial(request, template, "results", context)


def _untyped(ctx: Context, here: Hit | None) -> list[dict[str, Any]]:
    """Before anything is typed: what can be done here, one's own accounts, what can be done anywhere."""
    groups = []
    if here is not None:
        groups.append(_group(f"On {here.label}", _deeds(commands.on_account(ctx, here))))
    groups.append(_group("My accounts", [_jump(hit) for hit in my_accounts(ctx, PER_TYPE)]))
    groups.append(_group("Do", _deeds(commands.actions(ctx, ()))))
    return groups


def _typed(ctx: Context, typed: str, here: Hit | None) -> list[dict[str, Any]]:
    words = normalise(typed).split()
    found = search(ctx, typed, JUMPED_TO, PER_TYPE)
    hits = [hit for part in found for hit in part.hits]
    jumps = [_jump(hit) for hit in _fair(hits)]
    places = _deeds(commands.pages(ctx, words), kind="")
    deed, rest = commands.deed_and_rest(words)
    doing: list[Command] = []
    if deed:
        for account in accounts_named(ctx, rest, 3):
            doing += list(commands.on_account(ctx, account, deed))[:2]
    if here is not None:
        doing += list(commands.on_account(ctx, here, words))
    doing += commands.actions(ctx, words)
    accounts = [hit for hit in hits if hit.rtype.is_account]
    if accounts and not doing:
        doing += list(commands.on_account(ctx, accounts[0]))[:3]
    everything = {
        "label": f"All results for “{typed}”",
        "url": f"/search?{urlencode({'q': typed})}",
        "icon": "search",
        "kind": "action",
    }
    return [
        _group("Jump to", [*jumps, *places]),
        _group("Do", _deeds(_once(doing))),
        _group("Search", [everything] if len(words) and jumps else []),
    ]


def _fair(hits: list[Hit]) -> list[Hit]:
    """At most `IN_PALETTE`: of each type its best ones, types in their order."""
    if len(hits) <= IN_PALETTE:
        return hits
    taken: list[Hit] = []
    by_type: dict[str, list[Hit]] = {}
    for hit in hits:
        by_type.setdefault(hit.rtype.name, []).append(hit)
    for rank in range(PER_TYPE):
        taken += [group[rank] for group in by_type.values() if len(group) > rank]
    kept = {id(hit) for hit in taken[:IN_PALETTE]}
    return [hit for hit in hits if id(hit) in kept]


def _jump(hit: Hit) -> dict[str, Any]:
    second = hit.account or hit.second
    return {
        "label": hit.label,
        "url": hit.url,
        "icon": hit.rtype.icon,
        "meta": f"{hit.rtype.label} · {second}" if second else hit.rtype.label,
    }


def _deeds(found: Iterable[Command], kind: str = "action") -> list[dict[str, Any]]:
    return [
        {"label": command.label, "url": command.url, "icon": command.icon, "key": command.key, "kind": kind}
        for command in found
    ]


def _once(found: Iterable[Command]) -> list[Command]:
    return list({command.url: command for command in found}.values())


def _group(label: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"label": label, "items": items}
