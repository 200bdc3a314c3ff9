"""People: who works here, in which role, and whether they may sign in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from trackline.accounts import services
from trackline.accounts.models import Account, Role, TeamMember, Token, User
from trackline.accounts.settings import setting
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, PERMISSIONS, Actor, Context
from trackline.kit.problems import NotFound, Problem
from trackline.kit.records import services as records
from trackline.kit.records.text import normalise
from trackline.kit.records.types import registry
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog, tool
from trackline.workspace.web import page

FIELDS = ("name", "username", "email", "title")
LABELS = {"username": "Sign-in name", "email": "E-mail"}
HELP = {
    "username": "Letters, digits and . @ + - _ without spaces.",
    "email": "Imports match owners by it.",
}


@page()
def people(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List everybody, active people first."""
    typed = request.GET.get("q", "").strip()[:100]
    query = User.objects.alive().prefetch_related("roles").order_by("-active", "name")
    for word in normalise(typed).split():
        query = query.filter(search_text__contains=word)
    found = list(query)
    owned = _counts(Account.objects.alive().filter(owner__in=found), "owner_id")
    teams = _counts(TeamMember.objects.alive().filter(user__in=found), "user_id")
    rows = [
        {
            "user": user,
            "me": user.pk == ctx.actor.user_id,
            "roles": [role.name for role in user.roles.all()],
            "state": _state(user),
            "owns": owned.get(user.pk, 0),
            "teams": teams.get(user.pk, 0),
        }
        for user in found
    ]
    context = {
        "rows": rows,
        "q": typed,
        "waiting": sum(row["state"] == "no password" for row in rows),
        "tool": tool(ctx, "Add a person", "/settings/people/new"),
    }
    return draw(request, ctx, "people", "workspace/settings/people.html", context)


@page("GET", "POST", permission=ADMIN)
@sensitive_post_parameters("password")
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Add a person with a role; the password may come later."""
    posted = request.POST if request.method == "POST" else {}
    dialog = Dialog(
        title="Add a person",
        action="/settings/people/new",
        confirm="Add person",
        fields=[
            *(_entry(name, str(posted.get(name, "")), autofocus=name == "name") for name in FIELDS),
            _role_field(str(posted.get("role", ""))),
            _password("password", required=False),
        ],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        user = services.create_user(
            ctx,
            posted["username"].strip() if "username" in posted else "",
            role=posted.get("role", ""),
            name=posted.get("name", "").strip(),
            email=posted.get("email", "").strip(),
            title=posted.get("title", "").strip(),
            password=posted.get("password", ""),
        )
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    waits = "" if posted.get("password") else ", who cannot sign in before a password is set"
    return saved(ctx, f"{user.name} added{waits}", undo=False)


@page("GET", "POST", permission=ADMIN)
def change(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Change name, address, title and roles of a person."""
    user = _user(pk)
    posted = request.POST if request.method == "POST" else {}
    held = {name: getattr(user, name) for name in FIELDS}
    roles = (
        request.POST.getlist("roles") if request.method == "POST" else list(user.roles.values_list("code", flat=True))
    )
    dialog = Dialog(
        title=f"Change {user.name}",
        action=f"/settings/people/{pk}",
        confirm="Save",
        fields=[
            *(_entry(name, str(posted.get(name, value)), autofocus=name == "name") for name, value in held.items()),
            _roles_field(roles),
        ],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        with transaction.atomic():
            data = {name: posted.get(name, "") for name in FIELDS}
            records.update(ctx, registry.get("user"), pk, data, parse="text")
            services.set_roles(ctx, user, [code for code in roles if code])
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"{posted.get('name', user.name)} saved")


