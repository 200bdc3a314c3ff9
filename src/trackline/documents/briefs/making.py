"""Briefs by their word, as the file that an ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from trackline.accounts.models import Account
from trackline.documents.briefs.increase import increase_facts
from trackline.documents.briefs.situations import renewal_slides, save_slides, sponsor_slides
from trackline.documents.briefs.tier import tier_facts, tier_slides
from trackline.documents.briefs.value import value_slides
from trackline.documents.decks.fitting import fitted
from trackline.documents.decks.slides import Deck, Slide
from trackline.documents.decks.theme import Master, own
from trackline.documents.decks.words import day
from trackline.documents.decks.written import paper_of
from trackline.documents.gathering import Facts, facts_of
from trackline.documents.papers.files import FORMATS
from trackline.kit.api.answers import encode
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound

ENDINGS = ("pdf", "pptx", "docx", "md", "json")


@dataclass(frozen=True)
class Brief:
    """A kind of brief: what it is called, what it says with so many rows a table, on how many pages, and of what beyond
    the account's facts."""

    title: str
    slides: Callable[[Facts, int], list[Slide]]
    pages: int
    more: Callable[[Context, Account, Facts], dict[str, Any]] | None = None


BRIEFS: Mapping[str, Brief] = {
    "value": Brief("Value summary", value_slides, 1),
    "renewal": Brief("Renewal proposal brief", renewal_slides, 3, increase_facts),
    "tier": Brief("Tier decision brief", tier_slides, 2, tier_facts),
    "sponsor": Brief("Executive sponsor brief", sponsor_slides, 1),
    "save": Brief("Save plan", save_slides, 2),
}


def brief_of(
    ctx: Context, account: Account, kind: str, ending: str, on: date | None = None, master: Master | None = None
) -> bytes:
    """Return a brief on an account as of a day (today). Raises `NotFound` for a kind or an ending that is not known."""
    brief = _brief(kind)
    if ending not in ENDINGS:
        raise NotFound(f"There is no brief as {ending[:20]}; {', '.join(ENDINGS)} are known.")
    facts = _facts(ctx, account, kind, on)
    if ending == "json":
        return encode(facts)
    deck = _deck(brief, facts, master if ending == "pptx" else None)
    if ending == "pdf":
        from trackline.documents.decks.paper import to_pdf  # the typesetter is loaded by whoever prints

        return to_pdf(deck, master)
    if ending in FORMATS:
        return FORMATS[ending].draw(paper_of(deck))
    from trackline.documents.decks.powerpoint import render

    return render(deck, datetime.fromisoformat(f"{facts['as_of']}T12:00:00+00:00"), master)


def brief_json(ctx: Context, account: Account, kind: str, on: date | None = None) -> dict[str, Any]:
    """Return a brief as JSON: its parts as they are written, and the facts behind. Raises `NotFound`."""
    brief, facts = _brief(kind), _facts(ctx, account, kind, on)
    parts = [part.to_json() for part in paper_of(_deck(brief, facts, None)).parts]
    return {"kind": kind, "title": brief.title, "as_of": facts["as_of"], "parts": parts, "facts": facts}


def _brief(kind: str) -> Brief:
    if kind not in BRIEFS:
        raise NotFound(f"There is no brief {kind[:20]}; {', '.join(BRIEFS)} are known.")
    return BRIEFS[kind]


def _facts(ctx: Context, account: Account, kind: str, on: date | None) -> Facts:
    facts, more = facts_of(ctx, account, on), _brief(kind).more
    return facts | {kind: more(ctx, account, facts)} if more else facts


def _deck(brief: Brief, facts: Facts, master: Master | None) -> Deck:
    name = facts["account"]["name"]
    slides = fitted(partial(brief.slides, facts), (master or own()).area, brief.pages)
    footer = f"{brief.title} · {name} · as of {day(facts['as_of'])} · internal"
    return Deck(name, brief.title, (), slides, footer, cover=False)
