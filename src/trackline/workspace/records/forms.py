"""Fields of forms and cell editors, and what a browser sends back.

Nothing is checked here: entries travel as text to the record services, which say what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from trackline.accounts.models import ExchangeRate
from trackline.accounts.settings import setting
from trackline.kit.formats import UNIT_WORDS
from trackline.kit.forms import FormField
from trackline.kit.problems import Problem
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.models import PicklistValue
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses
from trackline.workspace.records.facts import MEASURED, Facts, Item
from trackline.workspace.records.words import SENTIMENTS, is_scale, is_sentiment

Typed = Mapping[str, str | list[str]]
Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Lists:
    """What is offered to choose from: words of picklists, known currencies."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    currencies: Sequence[str] = ()


def lists_for(specs: Iterable[FieldSpec]) -> Lists:
    """Read the lists that some fields offer, each kind in one query."""
    shown = list(specs)
    keys = {spec.picklist for spec in shown if spec.picklist}
    words: dict[str, list[str]] = {}
    if keys:
        for key, value in PicklistValue.objects.filter(picklist__in=keys, active=True).values_list("picklist", "value"):
            words.setdefault(key, []).append(value)
    currencies: list[str] = []
    if any(spec.kind == "currency" for spec in shown):
        rates = ExchangeRate.objects.order_by("currency").values_list("currency", flat=True).distinct()
        currencies = list(dict.fromkeys([str(setting("book.currency")), *rates, "EUR", "USD", "GBP", "CHF", "JPY"]))
    return Lists(words, currencies)


def draw(
    rtype: RecordType,
    spec: FieldSpec,
    value: Any,
    facts: Facts,
    lists: Lists,
    *,
    item: Item | None = None,
    account: int | None = None,
    errors: Sequence[str] = (),
    in_cell: bool = False,
) -> FormField:
    """Return what `kit/c/form_field.html` draws; `value` is the stored value or the text that was refused."""
    shown, more = _shown(spec, value, lists)
    value = str(value) if shown.kind == "choice" and value is not None else _entry(value)
    if spec.kind in ("ref", "refs"):
        more["selected"] = _selected(spec, value, facts)
        more["options_url"] = _options_url(rtype, spec, account)
    elif spec.kind == "tags":
        more["selected"] = [{"value": word, "label": word} for word in value or ()]
        more["options_url"] = addresses.options(rtype, field=spec.name)
    elif spec.numeric:
        more |= _unit(spec, item, facts)
    drawn = FormField.of(shown, value, errors, **more)
    if in_cell:
        drawn.widget = drawn.widget if drawn.widget == "suggest" else "select"
        drawn.autofocus = True
    return drawn


def posted(sent: QueryDict, specs: Iterable[FieldSpec]) -> dict[str, str | list[str]]:
    """Return the entries of the given fields that were sent, as text; local times as instants."""
    typed: dict[str, str | list[str]] = {}
    for spec in specs:
        if spec.name not in sent:
            continue
        entries = sent.getlist(spec.name)
        if spec.kind in ("refs", "tags"):
            typed[spec.name] = [entry for entry in entries if entry.strip()]
        elif spec.kind == "datetime":
            typed[spec.name] = _instant(entries[-1])
        else:
            typed[spec.name] = entries[-1]
    return typed


def errors_of(problem: Problem) -> dict[str, list[str]]:
    """Return a problem's messages by field name; what names no field stands under an empty text."""
    found: dict[str, list[str]] = {}
    for error in problem.errors:
        name = ".".join(str(part) for part in error.get("loc", ()))
        found.setdefault("" if name == "__all__" else name, []).append(str(error["msg"]))
    return found or {"": [problem.detail]}


def summary(errors: Errors, specs: Iterable[FieldSpec], detail: str = "") -> list[dict[str, str]]:
    """Return the entries of a form's error summary: linked where the form has the field."""
    named = {spec.name: spec.label for spec in specs}
    listed = []
    for name, messages in errors.items():
        text = " ".join(messages)
        listed.append(
            {"name": name, "label": named[name], "message": text}
            if name in named
            else {"name": "", "label": "", "message": detail or text}
        )
    return listed


def _shown(spec: FieldSpec, value: Any, lists: Lists) -> tuple[FieldSpec, dict[str, Any]]:
    """Return the field as the form draws it: scales as choices, picklists with suggestions."""
    if is_scale(spec):
        return replace(spec, kind="choice", choices=tuple((str(n), str(n)) for n in range(1, 6))), {}
    if is_sentiment(spec):
        return replace(spec, kind="choice", choices=tuple((str(n), word) for n, word in SENTIMENTS.items())), {}
    if spec.kind == "choice":
        return replace(spec, choices=tuple((str(key), label) for key, label in spec.choices)), {}
    if spec.kind == "picklist":
        return replace(spec, choices=tuple((word, word) for word in lists.words.get(spec.picklist, ()))), {
            "widget": "suggest"
        }
    if spec.kind == "currency":
        codes = dict.fromkeys([*lists.currencies, *([str(value)] if value else [])])
        return replace(spec, kind="choice", choices=tuple((code, code) for code in codes)), {"widget": "select"}
    return spec, {}


def _entry(value: Any) -> Any:
    """Return a stored value as it stands in a control, where `FormField.of` does not know how."""
    if isinstance(value, Decimal) and abs(value) >= 10_000:
        return f"{value.normalize():,f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value


def _selected(spec: FieldSpec, value: Any, facts: Facts) -> list[dict[str, Any]]:
    ids = [] if value in (None, "") else value if isinstance(value, list | tuple) else [value]
    chosen = []
    for pk in ids:
        label = facts.label(spec.target, pk) if str(pk).isdecimal() else None
        chosen.append({"value": str(pk), "label": label.text if label else str(pk)})
    return chosen


def _options_url(rtype: RecordType, spec: FieldSpec, account: int | None) -> str:
    target = registry.get(spec.target)
    bound = account if target.account and not target.is_account and spec.name not in rtype.loose else None
    return addresses.options(target, bound)


def _unit(spec: FieldSpec, item: Item | None, facts: Facts) -> dict[str, Any]:
    if item is None:
        return {}
    unit = facts.unit(item) if spec.name in MEASURED else ""
    if spec.kind == "money" or unit == "currency":
        return {"currency": facts.currency(item)}
    return {"unit": "%" if unit == "percent" else UNIT_WORDS.get(unit, "")}


def _instant(text: str) -> str:
    """Read a local date and time as an instant; what is not one stays as it is, to be refused with a reason."""
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        return text
    if moment is None or timezone.is_aware(moment):
        return text
    return timezone.make_aware(moment).isoformat()
