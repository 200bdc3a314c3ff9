"""Match headings to fields: by what the source system calls them, then by the words of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from trackline.connectors.profiles import CUSTOM, SKIP, Source, SourceObject, Target, TypeWords, everyday
from trackline.connectors.values.words import squeeze, words_of

_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_CURRENCY_WORD = re.compile(
    r"(?:^|[\s_(\[/-])(EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD|CNY|INR|BRL)(?:$|[\s_)\]/-])", re.I
)
_CURRENCY_SIGN = {"€": "EUR", "£": "GBP"}
#: A table of up to so many columns may be too small to gather points, though it says what it is; so much that is worth.
_SMALL, _SMALL_LIST = 3, 2
OTHER_IDS = "external_ids"
_FILLED = frozenset({"text", "email"})
"""Kinds of fields of which a system has several columns (an address at work, at home): the next fills what one leaves empty."""
"""Target of a column with the ids that another system gave the records of an export of ours, by that system."""
#: Words around a heading that add nothing.
_NOISE = frozenset(
    {"the", "of", "our", "in", "custom", "field", "total", "der", "die", "das", "des", "le", "la", "el", "de"}
)


@dataclass(frozen=True, slots=True)
class Match:
    """A column and the target found for it; `how` is `profile` or `heading`."""

    target: Target
    how: str
    #: Whether another column of the same field comes first.
    fills: bool = False


def currency_in(heading: str) -> str:
    """The currency that a heading names (`Umsatz (EUR)`, `amount_usd`), or nothing."""
    found = _CURRENCY_WORD.search(heading)
    if found:
        return found.group(1).upper()
    return next((code for sign, code in _CURRENCY_SIGN.items() if sign in heading), "")


def heading_keys(heading: str, nouns: frozenset[str]) -> list[str]:
    """Squeezed forms under which a heading is looked up, the literal one first.

    Units in brackets, currency codes and the type's own noun in front or behind are taken off: `Company industry`,
    `Umsatz (EUR)`, `amount_usd`, `Deal - Amount`.
    """
    literal, words = _stripped(heading)
    forms = list(literal)
    if len(words) > 1 and words[0] in nouns:
        forms.append("".join(words[1:]))
    if len(words) > 2 and words[0] + words[1] in nouns:
        forms.append("".join(words[2:]))
    if len(words) > 1 and words[-1] in nouns:
        forms.append("".join(words[:-1]))
    plain = [word for word in words if word not in _NOISE]
    if plain and len(plain) < len(words):
        forms.append("".join(plain))
    return [form for form in dict.fromkeys(forms) if form]


@lru_cache(maxsize=5_000)
def _stripped(heading: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The forms of a heading that are the same for every type, and the words that are left of it."""
    base = _BRACKETS.sub(" ", heading)
    bare = _CURRENCY_WORD.sub(" ", base)
    return (squeeze(heading), squeeze(base), squeeze(bare)), tuple(words_of(bare))


def match_columns(
    headings: Sequence[str], words: TypeWords, source: Source, obj: SourceObject | None
) -> dict[int, Match]:
    """Find a target for as many columns as possible; each field (and way of referring) takes one column."""
    found: dict[int, Match] = {}
    taken: set[Target] = set()
    if source.system == "trackline":
        return _own_export(headings, words)
    if obj is not None:
        _by_profile(headings, source, obj, words, found, taken)
    _by_heading(headings, words, source, found, taken)
    _family_name(headings, words, found)
    return found


def _own_export(headings: Sequence[str], words: TypeWords) -> dict[int, Match]:
    """Our own export: fields by their names; the name of a reference finds it in any book, its id only in this one."""
    found: dict[int, Match] = {}
    for index, heading in enumerate(headings):
        target = Target(SKIP)
        name = heading.removesuffix("_name")
        if heading == "id":
            target = Target("external_id")
        elif heading.startswith("custom."):
            target = Target(f"{CUSTOM}:{heading.removeprefix('custom.')}")
        elif heading.startswith(("external_id.", "external_ids.")):
            target = Target(OTHER_IDS, heading.partition(".")[2])
        elif name != heading and name in words.fields and words.fields[name].target:
            target = Target(name)
        elif heading in words.fields and heading != "external_id":
            target = Target(heading, "id") if words.fields[heading].target else Target(heading)
        found[index] = Match(target, "profile")
    return found


def _by_profile(
    headings: Sequence[str],
    source: Source,
    obj: SourceObject,
    words: TypeWords,
    found: dict[int, Match],
    taken: set[Target],
) -> None:
    known = _known_to(obj, headings, source)
    # In the order of the profile: the first of two columns for one field is the better one.
    for key, target in obj.fields.items():
        if key not in known or known[key] in found:
            continue
        if target.field in (SKIP, CUSTOM):
            found[known[key]] = Match(target, "profile")
        elif target not in taken and target.field in words.fields:
            found[known[key]] = Match(target, "profile")
            taken.add(target)
        elif target in taken and words.fields[target.field].kind in _FILLED:
            found[known[key]] = Match(target, "profile", fills=True)
    for index, heading in enumerate(headings):
        if index not in found and any(key in source.skip for key in source.keys(heading)):
            found[index] = Match(Target(SKIP), "profile")


