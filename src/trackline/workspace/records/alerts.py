"""What the panel of an alert shows beyond its fields: why it fired, its clocks, what to do first, and what is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trackline.kit.policy import Context
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions
from trackline.watch.services import SETTLED, playbook_for
from trackline.workspace.queries.acts import Act
from trackline.workspace.queries.alerts.rows import band_of, clock_of
from trackline.workspace.queries.alerts.why import why_alert
from trackline.workspace.records import addresses
from trackline.workspace.records.words import moment_words

ROLES = {
    "account_owner": "the account's owner",
    "relationship_owner": "who keeps up the relationship",
    "case_owner": "who follows the case up",
    "manager": "the manager of who follows it up",
    "sponsor": "our sponsor",
    "csm": "the customer success manager",
    "admin": "an administrator",
}
HIDDEN = frozenset(
    {
        "evidence", "dedupe_key", "fired_at", "last_seen_at", "ack_due_at", "diagnose_due_at", "acknowledged_at",
        "diagnosed_at", "escalated_at", "cleared_at", "closed_at", "count", "rule", "plays",
    }
)  # fmt: skip
"""Fields that this part shows, in words."""
KEYS = {"acknowledge": "a", "play": "p", "diagnose": "d", "escalate": "u", "close": "c", "dismiss": "m"}


@dataclass(frozen=True)
class Station:
    """A step of the way of an alert: what it is, and when it was taken or is due."""

    label: str
    when: str
    state: str
    """`done`, `late` (done too late, or overdue) or `due`."""


def part_of(ctx: Context, pk: int) -> dict[str, Any]:
    """Return what `special/alert.html` prints, in a fixed number of queries."""
    alert = Alert.objects.select_related("account", "escalated_to").get(pk=pk)
    meant = definitions(ctx.today).get(alert.rule)
    why = why_alert(alert, ctx.today)
    return {
        "alert": alert,
        "band": band_of(alert.severity),
        "open": alert.state not in SETTLED,
        "clock": clock_of(alert, ctx.now),
        "way": list(_way(ctx, alert)),
        "why": why,
        "meant": meant,
        "role": ROLES.get(alert.evidence.get("owner_role", ""), ""),
        "playbook": playbook_for(ctx, alert),
        "plays": list(alert.plays.filter(deleted_at=None).select_related("owner").order_by("due_on", "pk")),
        "first": _first(alert),
        "play": {"label": "Start a play", "post": _url(alert, "play"), "icon": "play", "key": KEYS["play"]},
        "deeds": _deeds(alert),
        "today": ctx.today,
    }


def _way(ctx: Context, alert: Alert) -> Iterator[Station]:
    def said(value: datetime) -> str:
        return moment_words(value, ctx.today)

    def step(label: str, by: str, done: datetime | None, due: datetime | None) -> Station | None:
        if done is not None:
            return Station(label, said(done), "late" if due and done > due else "done")
        if due is None or alert.state in SETTLED:
            return None
        return Station(by, said(due), "late" if ctx.now > due else "due")

    yield Station("Fired", said(alert.fired_at), "done")
    if alert.count > 1 and alert.last_seen_at:
        yield Station(f"Seen {alert.count} times, last", said(alert.last_seen_at), "done")
    steps = (
        step("Acknowledged", "Acknowledge by", alert.acknowledged_at, alert.ack_due_at),
        step("Cause known", "Know the cause by", alert.diagnosed_at, alert.diagnose_due_at),
        step("Answer expected", "Answer expected", None, alert.eta_at),
    )
    yield from (one for one in steps if one is not None)
    if alert.escalated_at:
        to = f" to {alert.escalated_to.name}" if alert.escalated_to else ""
        yield Station(f"Escalated{to}", said(alert.escalated_at), "done")
    if alert.cleared_at:
        yield Station("Over since", said(alert.cleared_at), "done")
    if alert.closed_at:
        yield Station(str(alert.get_state_display()), said(alert.closed_at), "done")


def _first(alert: Alert) -> Act | None:
    """What the state of an alert asks for next."""
    if alert.state == "open":
        return {"label": "Acknowledge", "post": _url(alert, "acknowledge"), "icon": "check", "key": KEYS["acknowledge"]}
    if alert.state in SETTLED:
        return None
    if alert.diagnosed_at is None:
        return _asks(alert, "diagnose", "Name the cause", "stethoscope")
    return _asks(alert, "close", "Close", "circle-check")


def _deeds(alert: Alert) -> Sequence[Act]:
    """What else can be done, after the first thing."""
    if alert.state in SETTLED:
        return []
    first = _first(alert)
    asked = (
        _asks(alert, "diagnose", "Name the cause", "stethoscope"),
        _asks(alert, "hand-over", "Hand over", "user-round-pen"),
        _asks(alert, "escalate", "Escalate", "arrow-up"),
        _asks(alert, "close", "Close", "circle-check"),
        _asks(alert, "dismiss", "Dismiss", "x"),
    )
    shown = [one for one in asked if first is None or one["label"] != first["label"]]
    if alert.diagnosed_at is not None:
        shown = [one for one in shown if one["label"] != "Name the cause"]
    if alert.state == "escalated":
        shown = [one for one in shown if one["label"] != "Escalate"]
    return shown


def _asks(alert: Alert, verb: str, label: str, icon: str) -> Act:
    found: Act = {"label": label, "get": _url(alert, verb), "icon": icon}
    return {**found, "key": KEYS[verb]} if verb in KEYS else found


def _url(alert: Alert, verb: str) -> str:
    return f"{addresses.ROOT}/alert/{alert.pk}/{verb}"
