"""Steps of a playbook as a form: lines as they are typed, and what a button makes of them. Reads and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

BEFORE, AFTER = "before", "after"
_MADE = re.compile(r"^(T[+-]\d+|step-\d+)$")


@dataclass(frozen=True)
class Line:
    """One step as it is typed: days before or after the anchor date, title, role; key and description are kept."""

    days: str = ""
    side: str = BEFORE
    title: str = ""
    role: str = ""
    key: str = ""
    description: str = ""

    @classmethod
    def of(cls, step: dict[str, Any]) -> Line:
        """Read a stored step."""
        days = step.get("offset_days")
        return cls(
            days="" if days is None else str(abs(days)),
            side=AFTER if days is not None and days < 0 else BEFORE,
            title=step.get("title", ""),
            role=spoken(step.get("owner_role", "")),
            key=step.get("key", ""),
            description=step.get("description", ""),
        )

    @property
    def step(self) -> dict[str, Any]:
        """Return the step to be stored; days that are no number stay text, for the record's own check to refuse."""
        days: Any = self.days.strip()
        if re.fullmatch(r"[+-]?\d{1,6}", days):
            days = int(days) if self.side == BEFORE else -int(days)
        return {
            "key": "" if _MADE.match(self.key) else self.key,
            "title": self.title.strip(),
            "offset_days": None if days == "" else days,
            "owner_role": self.role.strip().lower().replace(" ", "_"),
            "description": self.description,
        }


def spoken(role: str) -> str:
    """A role as it is said: `customer success`."""
    return role.replace("_", " ")


def typed(columns: dict[str, Sequence[str]]) -> list[Line]:
    """Read the lines of a sent form; the columns are lists of the same length."""
    names = ("days", "side", "title", "role", "key", "description")
    rows = zip(*(columns[name] for name in names), strict=False)
    return [replace(Line(), **dict(zip(names, row, strict=True))) for row in rows]


def after(lines: Sequence[Line], deed: str) -> list[Line]:
    """Return the lines after `add`, `sort`, `up:2`, `down:2` or `remove:2`; a deed that means nothing changes nothing."""
    out = list(lines)
    verb, _, place = deed.partition(":")
    at = int(place) if place.isdecimal() and len(place) < 4 else -1
    if verb == "add":
        out.append(Line())
    elif verb == "sort":
        out.sort(key=_far)
    elif verb == "remove" and 0 <= at < len(out):
        del out[at]
    elif verb == "up" and 0 < at < len(out):
        out[at - 1], out[at] = out[at], out[at - 1]
    elif verb == "down" and 0 <= at < len(out) - 1:
        out[at + 1], out[at] = out[at], out[at + 1]
    return out


def _far(line: Line) -> float:
    """Earliest first; steps without days last."""
    days = line.step["offset_days"]
    return -days if isinstance(days, int) else float("inf")


def when(days: int | None) -> str:
    """When a step falls due, in words."""
    if days is None:
        return "no day"
    return "on the day" if days == 0 else f"{abs(days)} d {BEFORE if days > 0 else AFTER}"
