"""Steps of a playbook as people write them: checked, and each with a key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trackline.choose.rules import checks

LONGEST_TITLE = 250
LONGEST_KEY = 60
LONGEST_TEXT = 10_000
MOST_STEPS = 200
MOST_DAYS = 3650
"""How far before or after its anchor date a step may lie."""

TEXTS: Mapping[str, int] = {
    "key": LONGEST_KEY,
    "title": LONGEST_TITLE,
    "description": LONGEST_TEXT,
    "owner_role": LONGEST_TITLE,
}


@dataclass
class Templates:
    """The steps that were read, and what is wrong with which: `{"loc": ["steps", 3, "title"], "msg": …}`."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


def read(steps: Any) -> Templates:
    """Read `[{"title", "key"?, "offset_days"?, "owner_role"?, "description"?, "condition"?}]`.

    A step without a key gets one: `T-30` thirty days before the anchor date, `T+14` after it, else its place.
    """
    out = Templates()
    if not isinstance(steps, list):
        out.errors.append({"loc": ["steps"], "msg": "A list of steps is expected."})
        return out
    if len(steps) > MOST_STEPS:
        out.errors.append({"loc": ["steps"], "msg": f"At most {MOST_STEPS} steps are kept."})
        return out
    for place, step in enumerate(steps):
        wrong = _problems(step)
        out.errors += [{"loc": ["steps", place, *loc], "msg": message} for loc, message in wrong]
        if not wrong:
            kept = {name: value for name, value in step.items() if value not in (None, "", {})}
            out.steps.append(kept | {"key": kept.get("key") or _key(place, step.get("offset_days"))})
    return out


def _problems(step: Any) -> list[tuple[list[str], str]]:
    if not isinstance(step, Mapping):
        return [([], "A step like {title, offset_days} is expected.")]
    found: list[tuple[list[str], str]] = []
    for name, longest in TEXTS.items():
        value = step.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            found.append(([name], f"Text of at most {longest} characters is expected."))
    if not isinstance(step.get("title"), str) or not step["title"].strip():
        found.append((["title"], "Needed, but missing."))
    key = step.get("key")
    if isinstance(key, str) and key and not re.fullmatch(r"[\w+.-]+", key):
        found.append((["key"], "Letters, digits and + - . _ are expected, without spaces."))
    days = step.get("offset_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or abs(days) > MOST_DAYS):
        found.append((["offset_days"], f"A whole number of days is expected, at most {MOST_DAYS}."))
    if step.get("condition") and (wrong := checks.problem(step["condition"])):
        found.append((["condition"], wrong))
    known = (*TEXTS, "offset_days", "condition")
    found += [([str(name)], "There is no such field.") for name in step if name not in known]
    return found


def _key(place: int, offset_days: int | None) -> str:
    if offset_days is None:
        return f"step-{place + 1}"
    return f"T-{offset_days}" if offset_days >= 0 else f"T+{-offset_days}"
