"""The Alerts list: what its address asks for, the gravest first, in a number of queries that does not grow with rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from trackline.core.playbook import rulebook
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.queries import ListParams, filtered, scoped
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions
from trackline.workspace.queries.alerts.asked import LATE, Asked
from trackline.workspace.queries.alerts.rows import OPEN, AlertRow, by_urgency, late, rows_of

PAGE_SIZE = 50
WORDS = {
    "severity": ("Severity", "Severity: all"),
    "state": ("State", "State: not settled"),
    "clock": ("Clock", "Clock: all"),
    "owner": ("Owner", "Owner: anyone"),
    "rule": ("Signal", "Signal: all"),
}


@dataclass(frozen=True)
class AlertsPage:
    """A page of the list, how many there are, and of these with a clock that ran out; `unread` could not be read."""

    rows: Sequence[AlertRow]
    total: int
    late: int
    grave: int
    pages: int
    unread: Sequence[str]
    account: str

    @property
    def title(self) -> str:
        """The list in a sentence."""
        return f"{self.total} {'alert' if self.total == 1 else 'alerts'}"


def alerts_page(ctx: Context, asked: Asked) -> AlertsPage:
    """Return the alerts that an address asks for, in five queries."""
    query, unread = asked_for(ctx, asked)
    total = query.count()
    pages = max(1, -(-total // PAGE_SIZE))
    start = (min(asked.page, pages) - 1) * PAGE_SIZE
    rows = rows_of(ctx, by_urgency(query)[start : start + PAGE_SIZE]) if total else []
    waiting = query.filter(OPEN)
    account = asked.filters.get("account", "")
    name: str | None = ""
    if account.isdecimal() and len(account) < 19:
        name = scoped(ctx, registry.get("account")).filter(pk=int(account)).values_list("name", flat=True).first()
    return AlertsPage(
        rows,
        total,
        waiting.filter(late(ctx.now)).count(),
        waiting.filter(severity__in=("critical", "high")).count(),
        pages,
        unread,
        name or "",
    )


def asked_for(ctx: Context, asked: Asked) -> tuple[QuerySet[Any], list[str]]:
    rtype = registry.get("alert")
    query, unread = filtered(ctx, rtype, ListParams(q=asked.q)), []
    for name, value in asked.filters.items():
        if name == "clock":
            query = query.filter(late(ctx.now)) if value == LATE else query
            continue
        try:
            query = query.filter(pk__in=filtered(ctx, rtype, ListParams(filters={name: value})).values("pk"))
        except BadRequest:
            unread.append(f"{WORDS[name][0] if name in WORDS else name.capitalize()}: {value}")
    return (query if "state" in asked.filters else query.filter(OPEN)), unread


def fields(ctx: Context, asked: Asked) -> list[FormField]:
    """Return the filters as controls; the owners are those of open alerts. One query."""
    alerts = scoped(ctx, registry.get("alert")).filter(OPEN, owner__isnull=False).order_by("owner__name")
    owners = [(str(pk), name) for pk, name in alerts.values_list("owner", "owner__name").distinct()]
    book = rulebook()
    signals = sorted((one.rule, book.get(one.rule).title) for one in definitions(ctx.today).values())
    choices: dict[str, list[tuple[str, str]]] = {
        "severity": [(one, str(label)) for one, label in Alert.Severity.choices][::-1],
        "state": [(one, str(label)) for one, label in Alert.State.choices],
        "clock": [(LATE, "Ran out")],
        "owner": [("me", "Me"), *owners],
        "rule": sorted(signals, key=lambda one: one[1]),
    }
    made = []
    for name, (label, placeholder) in WORDS.items():
        value, listed = asked.filters.get(name, ""), choices[name]
        if value and value not in dict(listed):
            listed = [*listed, (value, _several(value, dict(listed)))]
        made.append(
            FormField(name=name, kind="choice", label=label, choices=listed, value=value, placeholder=placeholder,
                      widget="select")
        )  # fmt: skip
    return made


def _several(value: str, known: dict[str, str]) -> str:
    return ", ".join(known.get(part, part) for part in value.split(","))
