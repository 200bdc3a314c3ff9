"""Saved views of lists: filters, columns and order under a name."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from trackline.accounts.models import SavedView
from trackline.kit.policy import READ, Context
from trackline.kit.problems import Forbidden, Invalid, NotFound

LONGEST_QUERY = 2000


def save_view(
    ctx: Context, record_type: str, name: str, query: str, *, shared: bool = False, is_default: bool = False
) -> SavedView:
    """Keep filters, columns and order of a list under a name of the user's own. Raises `Invalid` for a taken name."""
    ctx.require(READ)
    if ctx.actor.user_id is None:
        raise Forbidden("A view belongs to a person; the program itself has none.")
    mine = SavedView.objects.filter(user_id=ctx.actor.user_id, record_type=record_type)
    view = SavedView(user_id=ctx.actor.user_id, record_type=record_type, query=_checked(query), position=mine.count())
    return _write(view, name=name, shared=shared, is_default=is_default)


def change_view(ctx: Context, pk: int, **changes: Any) -> SavedView:
    """Change `name`, `query`, `shared` or `is_default` of a view of one's own."""
    view = own_view(ctx, pk)
    if "query" in changes:
        view.query = _checked(changes.pop("query"))
    held: dict[str, Any] = {"name": view.name, "shared": view.shared, "is_default": view.is_default}
    return _write(view, **(held | changes))


def delete_view(ctx: Context, pk: int) -> SavedView:
    """Remove a view of one's own; returns what it was."""
    view = own_view(ctx, pk)
    SavedView.objects.filter(pk=pk).delete()
    return view


def own_view(ctx: Context, pk: int) -> SavedView:
    """Return a view of one's own, or raise `NotFound`."""
    ctx.require(READ)
    view = SavedView.objects.filter(pk=pk, user_id=ctx.actor.user_id or 0).first()
    if view is None:
        raise NotFound("There is no such view among your own.")
    return view


def _write(view: SavedView, *, name: str, shared: bool, is_default: bool) -> SavedView:
    view.name, view.shared, view.is_default = " ".join(name.split())[:80], shared, is_default
    if not view.name:
        raise Invalid.fields({"name": "Give the view a name."})
    others = SavedView.objects.filter(user_id=view.user_id, record_type=view.record_type).exclude(pk=view.pk)
    if others.filter(name__iexact=view.name).exists():
        raise Invalid.fields(
            {"name": f"You have a view {view.name!r} already. Choose another name, or update that one."}
        )
    with transaction.atomic():
        if is_default:
            others.update(is_default=False)
        view.save()
    return view


def _checked(query: str) -> str:
    if len(query) > LONGEST_QUERY:
        raise Invalid.fields({"query": "The view has more filters than one can be kept with. Take some off."})
    return query
