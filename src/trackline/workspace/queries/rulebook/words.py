"""How the rulebook reads: rooms, keys, sources, figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.core.playbook import Rule
from trackline.core.playbook.data import documents
from trackline.core.scales import CUT
from trackline.kit import formats

ROOMS: Mapping[str, str] = {
    "accounts": "Accounts, people and KPIs",
    "track": "Track the Situation",
    "reveal": "Reveal the Goals",
    "align": "Align the Routes",
    "choose": "Choose the Line",
    "kickoff": "Kickoff the Plan",
    "watch": "Watch",
    "book": "The book",
    "commercial": "Commercial",
    "documents": "Documents",
}
"""Rooms in the order of the list."""

ORIGINS: Mapping[str, str] = {
    "stated": "The source prints this figure.",
    "interpreted": "Our reading of what the source prints.",
    "ours": "The sources are silent; this is our choice.",
}
_SHORT = {
    "nps", "csat", "ces", "arr", "nrr", "roi", "sla", "esg", "kpi", "npv", "irr", "ip", "tcv", "fte", "id", "cagr", "t1", "t2", "t3",
}  # fmt: skip


_ANCHOR = re.compile(r"v(\d+)")


def room_label(room: str) -> str:
    """The name of a room."""
    return ROOMS.get(room, room.capitalize())


def words_of(key: str) -> str:
    """A key as a label: `product_usage` → Product usage, `nps_gate` → NPS gate, `v60` (of an anchor) → 60 points."""
    if anchor := _ANCHOR.fullmatch(key):
        return f"{anchor[1]} points"
    parts = [part.upper() if part in _SHORT else part for part in key.replace("-", "_").split("_") if part]
    text = " ".join(parts) or key
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Source:
    """A document or catalogue entry that a rule or a figure cites."""

    title: str
    place: str
    cited: str


def source_of(cited: str) -> Source:
    """Return what a citation names."""
    known = documents()
    catalogue, colon, entry = cited.partition(":")
    if colon and catalogue in known["catalogues"]:
        return Source(known["catalogues"][catalogue], entry, cited)
    document, _, place = cited.partition(" ")
    return Source(known["documents"].get(document, document), place, cited)


@dataclass(frozen=True)
class About:
    """What a rule is called: templates take this, since they would call a rule itself."""

    id: str
    title: str
    summary: str
    spec: tuple[str, ...]


def about(rule: Rule) -> About:
    """Return what a rule is called."""
    return About(rule.id, rule.title, rule.summary, rule.spec)


def explained(rule: Rule) -> list[str]:
    """What a rule does, in paragraphs, without its list of catalogue entries."""
    text, _, _ = rule.description.partition("\n\nSource:")
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def figure(value: Any) -> str:
    """A figure as it reads: `>= 50` → ≥ 50, a list apart by commas."""
    if isinstance(value, list | tuple):
        return ", ".join(figure(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{within(str(key))} {figure(item)}" for key, item in value.items())
    if isinstance(value, str) and (cut := CUT.fullmatch(value)):
        return f"{sign(cut[1])}{formats.NBSP}{formats.number(cut[2])}"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no"}.get(value, "not set")  # type: ignore[arg-type]
    if isinstance(value, int | float | Decimal):
        return formats.number(value)
    return str(value)


def within(key: str) -> str:
    """A key within a sentence: abbreviations stay as they are."""
    return words_of(key) if key in _SHORT else words_of(key).lower()


def sign(test: str) -> str:
    """A test as it reads."""
    return {">=": "≥", "<=": "≤"}.get(test, test)


@dataclass(frozen=True)
class BandRange:
    """A colour and the values that fall into it."""

    band: str
    words: str
    key: str
    """The key in the figures; "" for the rest."""


def band_ranges(cuts: Mapping[str, Any]) -> Iterator[BandRange]:
    """Yield colours, best first, with their values in words: > 75, 50 to 75, < 50."""
    found = [(band, cut) for band, text in cuts.items() if isinstance(text, str) and (cut := CUT.fullmatch(text))]
    previous = None
    for band, cut in found:
        words = figure(cut[0])
        if previous is not None:
            low, high = sorted((Decimal(cut[2]), Decimal(previous[2])))
            ends_open = previous[1] in (">=", "<=")
            low_words, high_words = formats.number(low), formats.number(high)
            if cut[1] in (">", ">="):
                words = f"{low_words} to {'<' + formats.NBSP if ends_open else ''}{high_words}"
                words = f">{formats.NBSP}{words}" if cut[1] == ">" else words
            else:
                words = f"{'>' + formats.NBSP if ends_open else ''}{low_words} to {high_words}"
        yield BandRange(band, words, band)
        previous = cut
    if previous is not None:
        beyond = {">=": "<", ">": "≤", "<=": ">", "<": "≥"}[previous[1]]
        yield BandRange(str(cuts.get("else", "red")), f"{beyond}{formats.NBSP}{formats.number(previous[2])}", "")


def columns_of(value: Any) -> list[str]:
    """The keys that all parts of a figure share, where each part has numbers of its own, as anchors have; else none."""
    parts = list(value.values()) if isinstance(value, Mapping) else []
    same = bool(parts) and all(isinstance(part, Mapping) and not is_bands(part) for part in parts)
    return [str(key) for key in parts[0]] if same and len({tuple(part) for part in parts}) == 1 else []


def is_bands(value: Any) -> bool:
    """Whether a figure is a set of cuts by band."""
    return isinstance(value, Mapping) and any(isinstance(cut, str) and CUT.fullmatch(cut) for cut in value.values())
