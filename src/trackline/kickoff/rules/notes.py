"""A line typed during a meeting: what is to be done, by whom, by when.

`Send the value summary @mei by fri`: `@` names a person, `by` a day: a date, a weekday, `today`, `tomorrow`, `+2w`, `+10d`.
Pure. What is not understood stays in the text, so that nothing typed is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_AT = re.compile(r"(?:^|\s)@([\w.\-']+)")
_BY = re.compile(
    r"\s+(?:by|due|until)\s+(?P<day>\+?\d{1,3}\s?[dwm]|today|tomorrow|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2} [a-z]{3,9}(?: \d{4})?)\s*$",
    re.IGNORECASE,
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STEP = {"d": 1, "w": 7, "m": 30}


@dataclass(frozen=True)
class Person:
    """Somebody who can be named: `key` says who it is, `side` whose; `words` are what one may call them."""

    key: int
    side: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """What a line says; `people` are all whom the name could mean."""

    text: str
    called: str
    people: tuple[Person, ...]
    due: date | None


def person(key: int, side: str, name: str, *also: str) -> Person:
    """Return somebody with what one may call them: each part of the name, the whole without gaps, and further words."""
    parts = re.findall(r"[\w'\-]+", name.casefold())
    whole = ("".join(parts), ".".join(parts), "-".join(parts))
    return Person(key, side, name, tuple(dict.fromkeys([*parts, *whole, *(word.casefold() for word in also if word)])))


def read(line: str, people: Iterable[Person], today: date, parse_day: Callable[[str], date]) -> Line:
    """Read a typed line. `parse_day` reads a date and raises `ValueError` for what is none."""
    text, due = line.strip(), None
    # "by fri" may stand before or after the name.
    plain = _AT.sub("", text)
    for where in (text, plain):
        hit = _BY.search(where)
        due = _day(hit["day"].casefold(), today, parse_day) if hit else None
        if hit and due:
            text = text.replace(hit[0].strip(), "", 1).strip()
            break
    called = _AT.search(text)
    if called is None:
        return Line(text, "", (), due)
    word = called[1].casefold()
    known = list(people)
    found = [one for one in known if word in one.words] or [
        one for one in known if any(part.startswith(word) for part in one.words)
    ]
    if len(found) == 1:
        text = re.sub(r"\s{2,}", " ", text[: called.start()] + " " + text[called.end() :]).strip()
    return Line(text, called[1], tuple(found), due)


def _day(word: str, today: date, parse_day: Callable[[str], date]) -> date | None:
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    if word[:3] in WEEKDAYS and word.isalpha():
        ahead = (WEEKDAYS.index(word[:3]) - today.weekday() - 1) % 7 + 1
        return today + timedelta(days=ahead)
    if step := re.fullmatch(r"\+?(\d{1,3})\s?([dwm])", word):
        return today + timedelta(days=int(step[1]) * _STEP[step[2]])
    try:
        return parse_day(word.title() if word[-4:].isdecimal() or "-" in word else f"{word.title()} {today.year}")
    except ValueError:
        return None
