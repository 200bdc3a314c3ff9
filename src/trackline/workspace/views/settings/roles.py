"""Roles and what they permit."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse

from trackline.accounts import services
from trackline.accounts.models import Role
from trackline.accounts.services.roles import role_by, role_of_job
from trackline.kit.forms import FormField
from trackline.kit.models import PicklistValue
from trackline.kit.policy import ADMIN, PERMISSIONS, READ, WRITE, Actor, Context
from trackline.kit.problems import Problem
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog, tool
from trackline.workspace.web import page

MEANING = {
    READ: ("Read", "See accounts and all their records, export, use the API to read."),
    WRITE: ("Write", "Create, change, link and delete records, import files."),
    ADMIN: ("Administer", "Settings, people, lists; see all accounts; reopen what is closed."),
}


@page()
def roles(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show the table of roles and permissions."""
    found = Role.objects.annotate(people=Count("users", filter=Q(users__deleted_at__isnull=True, users__active=True)))
    rows = [
        {
            "role": role,
            "people": role.people,
            "cells": [
                {
                    "code": code,
                    "held": code in role.permissions,
                    "implied": code not in role.permissions and actor.may(code),
                }
                for code in PERMISSIONS
            ],
        }
        for role in found
        for actor in [Actor(None, "", frozenset(role.permissions))]
    ]
    context = {"rows": rows, "permissions": [(code, *MEANING[code]) for code in PERMISSIONS]}
    names = {role.code: role.name for role in found}
    context["jobs"] = [(job, names.get(code, "")) for job, code in _jobs()]
    context["tool"] = tool(ctx, "Add a role", "/settings/roles/new")
    return draw(request, ctx, "roles", "workspace/settings/roles.html", context)


@page("GET", "POST", permission=ADMIN)
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Add a role of one's own."""
    name, permissions = _sent(request, "", [READ])
    dialog = _dialog("Add a role", "/settings/roles/new", "Add role", name, permissions)
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        role = services.create_role(ctx, name, permissions)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"Role {role.name} added")


@page("GET", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context, code: str) -> HttpResponse:
    """Change what a role is called and permits, for everybody who holds it."""
    role = role_by(code)
    name, permissions = _sent(request, role.name, role.permissions)
    dialog = _dialog(f"Change {role.name}", f"/settings/roles/{code}", "Save", name, permissions)
    count = role.users.alive().filter(active=True).count()
    dialog.text = f"Takes effect at once for {count} {'person' if count == 1 else 'people'} with this role."
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        services.change_role(ctx, code, name=name, permissions=permissions)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"Role {name} saved")


@page("GET", "POST", permission=ADMIN)
def by_job(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Set which role somebody new gets by their job, where nobody chooses another."""
    known = [("", "Ask each time"), *Role.objects.values_list("code", "name")]
    posted = request.POST if request.method == "POST" else {}
    jobs = [(f"job-{number}", job, code) for number, (job, code) in enumerate(_jobs())]
    held = [(name, job, str(posted.get(name, code))) for name, job, code in jobs]
    dialog = Dialog(
        title="Roles by job",
        action="/settings/roles/jobs",
        confirm="Save",
        text="Counts for people added from now on. Who is here keeps their roles.",
        fields=[
            FormField(name=name, label=job, kind="choice", choices=known, value=code, widget="select")
            for name, job, code in held
        ],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        services.set_job_roles(ctx, {job: code for _, job, code in held})
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, "Roles by job saved")


def _jobs() -> list[tuple[str, str]]:
    """Each job role of the book's list, with the code of the role it starts with."""
    words = PicklistValue.objects.filter(picklist="job_role", active=True).order_by("position")
    return [(job, role_of_job(job)) for job in words.values_list("value", flat=True)]


@page("POST", permission=ADMIN)
def delete(request: HttpRequest, ctx: Context, code: str) -> HttpResponse:
    """Remove a role that nobody holds."""
    role = role_by(code)
    services.delete_role(ctx, code)
    return saved(ctx, f"Role {role.name} removed")


def _sent(request: HttpRequest, name: str, permissions: list[str]) -> tuple[str, list[str]]:
    if request.method != "POST":
        return name, permissions
    return request.POST.get("name", ""), [code for code in request.POST.getlist("permissions") if code]


def _dialog(title: str, action: str, confirm: str, name: str, permissions: list[str]) -> Dialog:
    choices = [(code, f"{MEANING[code][0]}: {MEANING[code][1]}") for code in PERMISSIONS]
    return Dialog(
        title=title,
        action=action,
        confirm=confirm,
        fields=[
            FormField(name="name", label="Name", required=True, value=name, max_length=80, autofocus=True),
            FormField(
                name="permissions",
                kind="several",
                label="Permissions",
                choices=choices,
                value=set(permissions),
                help="A higher one includes those above it.",
            ),
        ],
    )
