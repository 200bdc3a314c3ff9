"""Book, Tiers: the segmentation register with its decisions, what tiers promise and deliver, how tiers are kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.settings import amounts
from trackline.book.queries.funding import paid
from trackline.book.queries.practice import mean_of, practice, served
from trackline.book.queries.register import register
from trackline.book.rules.freshness import COLUMNS
from trackline.book.rules.promises import Promise, promised, promises
from trackline.book.tiers.funding import LACKS
from trackline.book.tiers.scores import next_cycle
from trackline.documents.briefs import brief_of
from trackline.kit import formats, htmx
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.kit.records.workbooks import Money, Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.queries.tiers.asked import PATH, Asked
from trackline.workspace.queries.tiers.register import Page, lines, page_of
from trackline.workspace.queries.tiers.why import why
from trackline.workspace.records import addresses
from trackline.workspace.views.book import tabs
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page

CRUMBS = [{"label": "Book", "url": "/book"}, {"label": "Tiers", "url": PATH}]
BLOCKED = 50
"""So many accounts on which nothing can be decided are listed."""
PARTS = (("Register", PATH), ("Promises", f"{PATH}/service"), ("Checks", f"{PATH}/checks"))
HEADINGS = (
    ("name", "Account", "stick"),
    ("tier", "Tier", ""),
    ("-score", "Score", "right"),
    ("gap", "To the cut", "right hide-phone"),
    ("", "Held", "hide-phone"),
    ("", "Why", "wrap hide-phone"),
    ("", "Promises", "right hide-phone"),
    ("-arr", "ARR", "right hide-phone"),
    ("", "Next", "hide-phone"),
)
"""Order, words and class of each column; a second click turns the order round."""
SERVED_PAGE = 50
FORMATS = {
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The register: every account with its tier, what its score gives and why they differ; decisions under way."""
    asked = Asked.of(request.GET)
    found = page_of(ctx, asked)
    decision = registry.get("tier_decision")
    frame = _frame(PATH) | {
        "crumbs": [CRUMBS[0], CRUMBS[1] | {"url": ""}],
        "asked": asked,
        "r": found,
        "finding": _finding(found),
        "headings": [_heading(asked, *heading) for heading in HEADINGS],
        "filters": account_filters(found.register.narrowed.choices, asked.filters),
        "previous_url": asked.at(asked.page - 1) if asked.page > 1 else "",
        "next_url": asked.at(asked.page + 1) if found.last < len(found.register.rows) else "",
        "new_decision": addresses.new(decision) if ctx.actor.may(WRITE) else "",
        "new_panel": addresses.new_panel(decision),
        "all_decisions": addresses.listing(decision),
        "next_cycle": next_cycle(ctx.today),
        "book": found.register.rates.book,
        "today": ctx.today,
    }
    return htmx.render_partial(request, "workspace/book/tiers.html", "list", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download what the filters show of the register as `csv` or `xlsx`, with all its columns."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    found = page_of(ctx, Asked.of(request.GET), every=True)
    name = f"tiers-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of(lines(found)), name)
    return workbook_download(workbook_of(_sheet(found)), name)


@page()
def service(request: HttpRequest, ctx: Context) -> HttpResponse:
    """What tiers promise, and what accounts got of it within a year."""
    asked = Asked.of(request.GET, f"{PATH}/service")
    found = register(ctx, asked.filters, q=asked.q)
    tiered = [row for row in found.rows if row.tier is not None]
    every = served(found, tiered)
    every.sort(key=lambda one: (one.pct is None, one.pct or 0, one.row.facts["name"]))
    shown = every[(asked.page - 1) * SERVED_PAGE : asked.page * SERVED_PAGE]
    averages, costs = [], amounts()
    for tier in (1, 2, 3):
        mine = [one for one in every if one.row.tier == tier]
        list_ = [(one, one.tiers[tier], _price(one, tier, costs, found.rates.book)) for one in promised(tier)]
        averages.append((tier, len(mine), mean_of(mine), list_))
    frame = _frame(f"{PATH}/service") | {
        "crumbs": [*CRUMBS, {"label": "Promises", "url": ""}],
        "asked": asked,
        "rows": [(one, {kept.promise.key: kept for kept in one.kept}) for one in shown],
        "columns": [one for one in promises() if one.counted],
        "averages": averages,
        "found": len(every),
        "first": (asked.page - 1) * SERVED_PAGE + 1,
        "last": (asked.page - 1) * SERVED_PAGE + len(shown),
        "finding": _served_finding(every),
        "filters": account_filters(found.narrowed.choices, asked.filters),
        "previous_url": asked.at(asked.page - 1) if asked.page > 1 else "",
        "next_url": asked.at(asked.page + 1) if asked.page * SERVED_PAGE < len(every) else "",
        "today": ctx.today,
    }
    return render(request, "workspace/book/tier_service.html", frame)


@page()
def checks(request: HttpRequest, ctx: Context) -> HttpResponse:
    """How tiers are kept: bias monitors, moves, overrides, and how much hangs on single accounts."""
    found = register(ctx)
    kept = practice(found)
    names = {row.facts["key"]: row.facts["name"] for row in found.rows}
    by_pk = {row.pk: row.facts for row in found.rows}
    override = registry.get("tier_override")
    monitors = [
        {
            "key": part.key,
            "label": part.label,
            **kept.bias.details[part.key],
            "names": [(key, names[key]) for key in kept.bias.details[part.key]["accounts"]],
        }
        for part in kept.bias.parts
    ]
    flagged = sum(one["flagged"] for one in monitors)
    unpaid = paid(ctx, found)
    frame = _frame(f"{PATH}/checks") | {
        "crumbs": [*CRUMBS, {"label": "Checks", "url": ""}],
        "finding": f"{flagged} of {len(monitors)} monitors speak up" if flagged else "No monitor of bias speaks up",
        "monitors": monitors,
        "kept": kept,
        "moves": [(move, by_pk[move.account]) for move in kept.moves],
        "ups": sum(move.up for move in kept.moves),
        "downs": sum(not move.up for move in kept.moves),
        "exposed": [
            (one, names[one["key"]]) for one in kept.exposure.details["accounts"][:10]
        ],
        "blocked": [
            (one, [(COLUMNS[kind], one.days[kind], kind in one.stale) for kind in one.days]) for one in kept.blocked[:BLOCKED]
        ],
        "blocked_more": max(len(kept.blocked) - BLOCKED, 0),
        "blocked_by": [(words, sum(kind in one.stale for one in kept.blocked)) for kind, words in COLUMNS.items()],
        "paid": unpaid,
        "short": unpaid.short[:BLOCKED],
        "short_more": max(len(unpaid.short) - BLOCKED, 0),
        "lacks": [(LACKS[name], count) for name, count in unpaid.lacks],
        "book": found.rates.book,
        "new_override": addresses.new(override) if ctx.actor.may(WRITE) else "",
        "new_override_panel": addresses.new_panel(override),
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/book/tier_checks.html", frame)


@page()
def why_panel(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Why an account stands in its tier, in the side panel; the register with it open where no panel asks."""
    found = why(ctx, pk)
    if not htmx.is_htmx(request):
        return htmx.redirect(request, f"{PATH}?panel=tier/{pk}")
    context = {"w": found, "book": found.found.rates.book, "today": ctx.today}
    return htmx.vary(render(request, "workspace/book/tier_why.html", context))


@page()
def brief(request: HttpRequest, ctx: Context, pk: int, ending: str) -> HttpResponse:
    """Download the brief of the account of a decision as `pdf` or `pptx`."""
    if ending not in FORMATS:
        raise NotFound(f"There is no brief as {ending}; {', '.join(FORMATS)} are known.")
    account = get(ctx, registry.get("tier_decision"), pk).account
    name = f"tier-{account.key}-{ctx.today.isoformat()}.{ending}"
    content = brief_of(ctx, account, "tier", ending)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=FORMATS[ending], headers=headers)


# -- inside --------------------------------------------------------------------------------------------------------


def _price(promise: Promise, tier: int, costs: Mapping[str, Decimal | None], book: str) -> str:
    """What a promise costs beside hours; nothing where hours pay for it. Source: PF-26."""
    if promise.costs == "hours":
        return ""
    cost = costs[promise.cost_key(tier)]
    if cost is None:
        return "cost not told"
    return f"{formats.money(cost, book)} {'each' if promise.costs == 'each' else 'a year'}"


def _frame(path: str) -> dict[str, Any]:
    return {
        "nav_key": "book",
        "tabs": tabs(PATH),
        "parts": [{"label": label, "url": url, "current": url == path} for label, url in PARTS],
    }


def _sheet(found: Page) -> Sheet:
    told = lines(found)
    heading = next(told)
    currency = found.register.rates.book
    money = {at for at, words in enumerate(heading) if words.endswith(f" {currency}")}
    rows = ([Money(value, currency) if at in money else value for at, value in enumerate(line)] for line in told)
    return Sheet("Register", columns_of(heading), rows)


def _finding(found: Page) -> str:
    """Say in one sentence what the page found."""
    counts = found.register.counts
    if not found.register.total:
        return "There are no accounts" if not found.asked.narrowed else "No account matches"
    if found.register.scores.run is None:
        return "The book has not been scored: no tier follows from a score yet"
    differ = counts["differs"]
    accounts = "1 account" if found.register.total == 1 else f"{found.register.total} accounts"
    said = (
        f"{differ} of {accounts} {'scores' if differ == 1 else 'score'} for another tier"
        if differ
        else f"{accounts}, each in the tier of its score"
    )
    under_way = counts["open"]
    return f"{said}, {under_way} {'decision' if under_way == 1 else 'decisions'} under way" if under_way else said


def _served_finding(every: list[Any]) -> str:
    known = [one for one in every if one.pct is not None]
    if not known:
        return "Nothing is known yet of what tiers deliver"
    short = sum(one.score.band == "red" for one in known)
    mean = mean_of(every)
    said = f"{formats.percent(mean, 0)} of what tiers promise is delivered"
    return f"{said}; {short} {'account gets' if short == 1 else 'accounts get'} less than 80 %" if short else said


def _heading(asked: Asked, order: str, label: str, css: str) -> dict[str, Any]:
    if not order:
        return {"label": label, "css": css}
    plain = order.removeprefix("-")
    state = {plain: "ascending", f"-{plain}": "descending"}.get(asked.order, "none")
    first, second = (order, plain) if order.startswith("-") else (plain, f"-{plain}")
    turned = {first: second}.get(asked.order, first)
    return {"label": label, "css": css, "url": asked.but(order=turned), "state": state, "name": plain}
