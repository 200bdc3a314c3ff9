"""One change to all selected records: a dialog that says what it does, one batch, one undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.bulk import MOST, BulkResult, delete_many, undo_batch, update_many
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import RecordType
from trackline.workspace.queries.accounts.asked import PATH, Asked
from trackline.workspace.queries.accounts.page import ordered_ids
from trackline.workspace.records import forms, undoing
from trackline.workspace.records.cells import editable
from trackline.workspace.records.facts import customs, facts_for
from trackline.workspace.records.labels import in_sentence
from trackline.workspace.records.related import below
from trackline.workspace.records.views.common import counted, listed, type_of
from trackline.workspace.web import page

NAMED = 5
FORM, RESULT, FIELDS = "workspace/bulk/form.html", "workspace/bulk/result.html", "workspace/bulk/fields.html"
UNCHANGED_AT_ONCE = ("name", "key", "title")
"""Fields that make one record out of many: the same value for all of them is a mistake."""


@page()
def fields(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """Ask which field to change."""
    rtype = _writable(ctx, name)
    specs = [spec for spec in _specs(rtype).values() if editable(rtype, spec) and spec.name not in UNCHANGED_AT_ONCE]
    chosen = _chosen(request, ctx, rtype)
    return render(request, FIELDS, {"rtype": rtype, "specs": specs, "ids": ",".join(chosen.texts), "what": chosen.what})


@page("GET", "POST")
def change(request: HttpRequest, ctx: Context, name: str, field: str) -> HttpResponse:
    """Ask for the value of a field, then give it to all selected records."""
    rtype = _writable(ctx, name)
    spec = _specs(rtype).get(field)
    if spec is None or not editable(rtype, spec):
        raise NotFound("There is no such field to change.")
    chosen = _chosen(request, ctx, rtype)
    if request.method != "POST":
        return render(request, FORM, _form(ctx, rtype, spec, chosen))
    typed = forms.posted(request.POST, [spec]).get(field, "")
    try:
        result = update_many(ctx, rtype, chosen.ids, _values(request, spec, typed), parse="text")
    except Invalid as problem:
        messages = [str(error["msg"]) for error in problem.errors]
        return render(request, FORM, _form(ctx, rtype, spec, chosen, typed, messages), status=problem.status)
    return _told(request, rtype, result, f"{spec.label} changed")


@page("GET", "POST")
def delete(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """Say what goes with the selected records, then delete them."""
    rtype = _writable(ctx, name)
    chosen = _chosen(request, ctx, rtype)
    if request.method == "POST":
        return _told(request, rtype, delete_many(ctx, rtype, chosen.ids), "deleted")
    going = below(rtype, chosen.ids)
    with_them = f"{listed(counted(other, count) for other, count in going)} go with them. " if going else ""
    context = {
        "title": f"Delete {chosen.what}?",
        "text": f"{chosen.names}. {with_them}You can undo this.",
        "action": f"/bulk/{rtype.name}/delete",
        "hidden": [("ids", ",".join(chosen.texts))],
        "confirm": f"Delete {chosen.what}",
        "target": "#dialog",
        "swap": "innerHTML",
        "keep": "Keep them",
        "danger": True,
    }
    return render(request, "kit/c/confirm.html", context)


@page("POST")
def undo(request: HttpRequest, ctx: Context, batch: UUID) -> HttpResponse:
    """Take a whole batch back; what was changed again since stays, and is named."""
    return htmx.changed(htmx.toast(htmx.done(), undoing.told(undo_batch(ctx, batch))))


class _Chosen:
    """The selected records: `all_of` says how many more the page's filter has, `texts` are their ids."""

    def __init__(self, rtype: RecordType, ids: Sequence[int], names: Sequence[str], all_of: int = 0) -> None:
        self.ids = list(ids)
        self.texts = [str(pk) for pk in ids]
        self.what = counted(rtype, len(self.ids))
        more = len(self.ids) - len(names)
        self.names = ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
        self.all_of = all_of