@page("GET", "POST", permission=ADMIN)
@sensitive_post_parameters("password")
def password(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Set a person's password."""
    user = _user(pk)
    dialog = Dialog(
        title=f"Password of {user.name}",
        text="Tell it to them in person; they can change it under Settings, Profile. Their other sessions end.",
        action=f"/settings/people/{pk}/password",
        confirm="Set password",
        fields=[_password("password", required=True, autofocus=True)],
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        services.set_password(ctx, user, request.POST.get("password", ""))
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"Password of {user.name} set", undo=False)


@page("GET", "POST", permission=ADMIN)
def deactivate(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Say what ends with a person's access, then end it."""
    user = _user(pk)
    owns = Account.objects.alive().filter(owner=user).count()
    tokens = Token.objects.filter(user=user, revoked_at__isnull=True).count()
    parts = [f"{user.name} is signed out and cannot sign in any more."]
    if tokens:
        parts.append(f"{tokens} API token{'s' if tokens > 1 else ''} end{'' if tokens > 1 else 's'} for good.")
    parts.append(
        f"{owns} account{'s' if owns > 1 else ''} keep{'' if owns > 1 else 's'} them as owner: give {'them' if owns > 1 else 'it'} to somebody else."
        if owns
        else "They own no account."
    )
    dialog = Dialog(
        title=f"Deactivate {user.name}?",
        text=" ".join(parts),
        action=f"/settings/people/{pk}/deactivate",
        confirm=f"Deactivate {user.name}",
        keep="Keep active",
        danger=True,
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    try:
        services.deactivate_user(ctx, user)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    return saved(ctx, f"{user.name} is deactivated", undo=False)


@page("POST", permission=ADMIN)
def activate(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Let a person in again."""
    user = _user(pk)
    records.update(ctx, registry.get("user"), pk, {"active": True})
    return saved(ctx, f"{user.name} is active again", undo=False)


def _user(pk: int) -> User:
    user = User.objects.alive().filter(pk=pk).first()
    if user is None:
        raise NotFound("There is no such person.")
    return user  # type: ignore[no-any-return]


def _state(user: User) -> str:
    if not user.active:
        return "inactive"
    if not user.has_usable_password():
        return "no password"
    return "never" if user.last_login is None else "signed in"


def _counts(query: Any, by: str) -> dict[int, int]:
    return dict(query.order_by().values_list(by).annotate(n=Count("pk")))


def _entry(name: str, value: str, *, autofocus: bool) -> FormField:
    spec = registry.get("user").specs[name]
    field = FormField.of(spec, value, autofocus=autofocus)
    field.label, field.help = LABELS.get(name, field.label), HELP.get(name, "")
    if name == "title":
        field.widget = "suggest"
        field.choices = [(job, job) for job in setting("perm.job_roles")]
    return field


def _password(name: str, *, required: bool, autofocus: bool = False) -> FormField:
    later = " Without one they can own records, but not sign in yet." if not required else ""
    return FormField(
        name=name,
        kind="password",
        label="Password",
        required=required,
        autocomplete="new-password",
        autofocus=autofocus,
        help=f"At least 10 characters, not a common one.{later}",
    )


def _role_field(value: str) -> FormField:
    choices = [("", "By their title"), *((role.code, role.name) for role in Role.objects.all())]
    told = "; ".join(f"{role.name} {permissions_in_words(role.permissions)}" for role in Role.objects.all())
    return FormField(
        name="role",
        kind="choice",
        label="Role",
        choices=choices,
        value=value,
        help=f"By their title: as Roles says for the job. {told}.",
        widget="select",
    )


def _roles_field(chosen: Iterable[str]) -> FormField:
    held = set(chosen)
    choices = [(role.code, role.name) for role in Role.objects.all()]
    return FormField(
        name="roles",
        kind="several",
        label="Roles",
        choices=choices,
        value=held,
        help="What several roles permit adds up.",
    )


def permissions_in_words(codes: Iterable[str]) -> str:
    """Say what permissions allow: "reads and writes"; each implies those before it."""
    actor = Actor(None, "", frozenset(codes))
    words: Mapping[str, str] = dict(zip(PERMISSIONS, ("reads", "writes", "administers"), strict=True))
    held = [words[code] for code in PERMISSIONS if actor.may(code)]
    if not held:
        return "may do nothing"
    return held[0] if len(held) == 1 else f"{', '.join(held[:-1])} and {held[-1]}"
