"""Documents as files: briefs and the review deck of an account, everything of it, the report of the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from trackline.documents.briefs import BRIEFS, brief_of
from trackline.documents.deck_templates.choosing import asked
from trackline.documents.decks.theme import Master
from trackline.documents.papers.files import FORMATS
from trackline.documents.reports import Period, report_facts
from trackline.documents.reports.files import content_of
from trackline.documents.reviews import meeting_of, review_facts
from trackline.documents.reviews.files import file_name, format_of
from trackline.kickoff.models import Meeting
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.kit.records.whole import pieces, whole_of
from trackline.kit.records.workbooks import EXCEL
from trackline.workspace.views.review import day_of, edition_of
from trackline.workspace.web import page

POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
TYPES = {"pptx": POWERPOINT, "pdf": "application/pdf", "xlsx": EXCEL, "json": "application/json"} | {
    ending: kind.content_type for ending, kind in FORMATS.items()
}
WORDS = {"pptx": "PowerPoint", "pdf": "PDF", "docx": "Word", "md": "Markdown", "xlsx": "Excel", "json": "JSON"}
PERIODS = ("month", "quarter")


@dataclass(frozen=True)
class File:
    """A document that a page offers: what it is called, and its address in each format."""

    name: str
    formats: Sequence[tuple[str, str]]


def files_of(url: str) -> list[File]:
    """Return what can be taken of an account at this address."""
    offered: list[tuple[str, str, Sequence[str]]] = [("Plan", f"{url}/plan/export/{{}}", ("pdf", "docx", "md"))]
    offered += [("Review deck", f"{url}/review/export/{{}}", ("pptx", "pdf")),
                ("Review deck, customer's copy", f"{url}/review/export/{{}}?edition=customer", ("pptx", "pdf"))]  # fmt: skip
    offered += [
        (brief.title, f"{url}/briefs/{kind}/export/{{}}", ("pdf", "pptx", "docx", "md"))
        for kind, brief in BRIEFS.items()
    ]
    offered.append(("Everything, to import elsewhere", f"{url}/export/{{}}", ("json",)))
    return [_file(*one) for one in offered]


def reports() -> list[File]:
    """Return the reports of the book that can be taken."""
    return [
        _file(f"Report of the {period}", f"/book/report/export/{{}}?period={period}", ("pptx", "pdf", "xlsx"))
        for period in PERIODS
    ]


@page()
def brief(request: HttpRequest, ctx: Context, key: str, kind: str, ending: str) -> HttpResponse:
    """A brief on an account."""
    account = get(ctx, registry.get("account"), key)
    made = brief_of(ctx, account, kind, ending, master=_master(request, ctx))
    return _answer(made, ending, f"{account.key}-{kind}-{ctx.today}")


@page()
def review(request: HttpRequest, ctx: Context, key: str, ending: str) -> HttpResponse:
    """The deck of the account's next review."""
    made = format_of(ending)
    account = get(ctx, registry.get("account"), key)
    facts = review_facts(ctx, account, day_of(request), edition_of(request))
    master = _master(request, ctx, meeting_of(facts))
    return _answer(made.draw(facts, master), ending, file_name(account.key, facts))


@page()
def everything(_request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """All records of an account as one file."""
    whole = whole_of(ctx, key)
    disposition = f'attachment; filename="{whole.account.key}-{ctx.today}.json"'
    made: Iterator[bytes] = (piece.encode() for piece in pieces(ctx, whole))
    return StreamingHttpResponse(  # type: ignore[return-value]
        made, content_type="application/json", headers={"Content-Disposition": disposition}
    )


@page()
def report(request: HttpRequest, ctx: Context, ending: str) -> HttpResponse:
    """The report of the book over a month or a quarter."""
    period = request.GET.get("period", "quarter")
    if period not in PERIODS:
        raise NotFound(f"There is no report of a {period[:20]}.")
    body = content_of(report_facts(ctx, day_of(request), cast(Period, period)), ending, _master(request, ctx))
    return _answer(body, ending, f"book-{period}-{ctx.today}")


def _master(request: HttpRequest, ctx: Context, meeting: Meeting | None = None) -> Master | None:
    """Return the master that is asked for by `template`, else the one that is chosen."""
    return asked(ctx, request.GET.get("template", ""), meeting).master


def _file(name: str, address: str, endings: Sequence[str]) -> File:
    return File(name, [(WORDS[ending], address.format(ending)) for ending in endings])


def _answer(body: bytes, ending: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}.{ending}"'
    return HttpResponse(body, content_type=TYPES[ending], headers={"Content-Disposition": disposition})
