"""Words: folding for comparison, yes and no, words that mean nothing, choices by label."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from trackline.connectors.values.data import read_data

_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "’": "'"})
EMPTY_STARTS = frozenset("nN#\\(<-")
"""What all words begin with that say nothing."""
_PARTS = re.compile(r"[^\w]+|_+")


def fold(text: str) -> str:
    """Text for comparison: no case, no accents, no outer or doubled spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    return _fold_beyond_ascii(text)


@lru_cache(maxsize=20_000)
def _fold_beyond_ascii(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    text = "".join(character for character in text if not unicodedata.combining(character))
    return " ".join(text.split())


@lru_cache(maxsize=50_000)
def squeeze(text: str) -> str:
    """Folded text with only letters and digits: `Account ID`, `account_id` and `ACCOUNTID` are one."""
    return "".join(character for character in fold(text) if character.isalnum())


def words_of(text: str) -> list[str]:
    """Folded words of a heading or name; capitals inside a word part it (`closeDate`)."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [word for word in _PARTS.split(fold(parted)) if word]


@cache
def _table(name: str) -> frozenset[str]:
    data = read_data(Path(__file__).parent / "words.yaml")
    return frozenset(fold(str(word)) for word in data[name])


def is_empty(text: str) -> bool:
    """Whether a cell says nothing, whatever it is read as."""
    if not text or text.isspace():
        return True
    # All of those words begin with one of these characters.
    return text[0] in EMPTY_STARTS and len(text) <= 12 and fold(text) in _table("empty")


def is_empty_typed(text: str) -> bool:
    """Whether a cell says nothing where a number, date, choice or address is expected (`n/a`, `-`)."""
    return len(text) <= 16 and (not text[:1].isascii() or text[:1] in _typed_starts()) and _is_empty_typed(text)


@cache
def _typed_starts() -> frozenset[str]:
    """What those words begin with; a look at it spares most numbers and dates the rest."""
    starts = {word[0] for word in _table("empty_typed")} | {" ", ""}
    return frozenset(starts | {start.upper() for start in starts})


@lru_cache(maxsize=20_000)
def _is_empty_typed(text: str) -> bool:
    return fold(text) in _table("empty_typed")


def parse_boolean(text: str) -> bool:
    """Read yes or no in the usual languages and signs. Raises `ValueError`."""
    word = fold(text)
    if word in _table("true"):
        return True
    if word in _table("false"):
        return False
    raise ValueError(text)
