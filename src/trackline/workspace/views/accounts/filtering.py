"""The form behind "Filter": first the fields, then what to ask of one of them. It applies as one types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.models import Account
from trackline.core.scales import UNKNOWN
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.models import PicklistValue
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.filters import ACCOUNT
from trackline.workspace.records import addresses
from trackline.workspace.records.facts import customs
from trackline.workspace.records.labels import labels
from trackline.workspace.web import page

COMMON = ("owner", "tier", "status", "renewal_date", "arr", "parent", "industry", "region", "tags", "watch")
UNFILTERED = ("object",)
WINDOWS = (("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "A year"), ("late", "Passed"))
MISSING = ("owner", "tier", "arr", "renewal_date", "industry", "region", "exec_sponsor", "customer_sponsor", "domain")


@page()
def fields(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List what can be filtered by."""
    specs = {**ACCOUNT.specs, **customs(ACCOUNT)}
    rest = [
        name for name, spec in specs.items() if name not in COMMON and spec.kind not in UNFILTERED and name != "name"
    ]
    groups = [
        [*(_entry(name, specs[name]) for name in COMMON), {"name": "band", "label": "Health"}],
        [{"name": "missing", "label": "Something missing"}, {"name": "alerts", "label": "Open alerts"}],
        [_entry(name, specs[name]) for name in rest],
    ]
    return render(request, "workspace/accounts/filter.html#fields", {"groups": groups})


