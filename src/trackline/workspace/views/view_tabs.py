"""Views of a list as tabs: those every book has, one's own, and those others share; and what can be done about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q
from django.http import QueryDict

from trackline.accounts.models import SavedView
from trackline.kit.policy import Context


class Asked(Protocol):
    """What an address of a list asks for. `view` names the tab that is current; `saved_query` is what a view keeps."""

    @property
    def view(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def saved_query(self) -> str: ...
    def viewed_as(self, key: str) -> Asked: ...


@dataclass(frozen=True)
class Views:
    """The views of one list. `built_in` holds key, name and query of those every book has, the plain list first."""

    record_type: str
    name: str
    path: str
    title: str
    keeps: str
    read: Callable[[QueryDict], Asked]
    built_in: Sequence[tuple[str, str, str]]

    def of_text(self, text: str) -> Asked:
        """Read a query string as text, with or without what stands before the question mark."""
        return self.read(QueryDict(text.rpartition("?")[2]))

    def url(self, key: str, query: str) -> str:
        """Return the address of a saved or built-in view."""
        return self.of_text(query).viewed_as(key).url

    def saved(self, ctx: Context) -> list[SavedView]:
        """Return the user's own views of the list and those others share."""
        mine = Q(user_id=ctx.actor.user_id)
        rows = SavedView.objects.filter(mine | Q(shared=True), record_type=self.record_type)
        return list(rows.select_related("user"))

    def default(self, ctx: Context) -> SavedView | None:
        """Return the view that the user opens the list with, or None."""
        mine = SavedView.objects.filter(user_id=ctx.actor.user_id or 0, record_type=self.record_type)
        return mine.filter(is_default=True).first()

    def tabs(self, ctx: Context, asked: Asked, views: Sequence[SavedView]) -> list[dict[str, Any]]:
        """Return the tabs, the current one marked."""
        tabs = [{"key": key, "label": label, "url": self.url(key, q), "note": ""} for key, label, q in self.built_in]
        for view in views:
            theirs = view.user_id != ctx.actor.user_id
            note = f"Shared by {view.user.name}" if theirs else "Shared with everybody" if view.shared else ""
            url = self.url(str(view.pk), view.query)
            tabs.append({"key": str(view.pk), "label": view.name, "url": url, "note": note})
        current = asked.view if any(tab["key"] == asked.view for tab in tabs) else self._matching(asked, tabs)
        return [tab | {"current": tab["key"] == current} for tab in tabs]

    def current(self, ctx: Context, asked: Asked, views: Sequence[SavedView]) -> dict[str, Any]:
        """Say what can be done about the current view: save it as a new one, update or change one's own."""
        saved = next((view for view in views if str(view.pk) == asked.view), None)
        queries = [view.query for view in views] + [query for _key, _label, query in self.built_in]
        known = any(self.of_text(query).saved_query == asked.saved_query for query in queries)
        own = saved is not None and saved.user_id == ctx.actor.user_id
        differs = saved is not None and self.of_text(saved.query).saved_query != asked.saved_query
        return {
            "own": saved if own else None,
            "can_save": not known,
            "can_update": own and differs,
            "query": asked.query,
            "url": f"/lists/{self.name}/views",
        }

    def _matching(self, asked: Asked, tabs: list[dict[str, Any]]) -> str:
        """Without a tab in the address the one that shows the same is current."""
        same = (tab["key"] for tab in tabs if self.of_text(str(tab["url"])).saved_query == asked.saved_query)
        return next(same, "" if asked.saved_query else self.built_in[0][0])
