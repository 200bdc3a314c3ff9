"""Scorecards of the sample book: the standard ones with targets of their own, what they found before, and answers to breaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from trackline.book.cards.keeping import keep_scorecards
from trackline.book.cards.presets import add_standard
from trackline.book.models import Scorecard, ScorecardBreach
from trackline.connectors.sample.content import book_file
from trackline.connectors.sample.timeline import Timeline
from trackline.core.periods import quarter_of
from trackline.kit.policy import PERMISSIONS, Actor, Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

QUARTERS = 7
"""So many quarter ends stand before today, for baselines and trends to be read from."""
WATCHED_FROM = (16, 9, 4, 1, 0)
"""Days before today on which the cards are judged and breaches opened; on the first of them nothing has turned yet."""
Write = Callable[[str, datetime], Context]


def add_cards(write: Write, when: Timeline, rows: Sequence[Mapping[str, Any]], ids: Mapping[str, int]) -> int:
    """Make the scorecards; returns how many."""
    people = book_file()["users"]
    for row in rows:
        by = write(f"user:{people[row['by']]['key']}", when.written(row["made"], f"scorecard:{row['of']}"))
        account = ids.get(f"account:{row['of']}")
        manager = ids.get(f"user:{row['of']}")
        key = "account" if account else "manager" if manager else "book"
        card = add_standard(by, key, account=account, manager=manager, live=row.get("state") != "draft")
        if "mode" in row:
            records.update(by, registry.get("scorecard"), card.pk, {"mode": row["mode"]})
        for name, told in row.get("lines", {}).items():
            _adjust(by, when, card, name, told)
        if card.state == Scorecard.State.LIVE:
            Scorecard.objects.filter(pk=card.pk).update(live_on=when.day(row["made"]))
        if row.get("state", "draft") != "draft":
            records.update(by, registry.get("scorecard"), card.pk, {"state": row["state"]})
    return len(rows)


def _adjust(ctx: Context, when: Timeline, card: Scorecard, name: str, told: Mapping[str, Any]) -> None:
    line = card.lines.get(metric__key=name)
    rtype = registry.get("scorecard_line")
    if told.get("drop"):
        records.delete(ctx, rtype, line.pk)
        return
    data: dict[str, Any] = {}
    if "targets" in told:
        data |= {
            key: Decimal(str(value))
            for key, value in zip(("minimum", "committed", "stretch"), told["targets"], strict=True)
        }
    if "baseline" in told:
        data |= {"baseline": Decimal(str(told["baseline"])), "baseline_on": when.day(told["since"])}
    if "due" in told:
        data["due_on"] = when.day(told["due"])
    records.update(
        ctx, rtype, line.pk, data | {key: told[key] for key in ("method", "rationale", "weight") if key in told}
    )


def look_back(ctx: Context, today: date, fiscal_start: int) -> None:
    """Keep what the cards found at the ends of quarters past and in the days before today, with the breaches of those days."""
    quarter = quarter_of(today, fiscal_start)
    ends = []
    for _ in range(QUARTERS):
        ends.append(quarter.start - timedelta(days=1))
        quarter = quarter_of(ends[-1], fiscal_start)
    for on in reversed(ends):
        keep_scorecards(ctx, on, breaches=False)
    for number, back in enumerate(WATCHED_FROM):
        span = timedelta(days=back)
        keep_scorecards(ctx, today - span, breaches=number > 0, at=ctx.now - span)


def answer(rows: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> None:
    """Have owners answer breaches as the entries say; hours count from when a breach was opened."""
    rtype = registry.get("scorecard_breach")
    found = ScorecardBreach.objects.alive().select_related("line__metric", "line__scorecard", "owner").order_by("pk")
    for one in found.filter(state="open"):
        of = names.get(one.line.scorecard.account_id, one.line.scorecard.level)
        told = next((row for row in rows if row["metric"] == one.line.metric.key and row.get("of", of) == of), None)
        if told is None or one.owner is None:
            continue
        actor = Actor(one.owner_id, one.owner.username, frozenset(PERMISSIONS))
        ctx = Context(actor, via="web", now=one.opened_at + timedelta(hours=told["hours"]))
        records.update(ctx, rtype, one.pk, {"answer": told["says"], "verdict": told.get("verdict", "real")})
