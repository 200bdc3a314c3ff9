"""One's own profile, password, theme and time zone."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from trackline.accounts import services
from trackline.accounts.models import User
from trackline.accounts.settings import setting
from trackline.kickoff.calendars import feed_address
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import READ, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.types import registry
from trackline.workspace import letters
from trackline.workspace.records.forms import errors_of
from trackline.workspace.views.calendar import site_of
from trackline.workspace.views.settings.frame import draw
from trackline.workspace.web import page

TEMPLATE = "workspace/settings/me.html"
PROFILE = ("name", "email", "title", "time_zone")
YEAR_SECONDS = 365 * 24 * 3600


@page("GET", "POST", permission=None)
def me(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show one's profile; keep what was changed of it."""
    user = _self(ctx)
    if request.method != "POST":
        return _draw(request, ctx, user)
    typed = {name: request.POST.get(name, "") for name in PROFILE}
    try:
        services.change_profile(ctx, user, typed)
    except Invalid as problem:
        return _draw(request, ctx, user, typed, errors_of(problem), status=problem.status)
    return htmx.toast(_draw(request, ctx, _self(ctx)), "Profile saved")


@page("POST", permission=None)
@sensitive_post_parameters("current", "password", "again")
def password(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Change one's own password; other sessions of the same person end."""
    user = _self(ctx)
    new = request.POST.get("password", "")
    errors: dict[str, list[str]] = {}
    if not user.check_password(request.POST.get("current", "")):
        errors["current"] = ["This is not your password now."]
    if new != request.POST.get("again", ""):
        errors["again"] = ["The two entries differ."]
    if not errors:
        try:
            services.set_password(ctx, user, new)
        except Invalid as problem:
            errors = errors_of(problem)
    if errors:
        return _draw(request, ctx, user, password_errors=errors, status=422)
    update_session_auth_hash(request, user)
    return htmx.toast(_draw(request, ctx, user), "Password changed. Other browsers are signed out.")


@page("POST", permission=None)
def theme(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Keep the theme with the person, so that it follows to other browsers."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        raise Invalid.fields({"theme": f"One of {', '.join(User.Theme.values)} is expected."})
    user = _self(ctx)
    user.preferences = user.preferences | {"theme": chosen}
    user.save(update_fields=["preferences"])
    response = htmx.done()
    response.set_cookie("tl_theme", chosen, max_age=YEAR_SECONDS, samesite="Lax")
    return response


@page("POST", permission=None)
def letter(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Turn one's own weekly letter on or off."""
    wanted = request.POST.get("wanted", "")
    if wanted not in ("yes", "no"):
        raise Invalid.fields({"wanted": "One of yes, no is expected."})
    user = _self(ctx)
    letters.want(user, wanted == "yes")
    words = "You get the weekly letter" if wanted == "yes" else "You get no weekly letter"
    return htmx.toast(_draw(request, ctx, user), words)


def _self(ctx: Context) -> User:
    return User.objects.get(pk=ctx.actor.user_id)  # type: ignore[no-any-return]


def _draw(
    request: HttpRequest,
    ctx: Context,
    user: User,
    typed: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    password_errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "user_roles": ", ".join(user.roles.values_list("name", flat=True)) or "no role",
        "username": user.username,
        "fields": _fields(user, typed or {}, errors or {}),
        "password_fields": _password_fields(password_errors or {}),
        "has_password": user.has_usable_password(),
        "letter": letters.wants(user),
        "email": user.email,
        "feed": feed_address(ctx) if ctx.actor.may(READ) else "",
        "site": site_of(request),
        "themes": [("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
    }
    return draw(request, ctx, "me", TEMPLATE, context, status=status)


def _fields(user: User, typed: dict[str, str], errors: dict[str, list[str]]) -> list[FormField]:
    specs = registry.get("user").specs
    found = []
    for name in PROFILE:
        more: dict[str, Any] = {}
        value = typed.get(name, getattr(user, name))
        drawn = FormField.of(specs[name], value, errors.get(name, ()), **more)
        if name == "time_zone":
            drawn = time_zone_field(value, errors.get(name, ()), required=False)
            drawn.placeholder = f"The book's: {setting('book.time_zone')}"
        found.append(drawn)
    return found


def time_zone_field(value: str, errors: Any = (), *, required: bool, name: str = "time_zone") -> FormField:
    """Return a choice of time zones."""
    zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]
    zones = [pair for pair in zones if not pair[0].startswith(("Etc/", "posix/", "right/", "SystemV/"))]
    return FormField(
        name=name,
        kind="choice",
        label="Time zone",
        choices=zones,
        value=value,
        errors=errors,
        required=required,
        widget="select",
    )


def _password_fields(errors: dict[str, list[str]]) -> list[FormField]:
    return [
        FormField(
            name="current",
            kind="password",
            label="Password now",
            required=True,
            autocomplete="current-password",
            errors=errors.get("current", ()),
        ),
        FormField(
            name="password",
            kind="password",
            label="New password",
            required=True,
            autocomplete="new-password",
            help="At least 10 characters, not one of the common ones. Several words are easy to keep.",
            errors=errors.get("password", ()),
        ),
        FormField(
            name="again",
            kind="password",
            label="New password again",
            required=True,
            autocomplete="new-password",
            errors=errors.get("again", ()),
        ),
    ]
