"""Tiles of work: alerts that call for somebody, what is late."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q

from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows
from trackline.book.dashboards.sources import Options, Sources, reader
from trackline.core.playbook import rulebook
from trackline.kit import formats
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.services import SETTLED

SEVERITIES = {"critical": ("Critical", "red"), "high": ("High", "amber"), "warn": ("Warning", ""), "info": ("Info", "")}


def _alerts(s: Sources) -> list[dict[str, Any]]:
    rows = scoped(s.ctx, registry.get("alert")).exclude(state__in=SETTLED).filter(account__in=s.among)
    names = ("pk", "title", "rule", "severity", "state", "owner__name", "owner__username", "fired_at", "account__name")
    order = list(SEVERITIES)
    return sorted(rows.values(*names), key=lambda row: (order.index(row["severity"]), row["fired_at"], row["pk"]))


def _alerts_behind(rows: list[dict[str, Any]], by: str) -> Rows:
    columns = (
        Column("Alert"), Column("Account"), Column("Severity"), Column("State"), Column("Owner"), Column("Fired", "datetime"),
    )  # fmt: skip
    states = dict(Alert.State.choices)
    listed = [
        Row(
            (row["title"], row["account__name"], SEVERITIES[row["severity"]][0], str(states[row["state"]]),
             row["owner__name"] or "", row["fired_at"]),
            ("alert", row["pk"]),
            _fact(row, by)[0],
        )
        for row in rows
    ]  # fmt: skip
    return Rows(columns, listed)


def _fact(row: dict[str, Any], by: str) -> tuple[str, str]:
    if by == "severity":
        return row["severity"], SEVERITIES[row["severity"]][0]
    if by == "owner":
        return row["owner__username"] or "none", row["owner__name"] or "Nobody"
    rule = row["rule"]
    return rule, rulebook().get(rule).title if rule in rulebook() else "Raised by hand"


@reader("alerts_open")
def alerts_open(s: Sources, _options: Options) -> Found:
    """Alerts that are not settled."""
    rows = _alerts(s)
    counts = {name: sum(row["severity"] == name for row in rows) for name in ("critical", "high")}
    told = [f"{count} {name}" for name, count in counts.items() if count]
    band = "red" if counts["critical"] else "amber" if counts["high"] else ""
    return Found(
        s.on,
        value=Decimal(len(rows)),
        band=band,
        detail=", ".join(told),
        behind=lambda: _alerts_behind(rows, "severity"),
    )


@reader("alerts_by")
def alerts_by(s: Sources, options: Options) -> Found:
    """The same by severity, signal or owner."""
    rows, by = _alerts(s), options["by"]
    counts: dict[str, list[str]] = {}
    for row in rows:
        key, words = _fact(row, by)
        counts.setdefault(key, []).append(words)
    points = [
        Point(key, words[0], Decimal(len(words)), len(words), SEVERITIES[key][1] if by == "severity" else "")
        for key, words in counts.items()
    ]
    order = list(SEVERITIES)
    points.sort(key=lambda point: (order.index(point.key) if by == "severity" else -(point.count or 0), point.label))
    return Found(
        s.on, value=Decimal(len(rows)), points=points, missing="no open alerts", behind=lambda: _alerts_behind(rows, by)
    )


@reader("late")
def late(s: Sources, _options: Options) -> Found:
    """Actions and steps whose day has passed."""
    rows = []
    for name, account, kind in (("action", "account", "Action"), ("step", "play__account", "Step")):
        found = scoped(s.ctx, registry.get(name)).filter(
            Q(**{f"{account}__in": s.among}), status="open", due_on__lt=s.on
        )
        for pk, title, where, owner, due in found.values_list(
            "pk", "title", f"{account}__name", "owner__name", "due_on"
        ):
            rows.append(Row((title, kind, where, owner or "", due, (s.on - due).days), (name, pk), name))
    rows.sort(key=lambda row: (row.cells[4], row.cells[0]))
    columns = (
        Column("What"), Column("Kind"), Column("Account"), Column("Owner"), Column("Due", "date"), Column("Days late", "number"),
    )  # fmt: skip
    actions = sum(row.part == "action" for row in rows)
    return Found(
        s.on, value=Decimal(len(rows)), band="red" if rows else "",
        detail=f"{formats.counted(actions, 'action')}, {formats.counted(len(rows) - actions, 'step')}" if rows else "nothing is late",
        behind=lambda: Rows(columns, rows),
    )  # fmt: skip
