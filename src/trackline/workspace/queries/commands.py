"""What the palette offers to do and where it leads beside records: only what the actor may do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from trackline.core.playbook import rulebook
from trackline.kit.policy import ADMIN, READ, WRITE, Context
from trackline.kit.records.text import normalise
from trackline.kit.records.types import registry
from trackline.workspace.queries.search import Hit
from trackline.workspace.records import addresses


@dataclass(frozen=True)
class Command:
    """A page or an action: what it is called, other words for it, the right it needs."""

    label: str
    url: str
    icon: str
    words: str = ""
    needs: str = READ
    key: str = ""


@dataclass(frozen=True)
class OnAccount:
    """Something that is logged or added on an account."""

    record: str
    label: str
    icon: str
    words: str


PAGES = (
    Command("Today", "/", "sun", "home due", key="g t"),
    Command("Accounts", "/accounts?view=all", "building-2", "list book", key="g a"),
    Command("My accounts", "/accounts?owner=me&view=mine", "building-2", "list own"),
    Command("Accounts as a tree", "/accounts?mode=tree&order=name&view=groups", "network", "groups hierarchy parent"),
    Command("Calendar", "/calendar", "calendar", "meetings month week"),
    Command("All contacts", "/r/contact", "users", "people"),
    Command("All routes", "/r/route", "git-branch", "pipeline opportunities deals"),
    Command("All goals", "/r/goal", "goal", "objectives targets"),
    Command("All plays", "/r/play", "play", "tasks"),
    Command("Book", "/book", "layers", "ranking portfolio scores tiers cut-offs", key="g b"),
    Command("Rulebook", "/rulebook", "scale", "rules formulas figures weights limits why health", key="g r"),
    Command("Settings", "/settings", "settings", "preferences", key="g s"),
    Command("Your settings", "/settings/me", "user-round", "password theme profile shortcuts time zone"),
    Command("Your API tokens", "/settings/tokens", "key-round", "token access"),
    Command("People", "/settings/people", "users-round", "users settings administrator"),
    Command("Teams", "/settings/teams", "users", "members settings access"),
    Command("Roles", "/settings/roles", "shield-check", "permissions rights settings"),
    Command("Custom fields", "/settings/fields", "text-cursor-input", "settings columns own"),
    Command("Lists of words", "/settings/lists", "list", "picklists industries regions settings"),
    Command("Currencies and rates", "/settings/currencies", "coins", "exchange money settings"),
    Command("Pipelines and stages", "/settings/pipelines", "workflow", "settings"),
    Command("Deleted lately", "/deleted", "trash-2", "bin restore undo", WRITE),
    Command("API", "/api/v1/docs", "braces", "rest openapi developers"),
)
ACTIONS = (
    Command("New account", "/accounts/new", "plus", "add create customer", WRITE),
    Command("Import a file", "/import", "file-input", "csv salesforce hubspot upload crm", WRITE, "g i"),
    Command("Add a person", "/settings/people/new", "user-round-plus", "user create invite", ADMIN),
    Command("Add a custom field", "/settings/fields/new", "plus", "column create", ADMIN),
)
MOST_RULES = 4
ON_ACCOUNT = (
    OnAccount("note", "Log a note on", "notebook-pen", "note log write"),
    OnAccount("interaction", "Log a conversation with", "message-circle", "call meeting conversation interaction log"),
    OnAccount("contact", "Add a contact at", "user-round-plus", "contact person new"),
    OnAccount("issue", "Report an issue of", "circle-alert", "issue problem report new"),
    OnAccount("goal", "Add a goal for", "goal", "goal new"),
    OnAccount("route", "Add a route for", "git-branch", "route opportunity deal new"),
    OnAccount("play", "Start a play for", "play", "play new"),
    OnAccount("action", "Add an action for", "list-todo", "action task todo new"),
)


def pages(ctx: Context, words: Sequence[str]) -> list[Command]:
    """Return pages whose name or other words hold all that was typed; without words the main ones."""
    allowed = [command for command in PAGES if ctx.actor.may(command.needs)]
    if not words:
        return []
    return [command for command in allowed if _holds(command, words)] + _rules(words)


def _rules(words: Sequence[str]) -> list[Command]:
    """Rules whose title holds all that was typed."""
    found = [Command(rule.title, f"/rulebook/{rule.id}", "scale") for rule in rulebook()]
    return [command for command in found if _holds(command, words)][:MOST_RULES]


def actions(ctx: Context, words: Sequence[str]) -> list[Command]:
    """Return what may be done, narrowed by what was typed."""
    return [command for command in ACTIONS if ctx.actor.may(command.needs) and _holds(command, words)]


def on_account(ctx: Context, account: Hit, words: Sequence[str] = ()) -> Iterator[Command]:
    """Yield what may be logged or added on an account, narrowed by words for the deed."""
    if not ctx.actor.may(WRITE):
        return
    for deed in ON_ACCOUNT:
        if words and not all(any(known.startswith(word) for known in deed.words.split()) for word in words):
            continue
        form = addresses.new_panel(registry.get(deed.record), {"account": account.pk})
        yield Command(f"{deed.label} {account.label}", f"{account.url}?panel={quote(form, safe='')}", deed.icon)


def deed_and_rest(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split "note okada" into words for something done on an account and the rest, which names the account."""
    known = {word for deed in ON_ACCOUNT for word in deed.words.split()}
    for size in (2, 1):
        first, rest = list(words[:size]), list(words[size:])
        if rest and len(first) == size and all(any(k.startswith(w) for k in known) for w in first):
            return first, [word for word in rest if word not in ("on", "for", "at", "with", "of", "a", "an")]
    return [], list(words)


def _holds(command: Command, words: Sequence[str]) -> bool:
    parts = normalise(f"{command.label} {command.words}").split()
    return all(any(part.startswith(word) for part in parts) for word in words)