def _writable(ctx: Context, name: str) -> RecordType:
    rtype = type_of(name)
    ctx.require(rtype.write_permission)
    return rtype


def _specs(rtype: RecordType) -> dict[str, FieldSpec]:
    return {**rtype.specs, **customs(rtype)}


def _chosen(request: HttpRequest, ctx: Context, rtype: RecordType) -> _Chosen:
    sent = request.POST if request.method == "POST" else request.GET
    ids = [int(pk) for pk in sent.get("ids", "").split(",") if pk.isdecimal() and len(pk) < 19]
    all_of = _all_of_filter(request, ctx, rtype)
    if sent.get("all") == "on":
        ids = all_of
    if not ids:
        raise Invalid.fields({"ids": "Select some rows first."})
    ids = ids[: MOST + 1]
    known = dict(scoped(ctx, rtype).filter(pk__in=ids[:NAMED]).values_list("pk", rtype.title))
    names = [str(known[pk]) for pk in ids[:NAMED] if pk in known]
    return _Chosen(rtype, ids, names, len(all_of) if len(ids) < len(all_of) <= MOST else 0)


def _all_of_filter(request: HttpRequest, ctx: Context, rtype: RecordType) -> list[int]:
    path, _, query = htmx.page_path(request).partition("?")
    if not rtype.is_account or path != PATH:
        return []
    ids, _columns, _rates = ordered_ids(ctx, Asked.of_text(query))
    return ids


def _form(
    ctx: Context,
    rtype: RecordType,
    spec: FieldSpec,
    chosen: _Chosen,
    typed: Any = None,
    errors: Sequence[str] = (),
) -> dict[str, Any]:
    facts = facts_for(ctx, rtype, [], [spec])
    field = forms.draw(rtype, spec, typed, facts, forms.lists_for([spec]), errors=errors)
    field.autofocus, field.help = True, ""
    if spec.kind == "boolean":
        field = FormField(
            name=spec.name,
            kind="choice",
            label=spec.label,
            choices=[("true", "Yes"), ("", "No")],
            value="true",
            required=True,
            widget="segmented",
        )
    return {
        "rtype": rtype,
        "spec": spec,
        "field": field,
        "chosen": chosen,
        "ids": ",".join(chosen.texts),
        "noun": in_sentence(rtype, plural=True),
        "adds": spec.kind in ("tags", "refs"),
    }


def _values(request: HttpRequest, spec: FieldSpec, typed: Any) -> Any:
    """The value for all, or for tags and links a function that adds to, or takes from, what each record has."""
    how = request.POST.get("how", "replace")
    if spec.kind != "tags" or how == "replace":
        return {spec.name: typed}
    words = [typed] if isinstance(typed, str) else list(typed)
    words = [word.strip() for word in words if word.strip()]
    if not words:
        raise Invalid.fields({spec.name: "Name at least one tag."})
    if how == "add":
        return _each(spec, lambda held: [*held, *(word for word in words if word not in held)])
    return _each(spec, lambda held: [word for word in held if word not in words])


def _each(spec: FieldSpec, change: Callable[[list[str]], list[str]]) -> Callable[[Any], dict[str, Any]]:
    return lambda record: {spec.name: change(list(getattr(record, spec.name)))}


def _told(request: HttpRequest, rtype: RecordType, result: BulkResult, done: str) -> HttpResponse:
    """Say what was done, with one undo for all of it; refusals stay in the dialog with their reasons."""
    text = f"{done[0].upper()}{done[1:]}: {counted(rtype, len(result.changed))}"
    if result.unchanged:
        text += f", {len(result.unchanged)} had it already"
    undo_url = f"/bulk/undo/{result.batch}" if result.changed else None
    if result.refused:
        left = len(result.refused)
        title = f"{counted(rtype, left)} {'was left as it is' if left == 1 else 'were left as they are'}"
        context = {"result": result, "text": text, "title": title, "undo_url": undo_url}
        response = render(request, RESULT, context)
    else:
        response = htmx.close_dialog(htmx.done())
    htmx.toast(response, text, undo_url)
    return htmx.changed(response) if result.changed else response


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
