"""Routes as the book's figures count them: in the book's currency, in the state they stood in on a day.

The day a route was opened is not stored (an imported deal is older than its row), so every route counts as there. What
moved since is taken back by its transitions; a closed route without them stood in a state that is not known. Values,
owners and products are those of today: of these no values by date are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from trackline.accounts.rates import Rates, rates_in_force
from trackline.align.models import RouteTransition
from trackline.align.rules.gate import OPEN
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

CLOSED = ("won", "lost")
_COLUMNS = (
    "id", "account_id", "owner_id", "product_id", "pipeline__key", "stage", "state", "value", "currency", "probability",
    "expected_close_on", "closed_on", "type",
)  # fmt: skip


@dataclass(frozen=True)
class Deal:
    """A route on a day. `state` is `open` where it was open in a state not known; `closes_on` is the day it closed, or is
    expected to. `value` is in the book's currency, `converted` where it comes from another one."""

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
    """Return the routes the actor sees as they stood at the end of a day. Four queries, one more for a day in the past."""
    rates = rates_in_force(on)
    moved = _moved_after(on) if on < ctx.today else {}
    rows: list[Deal] = []
    left_out: dict[str, int] = {}
    for row in scoped(ctx, registry.get("route")).order_by("pk").values(*_COLUMNS):
        value = rates.convert(row["value"], row["currency"])
        if value is None and row["value"] is not None:
            left_out[row["currency"]] = left_out.get(row["currency"], 0) + 1
            continue
        converted = row["currency"] not in ("", rates.book)
        rows.append(replace(_deal(row, value, on, moved.get(row["id"])), converted=converted))
    notes = []
    if on < ctx.today:
        notes.append("Values, owners and products are those of today; states are those of the day.")
        unknown = sum(deal.state == "open" for deal in rows)
        if unknown:
            notes.append(f"{unknown} closed later and stood in a state that is not known: open, without a probability.")
    for currency, count in sorted(left_out.items()):
        notes.append(f"{count} in {currency} left out: there is no rate for {currency} on or before {on.isoformat()}.")
    return Deals(rows, rates, left_out, tuple(notes))


def _deal(row: Mapping[str, Any], value: Decimal | None, on: date, before: tuple[str, str, Any] | None) -> Deal:
    state, stage, probability = row["state"], row["stage"], row["probability"]
    closes_on = row["closed_on"] if state in CLOSED else row["expected_close_on"]
    if before is not None:
        state, stage, probability = before
        closes_on = None if state in CLOSED else row["expected_close_on"]
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
    )


def _moved_after(on: date) -> dict[int, tuple[str, str, Any]]:
    """State, stage and probability before the first move after a day, by route."""
    end = timezone.make_aware(datetime.combine(on, time.max))
    found: dict[int, tuple[str, str, Any]] = {}
    rows = RouteTransition.objects.filter(at__gt=end).exclude(from_state="").order_by("-at", "-pk")
    for pk, state, stage, probability in rows.values_list("route_id", "from_state", "from_stage", "probability_before"):
        found[pk] = (state, stage, probability)
    return found
