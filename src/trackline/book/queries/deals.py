"""Routes as the book's figures count them: in the book's currency, in the state they stood in on a day.

The day a route was opened is not stored (an imported deal is older than its row), so every route counts as there. What
moved since is taken back by its transitions, what was changed of it (value, currency, chance, expected close, owner, product)
by the history of its changes; a closed route without transitions stood in a state that is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from trackline.accounts.rates import Rates, rates_in_force
from trackline.align.models import RouteTransition
from trackline.align.rules.gate import OPEN
from trackline.kit.history.models import Change
from trackline.kit.keys import Keys
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

CLOSED = ("won", "lost")
_COLUMNS = (
    "id", "account_id", "owner_id", "product_id", "pipeline__key", "stage", "state", "value", "currency", "probability",
    "expected_close_on", "closed_on", "type", "created_at",
)  # fmt: skip
_EDITED = {
    "value": "value", "currency": "currency", "probability": "probability", "expected_close_on": "expected_close_on",
    "closed_on": "closed_on", "owner": "owner_id", "product": "product_id",
}  # fmt: skip
"""Fields whose earlier values are taken from the history of changes, and their columns."""


@dataclass(frozen=True)
class Deal:
    """A route on a day. `state` is `open` where it was open in a state not known; `closes_on` is the day it closed, or is
    expected to. `value` is in the book's currency, `converted` where it comes from another one. `made_on` is the day since which it is
    kept here."""

    pk: int
    account: int
    owner: int | None
    product: int | None
    pipeline: str
    stage: str
    state: str
    value: Decimal | None
    probability: Decimal | None
    closes_on: date | None
    kind: str = ""
    converted: bool = False
    made_on: date = date.min

    @property
    def is_open(self) -> bool:
        """Whether it counts as pipeline."""
        return self.state == "open" or self.state in OPEN


@dataclass(frozen=True)
class Deals:
    """All routes in scope; `without_rate` counts those by currency that have no rate and are left out."""

    rows: Sequence[Deal]
    rates: Rates
    without_rate: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def open(self) -> list[Deal]:
        """Return the open ones."""
        return [deal for deal in self.rows if deal.is_open]


def deals_as_of(ctx: Context, on: date) -> Deals:
    """Return the routes the actor sees as they stood at the end of a day. Four queries, two more for a day in the past."""
    return deals_on(ctx, [on], rates_in_force(on))[0]


def deals_on(
    ctx: Context, days: Sequence[date], rates: Rates, *, accounts: Collection[int] | None = None
) -> list[Deals]:
    """Return the same for several days, the oldest first, all at one set of rates, or of some accounts alone; as many
    queries as for one day."""
    since = min(days)
    past = since < ctx.today
    moves, edits = (_moves(since), _edits(since)) if past else ({}, {})
    routes = scoped(ctx, registry.get("route"))
    if accounts is not None:
        routes = routes.filter(account__in=Keys(accounts))
    found = routes.order_by("pk").values(*_COLUMNS)
    # For one day each row is looked at once and dropped.
    rows = found.iterator(chunk_size=2_000) if len(days) == 1 else list(found)
    return [_standing(ctx, rows, on, rates, moves, edits) for on in days]


def _standing(
    ctx: Context,
    rows: Iterable[Mapping[str, Any]],
    on: date,
    rates: Rates,
    moves: Mapping[int, Sequence[tuple[datetime, str, str, Any]]],
    edits: Mapping[int, Sequence[tuple[datetime, Mapping[str, Any]]]],
) -> Deals:
    end = timezone.make_aware(datetime.combine(on, time.max))
    found: list[Deal] = []
    left_out: dict[str, int] = {}
    for now in rows:
        row = _taken_back(now, edits.get(now["id"], ()), end)
        value = rates.convert(row["value"], row["currency"])
        if value is None and row["value"] is not None:
            left_out[row["currency"]] = left_out.get(row["currency"], 0) + 1
            continue
        # The first move after the day says where it stood; its chance may have been changed since the move before.
        before = next((move for move in moves.get(now["id"], ()) if move[0] > end), None)
        known = "probability" in row["taken_back"] if before else False
        where = None if before is None else (before[1], before[2], row["probability"] if known else before[3])
        converted = row["currency"] not in ("", rates.book)
        found.append(_deal(row, value, on, where, converted))
    notes = []
    if on < ctx.today:
        unknown = sum(deal.state == "open" for deal in found)
        if unknown:
            notes.append(f"{unknown} closed later and stood in a state that is not known: open, without a probability.")
    for currency, count in sorted(left_out.items()):
        notes.append(f"{count} in {currency} left out: there is no rate for {currency} on or before {on.isoformat()}.")
    return Deals(found, rates, left_out, tuple(notes))


def _taken_back(
    row: Mapping[str, Any], edits: Sequence[tuple[datetime, Mapping[str, Any]]], end: datetime
) -> dict[str, Any]:
    """A route with what it held at an instant; `taken_back` names the columns that were changed since."""
    back: dict[str, Any] = {}
    for at, before in edits:
        if at > end:
            back = {**before, **back}
    return {**row, **back, "taken_back": set(back)}


def _deal(
    row: Mapping[str, Any], value: Decimal | None, on: date, before: tuple[str, str, Any] | None, converted: bool
) -> Deal:
    state, stage, probability = row["state"], row["stage"], row["probability"]
    closes_on = row["closed_on"] if state in CLOSED else row["expected_close_on"]
    if before is not None:
        state, stage, probability = before
        closes_on = row["closed_on"] if state in CLOSED else row["expected_close_on"]
    elif state in CLOSED and closes_on is not None and closes_on > on:
        state, stage, probability, closes_on = "open", "", None, row["expected_close_on"]
    return Deal(
        row["id"],
        row["account_id"],
        row["owner_id"],
        row["product_id"],
        row["pipeline__key"] or "",
        stage or ("" if state == "open" else state),
        state,
        value,
        probability,
        closes_on,
        row["type"],
        converted,
        timezone.localtime(row["created_at"]).date(),
    )


def _moves(since: date) -> dict[int, list[tuple[datetime, str, str, Any]]]:
    """When each route moved after a day, and state, stage and probability before it, the oldest move first; one query."""
    end = timezone.make_aware(datetime.combine(since, time.max))
    rows = RouteTransition.objects.filter(at__gt=end).exclude(from_state="").order_by("at", "pk")
    found: dict[int, list[tuple[datetime, str, str, Any]]] = {}
    for pk, at, *before in rows.values_list("route_id", "at", "from_state", "from_stage", "probability_before"):
        found.setdefault(pk, []).append((at, *before))  # type: ignore[arg-type]  # three columns
    return found


def _edits(since: date) -> dict[int, list[tuple[datetime, dict[str, Any]]]]:
    """When each route was changed after a day, and what it held before, the oldest change first; one query."""
    end = timezone.make_aware(datetime.combine(since, time.max))
    specs = registry.get("route").specs
    rows = Change.objects.filter(record_type="route", at__gt=end).exclude(changes={}).order_by("at", "pk")
    found: dict[int, list[tuple[datetime, dict[str, Any]]]] = {}
    for pk, at, changes in rows.values_list("record_id", "at", "changes"):
        before = {
            column: specs[name].from_ledger(changes[name][0]) for name, column in _EDITED.items() if name in changes
        }
        if before:
            found.setdefault(pk, []).append((at, before))
    return found
