"""Documents that `trackline export` writes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

import click

from trackline.book.dashboards.boards import board_of
from trackline.book.queries.narrowing import FILTERS
from trackline.documents.boards import files as board_files
from trackline.documents.briefs.making import BRIEFS, ENDINGS, brief_of
from trackline.documents.deck_templates.choosing import asked as asked_template
from trackline.documents.decks.checking import check
from trackline.documents.decks.theme import Master, read_master
from trackline.documents.papers import files as paper_files
from trackline.documents.plans.live import EDITIONS, plan_of, plan_of_version
from trackline.documents.reports import Period, report_facts
from trackline.documents.reports import files as report_files
from trackline.documents.reviews import Edition, meeting_of, review_facts
from trackline.documents.reviews import files as review_files
from trackline.documents.reviews.summary import summary_of
from trackline.kickoff.models import Meeting
from trackline.kickoff.sitting import sitting
from trackline.kit.policy import Context
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import registry
from trackline.kit.records.whole import pieces, whole_of

from .plans import version_of

WHOLE = "account"
"""Everything of one account, where it is named; without one the word means the record type."""
TEMPLATES = (".pptx", ".potx")
PERIODS = ("month", "quarter")


@dataclass(frozen=True)
class Asked:
    """What is to be written: of which account, meeting or dashboard, as of when, which copy, with the accounts below or without, over what
    period, on whose slides, of which accounts, of which version."""

    account: str
    on: date | None
    edition: str
    group: bool
    period: str
    template: str
    filters: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None

    def master(self, ctx: Context, meeting: Meeting | None = None) -> Master | None:
        """Return the master of the template that is asked for, a file or one that was uploaded, else of the one that is chosen
        for the meeting or the book; None for our own."""
        if self.template.lower().endswith(TEMPLATES):
            try:
                return read_master(check(Path(self.template).read_bytes()).blob)
            except OSError as problem:
                raise click.UsageError(f"--template {self.template}: {problem.strerror}.") from problem
        return asked_template(ctx, self.template, meeting).master


@dataclass(frozen=True)
class Kind:
    """A document by its word: the endings that it is written with, what makes its content, what it is of (the whole book
    where that is empty), its copies."""

    endings: tuple[str, ...]
    make: Callable[[Context, Asked, str], bytes]
    of: str = "account"
    editions: tuple[str, ...] = ("full",)


def _plan(ctx: Context, asked: Asked, ending: str) -> bytes:
    account = get(ctx, registry.get("account"), asked.account)
    if asked.version is None:
        plan = plan_of(ctx, account, on=asked.on, group=asked.group)
    else:
        kept = version_of(ctx, account, asked.version)
        plan = plan_of_version(get(ctx, registry.get("plan_version"), kept.pk))
    if ending == "json":
        return (json.dumps(plan.to_json(asked.edition), ensure_ascii=False, indent=1) + "\n").encode()
    return paper_files.FORMATS[ending].draw(plan.paper(asked.edition))


def _review(ctx: Context, asked: Asked, ending: str) -> bytes:
    account = get(ctx, registry.get("account"), asked.account)
    facts = review_facts(ctx, account, asked.on, cast(Edition, asked.edition))
    return review_files.format_of(ending).draw(facts, asked.master(ctx, meeting_of(facts)))


def _book(ctx: Context, asked: Asked, ending: str) -> bytes:
    return report_files.content_of(report_facts(ctx, asked.on, cast(Period, asked.period)), ending, asked.master(ctx))


def _dashboard(ctx: Context, asked: Asked, ending: str) -> bytes:
    if asked.on not in (None, ctx.today):
        raise click.UsageError("--on: a dashboard tells of today.")
    unknown = sorted(set(asked.filters) - set(FILTERS))
    if unknown:
        raise click.UsageError(f"--filter {unknown[0]}: a dashboard is narrowed by {', '.join(FILTERS)}.")
    rows = scoped(ctx, registry.get("dashboard"))
    named = rows.filter(name__iexact=asked.account).order_by("pk").values_list("pk", flat=True).first()
    return board_files.content_of(board_of(ctx, named or asked.account, asked.filters or None), ending)


def _summary(ctx: Context, asked: Asked, ending: str) -> bytes:
    if asked.on is not None:
        raise click.UsageError("--on: a summary tells of its meeting's day.")
    found = summary_of(sitting(ctx, asked.account))
    if ending == "json":
        return (json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n").encode()
    return f"{found.subject}\n\n{found.text}\n".encode()


_SAID = {
    "meeting": "a meeting, by id",
    "account": "an account, by key or id",
    "dashboard": "a dashboard, by name or id",
}


def _account(ctx: Context, asked: Asked, _ending: str) -> bytes:
    return "".join(pieces(ctx, whole_of(ctx, asked.account))).encode()


def _brief(kind: str) -> Kind:
    def make(ctx: Context, asked: Asked, ending: str) -> bytes:
        account = get(ctx, registry.get("account"), asked.account)
        return brief_of(ctx, account, kind, ending, asked.on, asked.master(ctx))

    return Kind(ENDINGS, make)


KINDS: Mapping[str, Kind] = {
    WHOLE: Kind(("json",), _account),
    "plan": Kind((*paper_files.FORMATS, "json"), _plan, editions=tuple(EDITIONS)),
    "review": Kind(tuple(review_files.FORMATS), _review, editions=("full", "customer")),
    **{kind: _brief(kind) for kind in BRIEFS},
    "summary": Kind(("txt", "json"), _summary, of="meeting"),
    "book": Kind(tuple(report_files.FORMATS), _book, of=""),
    "dashboard": Kind(tuple(board_files.FORMATS), _dashboard, of="dashboard"),
}


def content_of(ctx: Context, kind: str, asked: Asked, target: Path) -> bytes:
    """Return the content of a document in the format that the ending of the file asks for."""
    found = KINDS[kind]
    if found.of and not asked.account:
        raise click.UsageError(f"export {kind} needs {_SAID[found.of]}.")
    if asked.filters and found.of != "dashboard":
        raise click.UsageError("--filter narrows records and dashboards.")
    if asked.account and not found.of:
        raise click.UsageError(f"export {kind} is of the whole book: leave {asked.account} out.")
    if asked.edition not in found.editions:
        raise click.UsageError(f"--edition {asked.edition}: {kind} has {', '.join(found.editions)}.")
    ending = target.suffix.lower().removeprefix(".")
    if ending not in found.endings:
        listed = ", ".join(f".{one}" for one in found.endings)
        raise click.UsageError(f"--to {target}: end the name with one of {listed}.")
    return found.make(ctx, asked, ending)


def put(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file aside, then put it in place."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as name:
            aside = Path(name) / target.name
            write(aside)
            aside.replace(target)
    except OSError as problem:
        raise click.ClickException(f"{target} cannot be written: {problem.strerror}.") from problem
