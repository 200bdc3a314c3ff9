"""Briefs by their word, as the file that an ending asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from trackline.accounts.models import Account
from trackline.documents.briefs.situations import renewal_slides, save_slides, sponsor_slides
from trackline.documents.briefs.tiers import tier_facts, tier_slides
from trackline.documents.briefs.value import value_slides
from trackline.documents.decks.slides import Deck, Slide
from trackline.documents.decks.theme import Master
from trackline.documents.decks.words import day
from trackline.documents.gathering import Facts, facts_of
from trackline.kit.api.answers import encode
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound

ENDINGS = ("pdf", "pptx", "json")


@dataclass(frozen=True)
class Brief:
    """A kind of brief: what it is called, what it says, and what it tells beside the facts of an account."""

    title: str
    slides: Callable[[Facts], list[Slide]]
    beside: Callable[[Context, Account, date | None], Facts] | None = None


BRIEFS: Mapping[str, Brief] = {
    "value": Brief("Value summary", value_slides),
    "renewal": Brief("Renewal proposal brief", renewal_slides),
    "sponsor": Brief("Executive sponsor brief", sponsor_slides),
    "save": Brief("Save plan", save_slides),
    "tier": Brief("Tier decision brief", tier_slides, tier_facts),
}


def brief_of(
    ctx: Context, account: Account, kind: str, ending: str, on: date | None = None, master: Master | None = None
) -> bytes:
    """Return a brief on an account as of a day (today). Raises `NotFound` for an ending that is not known."""
    if ending not in ENDINGS:
        raise NotFound(f"There is no brief as {ending[:20]}; {', '.join(ENDINGS)} are known.")
    brief = BRIEFS[kind]
    facts = facts_of(ctx, account, on)
    if brief.beside:
        facts |= msgspec.json.decode(encode(brief.beside(ctx, account, on)))
    if ending == "json":
        return encode(facts)
    footer = f"{brief.title} · {account.name} · as of {day(facts['as_of'])} · internal"
    deck = Deck(account.name, brief.title, (), brief.slides(facts), footer, cover=False)
    if ending == "pdf":
        from trackline.documents.decks.paper import to_pdf  # the typesetter is loaded by whoever prints

        return to_pdf(deck)
    from trackline.documents.decks.powerpoint import render

    return render(deck, datetime.fromisoformat(f"{facts['as_of']}T12:00:00+00:00"), master)
