"""What the pages of settings share: their list, how a page is drawn, how a dialog answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.services import audit
from trackline.accounts.services.taking_back import can_take_back
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, READ, WRITE, Context
from trackline.kit.problems import Problem

DIALOG = "workspace/settings/dialog.html"


@dataclass(frozen=True)
class Entry:
    """A page of settings: its key, name, what it is about, the right to see it."""

    key: str
    label: str
    icon: str
    about: str
    needs: str = READ
    url: str = ""

    @property
    def address(self) -> str:
        """Where the page is."""
        return self.url or f"/settings/{self.key}"


GROUPS: Sequence[tuple[str, Sequence[Entry]]] = (
    (
        "You",
        (
            Entry("me", "Profile", "user-round", "Your name, password, theme, time zone and keyboard."),
            Entry(
                "tokens", "API tokens", "key-round", "Access for programs, yours and, for administrators, everybody's."
            ),
        ),
    ),
    (
        "Book",
        (
            Entry("book", "Book", "book-open", "Name, currency, time zone, fiscal year, and the numbers rules go by."),
            Entry("currencies", "Currencies", "coins", "What each currency is worth in the book's, month by month."),
            Entry("jobs", "Jobs", "timer", "What is done by itself, when, and how it went.", ADMIN),
            Entry("changes", "Changes", "history", "Who changed which setting, and when.", ADMIN),
        ),
    ),
    (
        "People and rights",
        (
            Entry("people", "People", "users-round", "Who works here, who may sign in, in which role."),
            Entry("roles", "Roles", "shield-check", "What each role may do."),
            Entry("teams", "Teams", "network", "Who works on which account."),
            Entry("access", "Access to accounts", "eye", "Whether people see all accounts or their own."),
            Entry(
                "shared-pages",
                "Shared pages",
                "shield-alert",
                "What was tried at pages for customers and refused.",
                ADMIN,
            ),
        ),
    ),
    (
        "Records",
        (
            Entry(
                "fields",
                "Custom fields",
                "text-cursor-input",
                "Fields of your own on accounts, contacts, routes and more.",
            ),
            Entry("lists", "Lists of words", "list", "Industries, regions, job roles and other words to choose from."),
            Entry("deleted", "Deleted lately", "trash-2", "What was deleted, to bring it back.", WRITE, "/deleted"),
        ),
    ),
    (
        "Catalogue",
        (
            Entry("products", "Products", "package", "What you sell."),
            Entry("pipelines", "Pipelines", "workflow", "Stages that routes pass through."),
            Entry("metrics", "Metrics", "ruler", "Definitions of what is measured."),
            Entry("journey", "Journey dimensions", "milestone", "Axes along which an account's journey is scored."),
            Entry("playbooks", "Playbooks", "book-marked", "Templates of dated steps."),
            Entry("agendas", "Agendas", "list-ordered", "What meetings start from, block by block."),
            Entry("deck-templates", "Deck templates", "palette", "Your own slides, on which decks are drawn."),
            Entry(
                "signals", "Signals", "bell", "When alerts are raised, by which figures.", READ, "/rulebook?room=watch"
            ),
        ),
    ),
    ("Developers", (Entry("api", "API", "braces", "Try the REST API in the browser.", READ, "/api/v1/docs"),)),
)


def tool(ctx: Context, label: str, get: str, *, icon: str = "plus", key: str = "n") -> dict[str, str] | None:
    """Return a page's button that opens a dialog, for who may change settings."""
    return {"label": label, "icon": icon, "get": get, "key": key} if ctx.actor.may(ADMIN) else None


def entries(ctx: Context) -> list[dict[str, Any]]:
    """Return the groups of pages that the actor may see."""
    return [
        {"label": label, "entries": shown}
        for label, pages in GROUPS
        if (shown := [entry for entry in pages if ctx.actor.may(entry.needs)])
    ]


def draw(
    request: HttpRequest, ctx: Context, key: str, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Draw a page of settings: the whole of it, or for htmx its own part."""
    entry = next(entry for _label, pages in GROUPS for entry in pages if entry.key == key)
    frame = {
        "nav_key": "settings",
        "crumbs": [{"label": "Settings", "url": "/settings"}, {"label": entry.label, "url": ""}],
        "groups": entries(ctx),
        "entry": entry,
        "can_change": ctx.actor.may(ADMIN),
    }
    return htmx.render_partial(request, template, "page", {**frame, **context}, status=status)


@dataclass(kw_only=True)
class Dialog:
    """A form in the dialog. `confirm` names the result; `danger` for what takes something away."""

    title: str
    action: str
    confirm: str
    text: str = ""
    fields: Sequence[FormField] = ()
    hidden: Sequence[tuple[str, str]] = ()
    danger: bool = False
    keep: str = "Cancel"
    errors: Sequence[Mapping[str, str]] = field(default=())

    def refused(self, problem: Problem) -> Dialog:
        """Put the messages of a problem beside their fields; the rest stands on top."""
        named = {item.name: item for item in self.fields}
        rest = []
        for error in problem.errors or [{"loc": [], "msg": problem.detail}]:
            name = ".".join(str(part) for part in error.get("loc", ()))
            if name in named:
                named[name].errors = (*named[name].errors, str(error["msg"]))
            else:
                rest.append(
                    {"name": "", "label": "", "message": str(error["msg"]) if problem.errors else problem.detail}
                )
        if problem.status != 422 and not rest and not any(item.errors for item in self.fields):
            rest.append({"name": "", "label": "", "message": problem.detail})
        self.errors = rest
        return self


def show_dialog(request: HttpRequest, dialog: Dialog, *, status: int = 200) -> HttpResponse:
    """Draw a form for the dialog."""
    return render(request, DIALOG, {"d": dialog}, status=status)


def saved(ctx: Context, text: str, *, undo: bool = True) -> HttpResponse:
    """Say what was done, close the dialog, and let the page fetch itself; what was noted can be undone."""
    noted = audit.noted(ctx) if undo else None
    undo_url = f"/settings/undo/{noted.pk}" if noted is not None and can_take_back(noted) else None
    return htmx.close_dialog(htmx.changed(htmx.toast(htmx.done(), text, undo_url)))
