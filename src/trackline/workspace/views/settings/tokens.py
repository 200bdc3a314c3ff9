"""API tokens: one's own, and for administrators everybody's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts import services
from trackline.accounts.models import Token, User
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, PERMISSIONS, Context
from trackline.kit.problems import NotFound, Problem
from trackline.workspace.views.settings.frame import Dialog, draw, saved, show_dialog
from trackline.workspace.web import page

LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until revoked"))


@page()
def tokens(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List the tokens that the actor may see; those in force first."""
    query = Token.objects.select_related("user").order_by("-created_at")
    if not ctx.actor.may(ADMIN):
        query = query.filter(user_id=ctx.actor.user_id or 0)
    rows = [
        {"token": token, "state": _state(token, ctx), "mine": token.user_id == ctx.actor.user_id} for token in query
    ]
    rows.sort(key=lambda row: row["state"] != "in force")
    context = {"rows": rows, "everybody": ctx.actor.may(ADMIN), "now": ctx.now}
    context["tool"] = {"label": "New token", "icon": "plus", "get": "/settings/tokens/new", "key": "n"}
    return draw(request, ctx, "tokens", "workspace/settings/tokens.html", context)


@page("GET", "POST")
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Make a token for oneself; its text is shown this once."""
    posted = request.POST if request.method == "POST" else None
    scopes = posted.getlist("scope") if posted is not None else [PERMISSIONS[0]]
    days = posted.get("days", "") if posted is not None else "90"
    dialog = Dialog(
        title="New API token",
        text="A program that holds it acts as you, within the permissions you choose here.",
        action="/settings/tokens/new",
        confirm="Make token",
        fields=[
            FormField(
                name="name",
                label="Name",
                required=True,
                value=posted.get("name", "") if posted is not None else "",
                max_length=80,
                autofocus=True,
                help="What it is for, so that you know it again.",
            ),
            FormField(
                name="scope",
                kind="several",
                label="Permissions",
                choices=[(code, code) for code in PERMISSIONS if ctx.actor.may(code)],
                value=set(scopes),
            ),
            FormField(
                name="days", kind="choice", label="Ends after", choices=LIVES, value=days, widget="radio", required=True
            ),
        ],
    )
    if posted is None:
        return show_dialog(request, dialog)
    try:
        user = User.objects.get(pk=ctx.actor.user_id)
        lives = int(days) if days.isdecimal() and 0 < int(days) <= 3650 else None
        scopes = [scope for scope in scopes if scope]
        token, bearer = services.create_token(ctx, user, scopes, name=posted.get("name", "").strip(), days=lives)
    except Problem as problem:
        return show_dialog(request, dialog.refused(problem), status=problem.status)
    response = render(request, "workspace/settings/token_made.html", {"token": token, "bearer": bearer})
    response.headers["Cache-Control"] = "no-store"
    return htmx.changed(response)


@page("GET", "POST")
def revoke(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Say what stops, then end a token for good."""
    token = Token.objects.select_related("user").filter(pk=pk).first()
    if token is None or (token.user_id != ctx.actor.user_id and not ctx.actor.may(ADMIN)):
        raise NotFound("There is no such token.")
    dialog = Dialog(
        title=f"Revoke {token}?",
        text="Programs that use it are refused from now on. This cannot be undone; make a new token instead.",
        action=f"/settings/tokens/{pk}/revoke",
        confirm="Revoke token",
        keep="Keep it",
        danger=True,
    )
    if request.method != "POST":
        return show_dialog(request, dialog)
    services.revoke_token(ctx, pk)
    return saved(ctx, f"Token {token} revoked", undo=False)


def _state(token: Token, ctx: Context) -> str:
    if token.revoked_at:
        return "revoked"
    if token.expires_at and token.expires_at <= ctx.now:
        return "expired"
    return "in force"
