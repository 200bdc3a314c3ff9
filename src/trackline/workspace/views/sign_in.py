"""Signing in and out."""

from __future__ import annotations

import math

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from trackline.accounts.models import User
from trackline.accounts.services import sign_in as attempts
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.workspace.web import address_of

HOME = "/"
YEAR_SECONDS = 365 * 24 * 3600
REFUSED = "Name and password do not belong together. Check both; capital letters count in the password."


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form; with the right name and password go where the person wanted to go."""
    wanted = _safe(request, request.POST.get("next") or request.GET.get("next") or HOME)
    if request.method != "POST":
        return htmx.redirect(request, wanted) if request.user.is_authenticated else _form(request, wanted)
    name, password = request.POST.get("username", "").strip()[:150], request.POST.get("password", "")[:4096]
    address, now = address_of(request), timezone.now()
    if wait := attempts.wait_for(name, address, now):
        minutes = max(1, math.ceil(wait.total_seconds() / 60))
        text = f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}, or ask an administrator."
        response = _form(request, wanted, name, text, status=429)
        response.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
        return response
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        attempts.note_failure(name, address, now)
        return _form(request, wanted, name, REFUSED, status=422)
    attempts.forget_failures(name, address)
    login(request, user)
    response = HttpResponseRedirect(wanted)
    if theme := user.preferences.get("theme"):
        response.set_cookie("tl_theme", theme, max_age=YEAR_SECONDS, samesite="Lax")
    return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return htmx.redirect(request, settings.LOGOUT_REDIRECT_URL)


def _form(request: HttpRequest, wanted: str, name: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    people = User.objects.alive()
    context = {
        "next": "" if wanted == HOME else wanted,
        "problem": problem,
        "first_run": not people.exists(),
        "nobody_signs_in": not problem and not people.exclude(password__startswith="!").exists(),  # noqa: S106  (unusable ones)
        "fields": [
            FormField(
                name="username",
                label="Sign-in name",
                required=True,
                value=name,
                autocomplete="username",
                autofocus=not name,
                max_length=150,
            ),
            FormField(
                name="password",
                kind="password",
                label="Password",
                required=True,
                autocomplete="current-password",
                autofocus=bool(name),
            ),
        ],
    }
    return render(request, "workspace/sign_in/sign_in.html", context, status=status)


def _safe(request: HttpRequest, url: str) -> str:
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if allowed else HOME