@page()
def field(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """Show the form of one field, with what the page's address asks of it now."""
    asked = Asked.of_text(htmx.page_path(request))
    if name == "missing":
        label, controls = "Something missing", [_missing(asked)]
    elif name == "band":
        colours = [("red", "Red"), ("amber", "Amber"), ("green", "Green"), ("null", "No score")]
        said = asked.having(band=asked.filters.get("band", "").replace(UNKNOWN, "null"))
        label, controls = "Health", [_ticks(said, "band", colours, False)]
    elif name == "alerts":
        label, controls = "Open alerts", [_radio("alerts", asked, [("open", "With open alerts"), ("", "All")])]
    else:
        spec = ACCOUNT.specs.get(name) or customs(ACCOUNT).get(name)
        if spec is None or spec.kind in UNFILTERED:
            raise NotFound("There is no such filter.")
        label = {"renewal_date": "Renewal", "parent": "Group"}.get(name, spec.label)
        controls = _controls(ctx, asked, spec)
    own = {control["name"] for control in controls if "name" in control}
    context = {"label": label, "controls": controls, "kept": asked.pairs(*own, "page", "view")}
    return render(request, "workspace/accounts/filter.html#form", context)


def _entry(name: str, spec: FieldSpec) -> dict[str, str]:
    return {"name": name, "label": {"renewal_date": "Renewal", "parent": "Group"}.get(name, spec.label)}


def _controls(ctx: Context, asked: Asked, spec: FieldSpec) -> list[dict[str, Any]]:
    name = spec.name
    if own := OWN.get(name):
        return own(ctx, asked, spec)
    if spec.numeric:
        return [*_limits(asked, f"{name}__gte", f"{name}__lte"), _unset(asked, spec)]
    match spec.kind:
        case "choice":
            return [_ticks(asked, name, [(str(key), str(label)) for key, label in spec.choices], spec.nullable)]
        case "picklist":
            return [_ticks(asked, name, [(word, word) for word in _words(ctx, spec)], True)]
        case "boolean":
            return [_radio(name, asked, [("", "All"), ("true", "Yes"), ("false", "No")])]
        case "ref":
            return [_several(ctx, asked, spec)]
        case "tags":
            return [_tags(ctx, asked)]
        case "date" | "datetime":
            return [*_range(asked, spec), _unset(asked, spec)]
    return [_text(asked, spec), _unset(asked, spec)]


def _renewal(_ctx: Context, asked: Asked, spec: FieldSpec) -> list[dict[str, Any]]:
    return [_radio("renews", asked, [("", "Any"), *WINDOWS]), *_range(asked, spec), _unset(asked, spec)]


def _arr(_ctx: Context, asked: Asked, spec: FieldSpec) -> list[dict[str, Any]]:
    return [*_limits(asked, "arr_min", "arr_max", "in the book's currency"), _unset(asked, spec)]


def _group(ctx: Context, asked: Asked, _spec: FieldSpec) -> list[dict[str, Any]]:
    return [_one(ctx, asked, "below", "account", "With all that stands below")]


def _ticks(asked: Asked, name: str, choices: list[tuple[str, str]], empty: bool) -> dict[str, Any]:
    chosen = asked.filters.get(name, "").split(",")
    known = {value for value, _ in choices}
    more = [(value, value) for value in chosen if value and value not in known and value != "null"]
    listed = [*choices, *more, *([("null", "not set")] if empty else [])]
    return {"kind": "ticks", "name": name, "choices": [(value, label, value in chosen) for value, label in listed]}


def _radio(name: str, asked: Asked, choices: list[tuple[str, str]]) -> dict[str, Any]:
    chosen = asked.filters.get(name, "")
    return {"kind": "radio", "name": name, "choices": [(value, label, value == chosen) for value, label in choices]}


def _range(asked: Asked, spec: FieldSpec) -> list[dict[str, Any]]:
    return [
        _entry_field(asked, f"{spec.name}__gte", "From", "date"),
        _entry_field(asked, f"{spec.name}__lte", "Until", "date"),
    ]


def _limits(asked: Asked, low: str, high: str, told: str = "") -> list[dict[str, Any]]:
    return [_entry_field(asked, low, "From", "decimal", told), _entry_field(asked, high, "To", "decimal", told)]


def _entry_field(asked: Asked, name: str, label: str, kind: str, told: str = "") -> dict[str, Any]:
    field = FormField(name=name, kind=kind, label=label, value=asked.filters.get(name, ""), help=told)
    return {"kind": "field", "name": name, "field": field}


def _text(asked: Asked, spec: FieldSpec) -> dict[str, Any]:
    return _entry_field(asked, f"{spec.name}__contains", "Contains", "text")


def _unset(asked: Asked, spec: FieldSpec) -> dict[str, Any]:
    if not spec.nullable and spec.kind not in ("text", "longtext", "picklist", "email", "url", "currency"):
        return {"kind": ""}
    ticked = asked.filters.get(spec.name) == "null"
    return {"kind": "ticks", "name": spec.name, "choices": [("null", "not set", ticked)]}


def _several(ctx: Context, asked: Asked, spec: FieldSpec) -> dict[str, Any]:
    target = registry.get(spec.target)
    chosen = [part for part in asked.filters.get(spec.name, "").split(",") if part]
    known = labels(ctx, {spec.target: [pk for pk in chosen if pk.isdecimal()]})
    picked = [
        {"value": pk, "label": known[spec.target, int(pk)].text}
        for pk in chosen
        if pk.isdecimal() and (spec.target, int(pk)) in known
    ]
    quick = [("me", "Me", "me" in chosen)] if spec.target == "user" else []
    return {
        "kind": "several",
        "name": spec.name,
        "choices": [*quick, ("null", "not set", "null" in chosen)],
        "field": FormField(
            name=spec.name, kind="refs", label=spec.label, selected=picked, options_url=addresses.options(target)
        ),
    }


def _one(ctx: Context, asked: Asked, name: str, target: str, label: str) -> dict[str, Any]:
    key = asked.filters.get(name, "")
    rtype = registry.get(target)
    found = (
        scoped(ctx, rtype).filter(key=key).first() if not key.isdecimal() else scoped(ctx, rtype).filter(pk=key).first()
    )
    picked = [{"value": str(found.pk), "label": str(found)}] if found else []
    field = FormField(name=name, kind="ref", label=label, selected=picked, options_url=addresses.options(rtype))
    return {"kind": "field", "name": name, "field": field}


def _tags(ctx: Context, asked: Asked) -> dict[str, Any]:
    used: dict[str, int] = {}
    for tags in scoped(ctx, ACCOUNT).exclude(tags=[]).values_list("tags", flat=True):
        for tag in tags:
            used[tag] = used.get(tag, 0) + 1
    return _ticks(asked, "tags", [(tag, tag) for tag in sorted(used, key=lambda tag: (-used[tag], tag))[:40]], True)


def _missing(asked: Asked) -> dict[str, Any]:
    return _ticks(asked, "missing", [(name, ACCOUNT.specs[name].label) for name in MISSING], False)


def _words(ctx: Context, spec: FieldSpec) -> list[str]:
    listed = PicklistValue.objects.filter(picklist=spec.picklist, active=True).values_list("value", flat=True)
    used = Account.objects.alive().exclude(**{spec.name: ""}).values_list(spec.name, flat=True).distinct()
    in_use = set(used.order_by())
    return [
        *(word for word in listed if word in in_use),
        *sorted(in_use - set(listed)),
        *(w for w in listed if w not in in_use),
    ]


OWN: Mapping[str, Callable[[Context, Asked, FieldSpec], list[dict[str, Any]]]] = {
    "renewal_date": _renewal,
    "arr": _arr,
    "parent": _group,
}
"""Fields that a list asks about in its own way."""
