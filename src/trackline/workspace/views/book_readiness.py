"""Book, White space, Readiness: who is ready for more, who wants it, and what blocks the others."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.align.rules.growth_signals import SIGNALS, limits
from trackline.book.queries.narrowing import FILTERS
from trackline.book.queries.readiness import CONDITIONS, SHOWS, Readiness, Row, readiness_of
from trackline.book.rules.quadrants import NEXT
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.exports import csv_of
from trackline.kit.records.workbooks import Sheet, columns_of, workbook_of
from trackline.workspace.downloads import csv_download, workbook_download
from trackline.workspace.views.book import tabs
from trackline.workspace.views.book_whitespace import parts
from trackline.workspace.views.forecast import account_filters
from trackline.workspace.web import page

PATH = "/book/whitespace/readiness"
PAGE_SIZE = 50
SHORT = {
    "roi": "Return", "champion": "Champion", "economic_buyer": "Buyer", "use_case": "Use case", "renewal": "Renewal",
}  # fmt: skip
"""The conditions in the words of a column."""
QUADRANTS = {"warning": "Early warning", "expansion": "Expansion", "outcome": "Outcome"}
SHOWN = {
    "": "All",
    "ready": "Ready",
    "blocked": "Blocked",
    "wanting": "Wanting more",
    "secure": "Secure first",
    "unscored": "Not judged",
}


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Accounts with the five conditions and the signals of growth."""
    filters, show, number = _asked(request)
    found = readiness_of(ctx, filters, show)
    shown = found.rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    counts = {"": found.total, **found.counts}
    judged = found.total - found.counts["unscored"]
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [
            {"label": "Book", "url": "/book"}, {"label": "White space", "url": "/book/whitespace"},
            {"label": "Readiness", "url": ""},
        ],
        "tabs": tabs("/book/whitespace"),
        "parts": parts(PATH),
        "r": found,
        "finding": _finding(found, show),
        "asked": filters,
        "show": show,
        "filters": account_filters(found.narrowed.choices, filters),
        "query": _query(filters, show),
        "tests": [
            (key, words, counts[key], f"{PATH}?{_query(filters, key)}")
            for key, words in SHOWN.items()
            if key in ("", show) or counts[key]
        ],
        "conditions": [(words, SHORT[key]) for key, words in CONDITIONS.items()],
        "blocks": [
            (words, found.blocks[key], found.blocks[key] * 100 // judged if judged else None)
            for key, words in sorted(CONDITIONS.items(), key=lambda pair: -found.blocks[pair[0]])
        ],
        "judged": judged,
        "rows": [
            (row, [_cell(row, key) for key in CONDITIONS], [SIGNALS[one] for one in row.signals], _quadrants(row))
            for row in shown
        ],
        "strong_from": limits().strong_from,
        "first": (number - 1) * PAGE_SIZE + 1,
        "last": (number - 1) * PAGE_SIZE + len(shown),
        "previous_url": f"{PATH}?{_query(filters, show, number - 1)}" if number > 1 else "",
        "next_url": f"{PATH}?{_query(filters, show, number + 1)}" if number * PAGE_SIZE < len(found.rows) else "",
        "today": ctx.today,
    }  # fmt: skip
    return render(request, "workspace/book/readiness.html", frame)


@page()
def export(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """Download the accounts that are listed as `csv` or `xlsx`."""
    if ending not in ("csv", "xlsx"):
        raise NotFound(f"There is no export as {ending}; csv and xlsx are known.")
    filters, show, _ = _asked(request)
    found = readiness_of(ctx, filters, show)
    heading = [
        "As of",
        "Key",
        "Account",
        "Owner",
        "Readiness",
        *CONDITIONS.values(),
        *SIGNALS.values(),
        *QUADRANTS.values(),
        "First",
    ]
    words = {"met": "yes", "blocks": "no", "unknown": "not known", "": ""}
    lines = [
        [
            row.score.on if row.score else ctx.today, row.account["key"], row.account["name"], row.account["owner__name"] or "",
            row.points, *(words[_cell(row, key)] for key in CONDITIONS),
            *("yes" if name in row.signals else "no" for name in SIGNALS),
            *(band for _, band in _quadrants(row)[0]), _quadrants(row)[1] or "not known",
        ]
        for row in found.rows
    ]  # fmt: skip
    name = f"readiness-{ctx.today.isoformat()}"
    if ending == "csv":
        return csv_download(csv_of([heading, *lines]), name)
    return workbook_download(workbook_of(Sheet("Readiness", columns_of(heading), iter(lines))), name)


def _quadrants(row: Row) -> tuple[list[tuple[str, str]], str]:
    """The three quadrants with their colours, and what comes first in words; nothing where it is not known."""
    told = row.quadrants.details if row.quadrants else {}
    return [(words, told.get(key, "unknown")) for key, words in QUADRANTS.items()], NEXT.get(row.first or "", "")


def _cell(row: Row, key: str) -> str:
    """How a condition stands: met, unknown, or known and not met; "" where nothing was judged."""
    if row.score is None:
        return ""
    if row.met[key]:
        return "met"
    return "unknown" if key in row.unknown else "blocks"


def _asked(request: HttpRequest) -> tuple[dict[str, str], str, int]:
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:120] for name in FILTERS}
    show, number = request.GET.get("show", ""), request.GET.get("page", "")
    return (
        {name: value for name, value in asked.items() if value},
        show if show in SHOWS else "",
        max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 7 else 1,
    )


def _query(filters: dict[str, str], show: str, number: int = 1) -> str:
    pairs = {**filters, "show": show, "page": str(number) if number > 1 else ""}
    return urlencode({name: value for name, value in pairs.items() if value})


def _finding(found: Readiness, show: str) -> str:
    """Say in one sentence what the page found."""
    if not found.total:
        return "There are no accounts" if not show else "No account matches"
    ready, wanting = found.counts["ready"], found.counts["wanting"]
    said = f"{ready} of {found.total} {'account' if found.total == 1 else 'accounts'} {'is' if ready == 1 else 'are'} ready for more"
    return f"{said}, {wanting} {'shows' if wanting == 1 else 'show'} that they want it" if wanting else said
