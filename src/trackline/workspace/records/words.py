"""Values as words: for toasts, history, tooltips and second lines. `display` draws the same values as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from trackline.kit import formats
from trackline.kit.records.fields import FieldSpec
from trackline.workspace.records.facts import MEASURED, Facts, Item, value_of

NBSP = formats.NBSP
SENTIMENTS: Mapping[int, str] = {-1: "Negative", 0: "Neutral", 1: "Positive"}
OUTSIDE = "outside your accounts"


def words(spec: FieldSpec, item: Item, facts: Facts) -> str:
    """Return a field's value as it reads in a sentence; "not set" where there is none."""
    return words_of(spec, value_of(spec, item), item, facts)


def words_of(spec: FieldSpec, value: Any, item: Item, facts: Facts) -> str:
    """Return a value of a field in words; `item` tells currency and unit."""
    if is_missing(value):
        return formats.MISSING
    match spec.kind:
        case "ref":
            return ref_words(spec, value, facts)
        case "refs":
            return ", ".join(ref_words(spec, pk, facts) for pk in value)
        case "tags":
            return ", ".join(value)
        case "boolean":
            return "yes" if value else "no"
        case "choice":
            return str(dict(spec.choices).get(value, value))
        case "object":
            return f"{len(value)} entries"
        case "integer" | "decimal" | "money" | "percent":
            return number_words(spec, value, item, facts)
    return _time_words(value, facts) if isinstance(value, date | time) else str(value)


def number_words(spec: FieldSpec, value: Any, item: Item, facts: Facts) -> str:
    """Return a number with its unit: `€2,840,000`, `4.8 %`, `25 h`."""
    if is_sentiment(spec):
        return SENTIMENTS.get(int(value), str(value))
    unit = facts.unit(item) if spec.name in MEASURED else ""
    if spec.kind == "money" or unit == "currency":
        currency = facts.currency(item)
        return formats.money_full(value, currency) if currency else formats.number(value)
    if spec.kind == "percent" or unit == "percent" or spec.name.endswith("_pct"):
        return f"{formats.number(value, None if unit else 1 if value % 1 else 0)}{NBSP}%"
    text = str(value) if spec.name in ("fiscal_year", "position") else formats.number(value)
    return f"{text}{NBSP}{formats.UNIT_WORDS[unit]}" if unit in formats.UNIT_WORDS else text


def ref_words(spec: FieldSpec, value: Any, facts: Facts) -> str:
    """Return the name of a reference's target."""
    label = facts.label(spec.target, value)
    if label is None:
        return OUTSIDE
    return f"{label.text} (deleted)" if label.deleted else label.text


def is_missing(value: Any) -> bool:
    """Whether a value stands for none."""
    return value is None or value == "" or value == [] or value == {}


def is_sentiment(spec: FieldSpec) -> bool:
    """Whether a number is a mood: −1, 0 or 1."""
    return spec.kind == "integer" and spec.minimum == -1 and spec.maximum == 1


def is_scale(spec: FieldSpec) -> bool:
    """Whether a number stands on the scale of 1 to 5."""
    return spec.kind == "integer" and spec.minimum == 1 and spec.maximum == 5


def moment_words(value: datetime, today: date) -> str:
    """Return an instant in the time zone in force: `Fri 27 Nov, 09:30`."""
    local = timezone.localtime(value)
    return f"{formats.day(local.date(), today)}, {local:%H:%M}"


def _time_words(value: date | time, facts: Facts) -> str:
    if isinstance(value, datetime):
        return moment_words(value, facts.today)
    return f"{value:%H:%M}" if isinstance(value, time) else formats.day(value, facts.today)
