"""Filters in words: "Tier 1 or Tier 2", "Renews within 90 days", "Owner is Katrin Vogel"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.core.scales import UNKNOWN
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import get
from trackline.kit.records.values import BadValue, parse_number
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.filters import ACCOUNT
from trackline.workspace.records.facts import customs
from trackline.workspace.records.labels import Labels, labels

COMPARED = {"gte": "from", "gt": "over", "lte": "to", "lt": "under"}
COMPARED_DATES = {"gte": "from", "gt": "after", "lte": "until", "lt": "before"}
EDITED_AS = {"renews": "renewal_date", "below": "parent", "arr_min": "arr", "arr_max": "arr"}
"""The field whose form sets a filter of the list's own."""


@dataclass(frozen=True)
class Sentence:
    """A filter in force: the field it is about, its words, the address of the page without it."""

    field: str
    label: str
    url: str


def sentences(ctx: Context, asked: Asked, unread: Iterable[str], book_currency: str) -> list[Sentence]:
    """Return the filters in force in words, in the order of the address; one for each field."""
    skipped = set(unread)
    added = customs(ACCOUNT) if any(name.startswith("custom.") for name in asked.filters) else {}
    grouped: dict[str, dict[str, str]] = {}
    for name, value in asked.filters.items():
        if name not in skipped:
            grouped.setdefault(field_of(name), {})[name] = value
    known = _known(ctx, asked, added)
    found = []
    for field, parameters in grouped.items():
        spec = ACCOUNT.specs.get(field) or added.get(field)
        lower_first = sorted(parameters.items(), key=lambda item: item[0].endswith(("_max", "__lte", "__lt")))
        words = [_words(ctx, spec, name, value, known, book_currency) for name, value in lower_first]
        rest = asked.without(parameters)
        found.append(Sentence(field, _joined(words), rest.url))
    return found


def field_of(parameter: str) -> str:
    """Return the field that a filter is about."""
    return EDITED_AS.get(parameter) or parameter.partition("__")[0]


def _joined(words: list[tuple[str, str]]) -> str:
    """Put the words of one field together: its name stands once."""
    first = words[0][0]
    return " ".join([first, *(part for _, part in words)]).strip()


def _words(
    ctx: Context, spec: FieldSpec | None, name: str, value: str, known: Labels, currency: str
) -> tuple[str, str]:
    match name:
        case "renews":
            return ("Renewal date has passed", "") if value == "late" else ("Renews", f"within {value} days")
        case "below":
            return ("With all below", _account_name(ctx, value))
        case "missing":
            return ("Without", _or([ACCOUNT.specs[item].label for item in value.split(",") if item in ACCOUNT.specs]))
        case "arr_min" | "arr_max":
            return ("ARR", f"{'from' if name == 'arr_min' else 'to'} {_money(value, currency)}")
        case "band":
            colours = ["without a score" if part in ("null", UNKNOWN) else part for part in value.split(",")]
            return ("Health", _or(colours))
        case "alerts":
            return ("Open alerts", "")
    base, _, operator = name.partition("__")
    if spec is None:
        label = {"created_at": "Created", "updated_at": "Changed"}.get(base, base)
        return (label, f"{COMPARED_DATES.get(operator, '')} {_day(value)}".strip())
    return _field_words(ctx, spec, operator, value, known)


def _field_words(ctx: Context, spec: FieldSpec, operator: str, value: str, known: Labels) -> tuple[str, str]:
    if value == "null":
        return (f"{spec.label} not set" if operator != "not" else f"{spec.label} set", "")
    if operator == "contains":
        return (spec.label, f"contains “{value}”")
    if operator in COMPARED:
        if spec.kind in ("date", "datetime"):
            return (spec.label, f"{COMPARED_DATES[operator]} {_day(value)}")
        return (spec.label, f"{COMPARED[operator]} {formats.number(value)}")
    if spec.kind == "boolean":
        yes = value.casefold() in ("true", "1", "yes", "on")
        return (spec.label, "" if yes and not spec.custom else "yes" if yes else "no")
    named = _or([_value(ctx, spec, part, known) for part in value.split(",")])
    if spec.name == "tier":
        return ("Not" if operator == "not" else named, named if operator == "not" else "")
    if spec.kind == "tags":
        return ("Tagged", named)
    return (spec.label, f"is not {named}" if operator == "not" else f"is {named}")


def _value(ctx: Context, spec: FieldSpec, value: str, known: Labels) -> str:
    if value == "null":
        return "not set"
    if spec.kind == "choice":
        return next((str(label) for key, label in spec.choices if str(key) == value), value)
    if spec.kind == "ref":
        if value == "me":
            return "me"
        label = known.get((spec.target, int(value))) if value.isdecimal() else None
        return label.text if label else value
    return value


def _known(ctx: Context, asked: Asked, added: dict[str, FieldSpec]) -> Labels:
    wanted: dict[str, set[str]] = {}
    for name, value in asked.filters.items():
        spec = ACCOUNT.specs.get(name.partition("__")[0])
        if spec and spec.kind == "ref":
            ids = {part for part in value.split(",") if part.isdecimal() and len(part) < 19}
            wanted.setdefault(spec.target, set()).update(ids)
    return labels(ctx, wanted)


def _money(value: str, currency: str) -> str:
    try:
        return formats.money_full(parse_number(value), currency)
    except (BadValue, ArithmeticError):
        return value


def _account_name(ctx: Context, key: str) -> str:
    try:
        return str(get(ctx, ACCOUNT, key))
    except NotFound:
        return key


def _day(value: str) -> str:
    try:
        return formats.day(date.fromisoformat(value[:10]))
    except ValueError:
        return value


def _or(words: list[Any]) -> str:
    if len(words) > 4:
        return f"{', '.join(words[:3])} or {len(words) - 3} more"
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
