"""Steps of a playbook as a form: lines as they are typed, and what a button makes of them. Reads and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from trackline.choose.rules.conditions import CONDITIONS

COLUMNS = ("days", "side", "title", "role", "key", "description", "condition")
"""The fields of a line in the form."""
BEFORE, AFTER = "before", "after"
_MADE = re.compile(r"^(T[+-]\d+|step-\d+)$")


@dataclass(frozen=True)
class Line:
    """One step as it is typed: days before or after the anchor date, title, role, instructions, check; the key is kept.

    The check stands as its words, `new_contacts least=2 levels=c_suite,vp`.
    """

    days: str = ""
    side: str = BEFORE
    title: str = ""
    role: str = ""
    key: str = ""
    description: str = ""
    condition: str = ""

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
            condition=check_words(step.get("condition")),
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
            "description": self.description.strip(),
            "condition": check_typed(self.condition),
        }


def check_words(condition: Any) -> str:
    """A check as one types it: its name, then its options."""
    if not condition:
        return ""
    options = (f"{name}={_option(value)}" for name, value in condition.items() if name != "name")
    return " ".join([condition["name"], *options])


def check_typed(text: str) -> Any:
    """Read a check as it is typed; what is no option stays text, for the record's own check to refuse."""
    words = text.split()
    if not words:
        return None
    found: dict[str, Any] = {"name": words[0]}
    condition = CONDITIONS.get(words[0])
    options = condition.taken if condition else {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        kind = options.get(name)
        if kind is int and value.isdecimal() and len(value) < 9:
            found[name] = int(value)
        elif kind is bool and value in ("yes", "no"):
            found[name] = value == "yes"
        else:
            found[name] = [one for one in value.split(",") if one] if kind is list else value
    return found


def _option(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, list) else str(value)


def spoken(role: str) -> str:
    """A role as it is said: `customer success`."""
    return role.replace("_", " ")


def typed(columns: dict[str, Sequence[str]]) -> list[Line]:
    """Read the lines of a sent form; the columns are lists of the same length."""
    names = COLUMNS
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
