"""A review as a deck: the twelve sections in their order, in an edition. Pure: facts in, slides out.

Source: portfolio:QBR-06, portfolio:QBR-08.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from trackline.documents.decks.slides import Deck, Slide, Text
from trackline.documents.decks.words import count, day
from trackline.documents.gathering import Facts
from trackline.documents.reviews import closing, opening
from trackline.documents.reviews.words import label
from trackline.kit import formats

Section = Callable[[Facts], list[Slide]]
BOTH: Sequence[tuple[Section, bool]] = (
    (opening.promises, True),
    (opening.summary, True),
    (opening.value, True),
    (opening.commercial, False),
    (closing.delivery, True),
    (closing.relationship, True),
    (closing.initiatives, True),
    (closing.risks, False),
    (closing.competition, False),
    (closing.decisions, True),
    (closing.action_plan, True),
    (closing.appendix, True),
    (closing.corrected, False),
)
"""The sections after the cover, each with whether the customer's edition has it."""


def deck_of(facts: Facts) -> Deck:
    """Return the deck of a review out of its frozen facts."""
    account, review = facts["account"], facts["review"]
    customer = facts["edition"] == "customer"
    slides = [slide for section, shared in BOTH if shared or not customer for slide in section(facts)]
    if customer:
        slides = [slide for slide in slides if _tells(slide)] or opening.summary(facts)
    if review["agenda"]:
        slides.insert(0, _agenda(facts))
    return Deck(
        title=account["name"],
        subtitle=_subtitle(facts),
        facts=_cover(facts),
        slides=slides,
        footer=f"{account['name']} · figures of {day(facts['as_of'])}" + ("" if customer else " · internal"),
        notes=[f"Figures as of {day(facts['as_of'])}. What changed later is not in this deck.", *_frozen(facts)],
    )


def _tells(slide: Slide) -> bool:
    """Whether a slide holds more than a remark that nothing is recorded, which is for us alone."""
    return bool(slide.figures) or any(
        not isinstance(block, Text) or block.bullets for block in (*slide.left, *slide.right)
    )


def _frozen(facts: Facts) -> list[str]:
    kept = facts.get("freeze")
    return [f"{kept['title']}: frozen on {day(kept['on'])}."] if kept else []


def _subtitle(facts: Facts) -> str:
    review = facts["review"]
    kind = label(review["kind"]) if review["kind"] else "Business review"
    if not review["at"]:
        return f"{kind}, figures of {day(facts['as_of'])}"
    when = datetime.fromisoformat(review["at"])
    return f"{kind}, {formats.day(when)}, {when:%H:%M}"


def _cover(facts: Facts) -> list[tuple[str, str]]:
    review = facts["review"]
    asked = closing.sought(facts)
    objectives = "; ".join(one["title"] for one in facts["priorities"])
    wanted = "; ".join(f"{at}. {one['title']}" for at, one in enumerate(asked, start=1))
    rows = [("Objectives", objectives), ("Decisions sought", wanted)]
    if facts["edition"] == "customer":
        rows = [(name, told) for name, told in rows if told]
    else:
        rows = [
            ("Objectives", objectives or "No priority of the customer is recorded."),
            ("Decisions sought", wanted or "None."),
        ]
    people = [("Ours", review["ours"]), (facts["account"]["name"], review["theirs"])]
    return [*rows, *((side, ", ".join(one["name"] for one in who)) for side, who in people if who)]


def _agenda(facts: Facts) -> Slide:
    review = facts["review"]
    lines = [
        f"{one['minutes']} min{formats.NBSP}  {one['says']}" if one["minutes"] else one["says"]
        for one in review["agenda"]
    ]
    total = sum(one["minutes"] or 0 for one in review["agenda"])
    buffer = (review["minutes"] or 0) - total
    spare = f", {count(buffer, 'minute')} kept free" if buffer > 0 else ""
    return Slide("Agenda", f"{count(total, 'minute')}{spare}." if total else "", left=[Text(lines)], key="agenda")
