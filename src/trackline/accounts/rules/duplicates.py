"""Which records may be one and the same: what speaks for a pair and against it. Pure; points are data beside it.

Pairs are only looked for among records that share something (a word, a beginning, a domain, a number), so that the work
grows with the records and not with their square.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\D+")
_CROWD = 50
"""Records that share a word or a beginning; more of them share it by chance, and are compared by what is rarer."""


@dataclass(frozen=True)
class Entry:
    """A record as it is compared. Texts come in small letters without accents; `ids` are numbers that authorities give, by
    kind (`tax_id`); `within` is the account that a contact stands in."""

    pk: int
    name: str
    domain: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    email: str = ""
    phone: str = ""
    title: str = ""
    within: int = 0


@dataclass(frozen=True)
class Signal:
    """Something that speaks for a pair, or against it with points below zero."""

    key: str
    words: str
    points: int


@dataclass(frozen=True)
class Pair:
    """Two records that may be one: the smaller id first, 0–100, `sure` where numbers settle it, and why."""

    one: int
    other: int
    score: int
    sure: bool
    signals: tuple[Signal, ...]


@cache
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return found


def bare_name(name: str, forms: Collection[str]) -> str:
    """Return a name without the legal forms at its end. Source: DQ-03."""
    words = _WORD.findall(name)
    while len(words) > 1 and words[-1] in forms:
        words.pop()
    return " ".join(words)


def bare_phone(phone: str) -> str:
    """Return the last nine digits of a number, without what countries and switchboards put before; empty below seven."""
    digits = _DIGIT.sub("", phone)
    return digits[-9:] if len(digits) >= 7 else ""


def duplicates(kind: str, entries: Iterable[Entry], apart: Collection[tuple[int, int]] = ()) -> list[Pair]:
    """Return the pairs of `account` or `contact` entries that may be one, the likeliest first. Source: DQ-03.

    `apart` are pairs, smaller id first, that somebody said are not the same. A pair is `sure` where a number is the same, none
    differs, and the names are alike.
    """
    known = {entry.pk: entry for entry in entries}
    judge = _judge_accounts if kind == "account" else _judge_contacts
    found: list[Pair] = []
    for one, other in sorted(_likely(known.values()) - set(apart)):
        signals = tuple(judge(known[one], known[other]))
        score = min(100, sum(signal.points for signal in signals))
        keys = {signal.key for signal in signals}
        doubted = {"identifier_same", "identifier_differs"} <= keys
        if score >= _data()[kind]["floor"] or doubted:
            sure = {"identifier_same"} <= keys and not doubted and bool(keys & {"name_same", "name_close", "name_near"})
            found.append(Pair(one, other, max(0, score), sure, signals))
    found.sort(key=lambda pair: (-pair.score, pair.one, pair.other))
    return found


def _likely(entries: Iterable[Entry]) -> set[tuple[int, int]]:
    """Pairs worth a look: those that share a number, a domain with much of a name, a whole name, or something rarer of it."""
    exact: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    loose: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for entry in entries:
        words, joined = entry.name.split(), entry.name.replace(" ", "")
        at = entry.within
        exact[at, "name", " ".join(sorted(words))].append(entry.pk)
        for kind, number in entry.ids.items():
            exact[at, kind, number].append(entry.pk)
        for what, value in (("domain", entry.domain), ("phone", entry.phone), ("box", entry.email.partition("@")[0])):
            if value:
                exact[at, what, value].append(entry.pk)
        for word in {word for word in words if len(word) > 2}:
            loose[at, "word", word].append(entry.pk)
        loose[at, "start", joined[:5]].append(entry.pk)
        loose[at, "end", joined[-5:]].append(entry.pk)
    pairs: set[tuple[int, int]] = set()
    for block in exact.values():
        # Of a crowd that shares it, each is compared with the first: the others follow when that one is settled.
        firsts = block if len(block) <= _CROWD else block[:1]
        pairs |= {(min(a, b), max(a, b)) for a in firsts for b in block if a != b}
    for block in loose.values():
        if 1 < len(block) <= _CROWD:
            pairs |= {(min(a, b), max(a, b)) for a in block for b in block if a != b}
    return pairs


def _judge_accounts(one: Entry, other: Entry) -> Iterator[Signal]:
    yield from _names("account", one, other)
    for kind in sorted(one.ids.keys() & other.ids.keys()):
        same = one.ids[kind] == other.ids[kind]
        yield _signal("account", "identifier_same" if same else "identifier_differs", kind.replace("_", " "))
    if one.domain and other.domain:
        yield _signal("account", "domain_same" if one.domain == other.domain else "domain_differs")


def _judge_contacts(one: Entry, other: Entry) -> Iterator[Signal]:
    named = list(_names("contact", one, other))
    yield from named
    if not any(signal.key in ("name_same", "name_close") for signal in named) and _shortens(one.name, other.name):
        yield _signal("contact", "name_short")
    if one.phone and one.phone == other.phone:
        yield _signal("contact", "phone_same")
    if one.email and one.email.partition("@")[0] == other.email.partition("@")[0]:
        yield _signal("contact", "mailbox_same")
    if one.title and one.title == other.title:
        yield _signal("contact", "title_same")


def _names(kind: str, one: Entry, other: Entry) -> Iterator[Signal]:
    if not one.name or not other.name:
        return
    if sorted(one.name.split()) == sorted(other.name.split()):
        yield _signal(kind, "name_same")
        return
    bounds = _data()[kind]["similar"]
    lowest = 100 * bounds["name_near"]
    like = max(fuzz.ratio(one.name, other.name, score_cutoff=lowest), fuzz.token_sort_ratio(one.name, other.name)) / 100
    for key, bound in bounds.items():
        if like >= bound:
            yield _signal(kind, key)
            return


def _shortens(one: str, other: str) -> bool:
    """Whether `s keller` may stand for `sabine keller`: the last words are the same, the first begin alike."""
    first, second = one.split(), other.split()
    if len(first) < 2 or len(second) < 2 or first[-1] != second[-1]:
        return False
    short, long = sorted((first[0], second[0]), key=len)
    return long.startswith(short)


def _signal(kind: str, key: str, of: str = "") -> Signal:
    row = _data()[kind]["points"][key]
    return Signal(key, f"{row['words']}: {of}" if of else row["words"], row["points"])