def _known_to(obj: SourceObject, headings: Sequence[str], source: Source) -> dict[str, int]:
    """The first column of each heading that the profile of an object lists."""
    known: dict[str, int] = {}
    for index, heading in enumerate(headings):
        key = next((key for key in source.keys(heading) if key in obj.fields), None)
        if key is not None:
            known.setdefault(key, index)
    return known


def _by_heading(
    headings: Sequence[str], words: TypeWords, source: Source, found: dict[int, Match], taken: set[Target]
) -> None:
    keys = {
        index: _all_keys(heading, source, words.nouns) for index, heading in enumerate(headings) if index not in found
    }
    candidates: list[tuple[int, int, int, int, Target]] = []
    for index, forms in keys.items():
        met: set[str] = set()
        for loss, form in enumerate(forms):
            for order, preference, target in words.by_heading.get(form, ()):
                if target.field not in met:
                    met.add(target.field)
                    # A literal heading beats one that had to be trimmed; then the order of the vocabulary decides.
                    candidates.append((min(loss, 1), order, preference, index, target))
    for _, _, _, index, target in sorted(candidates, key=lambda each: each[:4]):
        if index not in found and target not in taken:
            found[index] = Match(target, "heading")
            taken.add(target)


def _all_keys(heading: str, source: Source, nouns: frozenset[str]) -> list[str]:
    forms: list[str] = []
    for prefix in ("", *source.prefixes):
        if not prefix or heading.lower().startswith(prefix):
            forms += heading_keys(heading[len(prefix) :], nouns)
    return list(dict.fromkeys(forms))


def _family_name(headings: Sequence[str], words: TypeWords, found: dict[int, Match]) -> None:
    """`Vorname` beside `Name`: the second is the family name, not the whole one."""
    if "last_name" not in words.fields:
        return
    fields = {match.target.field: index for index, match in found.items()}
    if "first_name" not in fields or "last_name" in fields or "name" not in fields:
        return
    if squeeze(headings[fields["name"]]) in ("name", "nom", "nombre", "nome", "naam"):
        found[fields["name"]] = Match(Target("last_name"), "heading")


def score(headings: Sequence[str], matches: Mapping[int, Match], words: TypeWords) -> int:
    """How strongly the headings speak for the type; 0 where a field it needs is missing."""
    fields = {match.target.field for match in matches.values()} - {SKIP, CUSTOM}
    if missing_needs(fields, words):
        return 0
    best: dict[str, int] = {}
    for index, match in matches.items():
        # Custom fields, `custom:KEY`, are known by their book and speak for no type.
        if match.target.field in words.fields:
            name = match.target.field
            best[name] = max(best.get(name, 0), _worth(headings[index], match, words))
    return (
        sum(best.values())
        + _free_points(headings, matches, words)
        + _SMALL_LIST * _is_small_list(headings, matches, words)
    )


def is_telling(headings: Sequence[str], matches: Mapping[int, Match], words: TypeWords) -> bool:
    """Whether a heading speaks for the type that not every list may have."""
    return (
        any(
            match.target.field in words.fields
            and (match.how == "profile" or squeeze(headings[index]) not in everyday())
            for index, match in matches.items()
        )
        or _free_points(headings, matches, words, telling=True) > 0
        or _is_small_list(headings, matches, words)
    )


def _worth(heading: str, match: Match, words: TypeWords) -> int:
    mark = words.fields[match.target.field].mark
    return mark if match.how == "profile" else min(mark, everyday().get(squeeze(heading), mark))


def _free_points(
    headings: Sequence[str], matches: Mapping[int, Match], words: TypeWords, *, telling: bool = False
) -> int:
    """Points of the headings that have no field but are typical of the type; `telling` leaves out everyday ones."""
    free = [squeeze(heading) for index, heading in enumerate(headings) if index not in matches]
    return sum(words.speaks.get(each, 0) for each in free if not (telling and each in everyday()))


def _is_small_list(headings: Sequence[str], matches: Mapping[int, Match], words: TypeWords) -> bool:
    """Whether a short list names its thing outright and holds nothing else: `Account Name, Tier`."""
    if len(headings) > _SMALL or len(matches) < len(headings):
        return False
    named = next((headings[index] for index, match in matches.items() if match.target == Target("name")), "")
    spoken = words_of(named)
    return bool(spoken) and (spoken[0] in words.nouns or squeeze(named) in words.nouns)


def missing_needs(fields: Iterable[str], words: TypeWords) -> list[tuple[str, ...]]:
    """The groups of fields of which none is there."""
    present = set(fields)
    return [group for group in words.needs if not present & set(group)]
