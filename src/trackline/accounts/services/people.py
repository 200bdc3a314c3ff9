"""Users, their roles and passwords, and API tokens."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from trackline.accounts.access import digest
from trackline.accounts.models import Role, Token, User
from trackline.accounts.services.audit import PASSWORD, TOKEN, note_change
from trackline.accounts.services.roles import administrators, role_of_job
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, PERMISSIONS, Context
from trackline.kit.problems import Forbidden, Invalid, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.keys import free_key
from trackline.kit.records.types import registry

Links = dict[str, list[int]]
OWN_FIELDS = ("name", "email", "title", "time_zone")


def complete_user(_ctx: Context, data: dict[str, Any]) -> None:
    """Make the sign-in name of a user from the e-mail address or the name where none is given."""
    source = data.get("email") or data.get("name")
    if not data.get("username") and isinstance(source, str):
        data["username"] = free_key(source.partition("@")[0], User.objects.all(), "username", otherwise="user")


def prepare_user(_ctx: Context, user: Any, changed: set[str], _links: Links) -> None:
    """Check the sign-in name; a new user cannot sign in before a password is set."""
    if "username" in changed and not re.fullmatch(r"[\w.@+-]{1,150}", user.username):
        raise Invalid.fields({"username": "Letters, digits and . @ + - _ are allowed, without spaces."})
    if user._state.adding and not user.password:
        user.set_unusable_password()
    if "active" in changed and not user.active and user.pk:
        _keep_an_administrator(user)


def allow_user_delete(ctx: Context, user: Any) -> None:
    """Refuse to delete oneself or the last administrator; what the user owns stays."""
    if user.pk == ctx.actor.user_id:
        raise Refused("You cannot delete yourself. Ask another administrator.")
    _keep_an_administrator(user)


def create_user(
    ctx: Context, username: str, *, role: str, name: str = "", email: str = "", password: str = "", title: str = ""
) -> Any:
    """Make a user with a role; without a password the user can own records but not sign in.

    Without a role the title decides, where it is a job whose role is set (PERM-10).
    """
    ctx.require(ADMIN)
    wanted = role or role_of_job(title)
    found = Role.objects.filter(code=wanted).first()
    if found is None:
        known = ", ".join(Role.objects.values_list("code", flat=True))
        complaint = f"There is no role {wanted!r}." if wanted else f"No role is set for the title {title!r}."
        raise Invalid.fields({"role": f"{complaint} One of {known} is expected."})
    with transaction.atomic():
        data = {"username": username, "name": name or username, "email": email, "title": title}
        user = records.create(ctx, registry.get("user"), data, parse="json")
        if password:
            set_password(ctx, user, password)
        user.roles.set([found])
    return user


def change_profile(ctx: Context, user: Any, typed: Mapping[str, str]) -> Any:
    """Change what a person may change of themselves: name, e-mail, title, time zone. Needs no right but being them."""
    beyond = set(typed) - set(OWN_FIELDS)
    if ctx.actor.user_id != user.pk or beyond:
        ctx.require(ADMIN)
    zone = typed.get("time_zone", "")
    if zone and zone not in available_timezones():
        raise Invalid.fields({"time_zone": "A time zone like Europe/Berlin is expected."})
    # The record's own right is the administrator's; for these fields being the person is enough.
    oneself = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions | {ADMIN}))
    return records.update(oneself, registry.get("user"), user.pk, dict(typed), parse="text")


def set_password(ctx: Context, user: Any, password: str) -> None:
    """Set a password, one's own or as administrator; weak ones are refused with the reason."""
    if ctx.actor.user_id != user.pk:
        ctx.require(ADMIN)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid.fields({"password": " ".join(error.messages)}) from None
    user.set_password(password)
    user.save(update_fields=["password"])
    note_change(ctx, PASSWORD, user.pk, user.name, {})


def deactivate_user(ctx: Context, user: Any) -> None:
    """Take away sign-in and tokens; what the user owns stays."""
    ctx.require(ADMIN)
    with transaction.atomic():
        records.update(ctx, registry.get("user"), user.pk, {"active": False})
        Token.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=ctx.now)


def create_token(
    ctx: Context, user: Any, scopes: Iterable[str], *, name: str = "", days: int | None = None
) -> tuple[Token, str]:
    """Make an API token for oneself, or as administrator for anyone; the text is shown this once.

    Raises `Invalid` for an unknown scope and `Forbidden` for one that the user does not hold.
    """
    if ctx.actor.user_id != user.pk:
        ctx.require(ADMIN)
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in PERMISSIONS]
    if unknown or not wanted:
        raise Invalid.fields({"scope": f"One or more of {', '.join(PERMISSIONS)} is expected."})
    if ctx.actor.user_id == user.pk:
        beyond = [scope for scope in wanted if not ctx.actor.may(scope)]
        if beyond:
            raise Forbidden(f"You do not hold {', '.join(beyond)}.", permission=beyond[0])
    bearer = f"tl_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        user=user,
        name=name[:80],
        digest=digest(bearer),
        hint=bearer[:7] + "…" + bearer[-4:],
        scopes=wanted,
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(days=days) if days else None,
    )
    changes = {"scopes": [None, wanted], "for": [None, user.name]}
    note_change(ctx, TOKEN, token.pk, str(token), changes, Change.Action.CREATE)
    return token, bearer


def revoke_token(ctx: Context, token_id: int) -> Token:
    """End a token, one's own or as administrator."""
    token = Token.objects.filter(pk=token_id).first()
    if token is None or (token.user_id != ctx.actor.user_id and not ctx.actor.may(ADMIN)):
        raise NotFound(f"There is no token {token_id}.")
    if token.revoked_at is None:
        token.revoked_at = ctx.now
        token.save(update_fields=["revoked_at"])
        note_change(ctx, TOKEN, token.pk, str(token), {"scopes": [token.scopes, None]}, Change.Action.DELETE)
    return token


def _keep_an_administrator(user: Any) -> None:
    if administrators() and not administrators(without=user.pk):
        raise Refused(f"{user.name} is the last administrator. Make somebody else one first.")
