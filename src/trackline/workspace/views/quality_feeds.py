"""Book, Data quality, Feeds: metrics without a fresh reading, their sources, and the accounts on which one is late."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.quality.feeds import Feeds, Line, feeds_of, late_lines
from trackline.kit.policy import WRITE, Context
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.views.quality import PATH as ROOM
from trackline.workspace.views.quality import file_of, filters_of, frame_of
from trackline.workspace.web import page

PATH = f"{ROOM}/feeds"
PAGE_SIZE = 100


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The metrics that are late, and what delivers them."""
    filters = filters_of(request)
    found = feeds_of(ctx, filters)
    frame = frame_of(PATH, ("Feeds", "")) | {
        "r": found,
        "finding": _finding(found),
        "asked": filters,
        "filters": account_filters(found.narrowed.choices, filters),
        "query": urlencode(filters),
        "fresh": len(found.feeds) - len(found.late),
        "today": ctx.today,
    }
    return render(request, "workspace/quality/feeds.html", frame)


@page()
def feed(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """The accounts on which a metric is late, each with what records a reading."""
    filters = filters_of(request)
    found, lines = late_lines(ctx, pk, filters)
    asked = request.GET.get("page", "")
    number = max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    shown = lines[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    adds, write = registry.get("observation"), ctx.actor.may(WRITE)

    def row(line: Line) -> tuple[Line, str, str]:
        given: dict[str, Any] = {"account": line.account["pk"], "metric": pk}
        return (line, addresses.new(adds, given), addresses.new_panel(adds, given)) if write else (line, "", "")

    frame = frame_of(PATH, ("Feeds", PATH), (found.metric.name, "")) | {
        "feed": found,
        "lines": [row(line) for line in shown],
        "count": len(lines),
        "first": (number - 1) * PAGE_SIZE + 1,
        "last": (number - 1) * PAGE_SIZE + len(shown),
        "previous_url": f"{PATH}/{pk}?{urlencode({**filters, 'page': number - 1})}" if number > 1 else "",
        "next_url": f"{PATH}/{pk}?{urlencode({**filters, 'page': number + 1})}" if number * PAGE_SIZE < len(lines) else "",
        "query": urlencode(filters),
        "back": f"{PATH}?{urlencode(filters)}" if filters else PATH,
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/quality/feed.html", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download every metric with how fresh it is, as `csv` or `xlsx`."""
    found = feeds_of(ctx, filters_of(request))
    heading = [
        "As of", "Metric", "Name", "Source", "Owner", "Rhythm", "Days it may be old", "Accounts", "Fresh", "Too old", "Never read",
        "Newest", "Days old",
    ]  # fmt: skip
    lines = [
        [
            ctx.today, one.metric.key, one.metric.name, ", ".join(one.sources), one.metric.owner.name if one.metric.owner else "",
            one.metric.get_refresh_display(), one.limit, one.every, one.fresh, one.stale, len(one.never), one.newest, one.age,
        ]
        for one in found.feeds
    ]  # fmt: skip
    return file_of(ending, "Feeds", f"feeds-{ctx.today.isoformat()}", heading, lines)


def _finding(found: Feeds) -> str:
    """Say in one sentence what the page found."""
    if not found.feeds:
        return "Nothing is measured yet"
    silent = sum(feed.silent for feed in found.feeds)
    late = len(found.late)
    if not late:
        return f"All {len(found.feeds)} metrics are fresh"
    said = f"{late} of {len(found.feeds)} metrics {'is' if late == 1 else 'are'} late on some account"
    return f"{said}, {silent} on all" if silent else said
