"""Who acts when a command runs: the operator, with every right, recorded as the command line."""

from __future__ import annotations

import difflib

from django.utils import timezone

from trackline.accounts.models import User
from trackline.accounts.settings import book_zone
from trackline.delivery.upkeep import schema
from trackline.kit.policy import Context, system_context

from .failures import Failed


def operator() -> Context:
    """The context of a command; refuses to start on a database that does not fit this version."""
    schema.require_current()
    timezone.activate(book_zone())
    return system_context(timezone.now(), via="cli")


def user_named(username: str) -> User:
    """The user with this sign-in name. Fails, naming the nearest, if there is none."""
    found: User | None = User.objects.alive().filter(username__iexact=username).first()
    if found:
        return found
    near = difflib.get_close_matches(username, User.objects.alive().values_list("username", flat=True), n=1)
    hint = f" Did you mean {near[0]}?" if near else " `trackline user list` shows all."
    raise Failed(f"There is no user {username}.{hint}")
