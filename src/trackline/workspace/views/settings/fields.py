"""Custom fields of each record type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse

from trackline.accounts import services
from trackline.kit.forms import FormField
from trackline.kit.models import CustomField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound, Problem
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog, tool
from trackline.workspace.web import page

FIRST = ("account", "contact", "route", "goal", "play", "project", "issue", "risk", "contract", "meeting")


@page()
def fields(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List the custom fields by record type, with how many records have a value."""
    rows = list(CustomField.objects.order_by("record_type", "position", "pk"))
    groups: dict[str, list[dict[str, Any]]] = {}
    used = _used(rows)
    for row in rows:
        groups.setdefault(row.record_type, []).append({"field": row, "used": used.get(row.pk, 0)})
    shown = [{"rtype": rtype, "rows": groups[rtype.name]} for rtype in _types() if rtype.name in groups]
    return draw(
        request,
        ctx,
        "fields",
        "workspace/settings/fields.html",
        {"groups_of_fields": shown, "tool": tool(ctx, "Add a field", "/settings/fields/new")},
    )


@page("GET", "POST", permission=ADMIN)
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Add a field to a record type."""
    posted = request.POST if request.method == "POST" else {}
    dialog = Dialog(
        title="Add a custom field",
        text="It appears in forms, lists, filters, imports, files and the API of its records.",
        action="/settings/fields/new",
        confirm="Add field",
        fields=[
            FormField(
                name="record_type",
                kind="choice",
                label="On",
                required=True,
                choices=[(rtype.name, rtype.labels) for rtype in _types()],
                value=str(posted.get("record_type", request.GET.get("record_type", "account"))),
                widget="select",
            ),
            FormField(
                name="label", label="Name", required=True, value=posted.get("label", ""), max_length=120, autofocus=True
            ),
            FormField(
                name="kind",
                kind="choice",
                label="Kind",
                required=True,
                choices=CustomField.Kind.choices,
                value=str(posted.get("kind", "text")),
                widget="select",
                help="Cannot be changed later.",
            ),
            _choices(str(posted.get("choices", ""))),
            FormField(
                name="help",
                label="Help",
                value=posted.get("help", ""),
                max_length=200,
                help="Shown under the name in forms.",
            ),
        ],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        found = services.define_custom_field(
            ctx,
            posted.get("record_type", ""),
            posted.get("label", ""),
            posted.get("kind", ""),
            choices=posted.get("choices", "").splitlines(),
            help=posted.get("help", "").strip(),
        )
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"Field {found.label} added")


@page("GET", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Rename a field, change its help or its choices; values are kept."""
    row = _field(pk)
    posted = request.POST if request.method == "POST" else {}
    listed = "\n".join(row.choices)
    fields_ = [
        FormField(
            name="label",
            label="Name",
            required=True,
            value=posted.get("label", row.label),
            max_length=120,
            autofocus=True,
        ),
        FormField(name="help", label="Help", value=posted.get("help", row.help), max_length=200),
    ]
    if row.kind == CustomField.Kind.CHOICE:
        fields_.append(_choices(posted.get("choices", listed)))
    dialog = Dialog(title=f"Change {row.label}", action=f"/settings/fields/{pk}", confirm="Save", fields=fields_)
    if request.method != "POST":
        return show_dialog(request, dialog)
    changes: dict[str, Any] = {"label": posted.get("label", ""), "help": posted.get("help", "").strip()}
    if row.kind == CustomField.Kind.CHOICE:
        changes["choices"] = posted.get("choices", "").splitlines()
    try:
        services.change_custom_field(ctx, pk, **changes)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"Field {changes['label']} saved")


@page("POST", permission=ADMIN)
def switch(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Switch a field off, or on again; its values are kept either way."""
    row = _field(pk)
    services.change_custom_field(ctx, pk, active=not row.active)
    return saved(ctx, f"Field {row.label} is {'off: hidden, its values are kept' if row.active else 'on again'}")


@page("POST", permission=ADMIN)
def move(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Move a field one place up or down among those of its record type."""
    row = _field(pk)
    order = list(CustomField.objects.filter(record_type=row.record_type).values_list("pk", flat=True))
    at = order.index(pk)
    to = at - 1 if request.POST.get("to") == "up" else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
        services.order_custom_fields(ctx, row.record_type, order)
    return saved(ctx, f"Field {row.label} moved", undo=False)


def _types() -> list[RecordType]:
    """The record types that take custom fields, the common ones first."""
    rest = [rtype for rtype in registry.all() if rtype.name not in FIRST and rtype.name != "observation"]
    return [*(registry.get(name) for name in FIRST), *sorted(rest, key=lambda rtype: rtype.labels)]


def _used(rows: Iterable[CustomField]) -> dict[int, int]:
    """How many records have a value of each field, in one query a record type."""
    by_type: dict[str, list[CustomField]] = {}
    for row in rows:
        by_type.setdefault(row.record_type, []).append(row)
    used: dict[int, int] = {}
    for name, fields_ in by_type.items():
        rtype = registry.find(name)
        if rtype is None:
            continue
        counts = {f"f{row.pk}": Count("pk", filter=Q(custom__has_key=row.key)) for row in fields_}
        found: Any = rtype.model.objects.filter(deleted_at__isnull=True).aggregate(**counts)
        used |= {row.pk: found[f"f{row.pk}"] for row in fields_}
    return used


def _field(pk: int) -> CustomField:
    row = CustomField.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such custom field.")
    return row


def _choices(value: str) -> FormField:
    return FormField(
        name="choices",
        kind="longtext",
        label="Choices",
        value=value,
        help="For a choice: one word or phrase a line, in the order they are offered. Records keep what they have.",
    )
