"""The 30/60/90 board of plays (CHO-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from trackline.align.models import Route
from trackline.choose.models import Assignment, Play, Step
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kit import formats

ALIVE = Q(deleted_at__isnull=True)
LINES = 2
LINE_FROM = 5
"""The first two plays with so many dated steps are drawn as a line."""
NEXT_STEPS = 3
"""So many open steps stand on a card."""


@dataclass(frozen=True)
class PlayCard:
    """An open play with its steps, the routes it serves and how far its learning has come."""

    play: Play
    due: str
    late: bool
    done: int
    total: int
    next_steps: Sequence[Step]
    routes: Sequence[str]
    learning: str

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"play/{self.play.pk}"

    @property
    def share(self) -> float:
        """Steps done in %."""
        return 100 * self.done / self.total if self.total else 0


@dataclass(frozen=True)
class Station:
    """A dated step on the line of its play: `done`, `next`, `late` or `open`."""

    step: Step
    on: date
    state: str


@dataclass(frozen=True)
class PlayLine:
    """A play with several dated steps, drawn true to time."""

    play: Play
    stations: Sequence[Station]
    today: date
    summary: str


@dataclass(frozen=True)
class HorizonColumn:
    """Plays of one horizon: by days left, or by the horizon they were given."""

    key: str
    title: str
    until: date | None
    cards: Sequence[PlayCard]
    summary: str


@dataclass(frozen=True)
class HorizonBoard:
    """The three columns, and a fourth for plays that end later or have no date."""

    columns: Sequence[HorizonColumn]
    total: int
    late: int
    lines: Sequence[PlayLine]


def horizon_board(account_id: int, today: date, *, by: str = "days") -> HorizonBoard:
    """Return the open plays of an account in their columns, in four queries. Source: CHO-10."""
    steps = Step.objects.filter(ALIVE).order_by("due_on", "position", "pk").select_related("owner")
    plays = Play.objects.filter(ALIVE, account_id=account_id, status__in=OPEN_PLAYS).select_related("owner")
    plays = plays.prefetch_related(
        Prefetch("steps", steps, to_attr="living_steps"),
        Prefetch("routes", Route.objects.filter(ALIVE), to_attr="living_routes"),
        Prefetch("assignments", Assignment.objects.filter(ALIVE), to_attr="living_assignments"),
    )
    cards = [_card(play, today) for play in plays.order_by("due_on", "pk")]
    placed: dict[str, list[PlayCard]] = {"30": [], "60": [], "90": [], "later": []}
    for card in cards:
        placed[_horizon(card.play, today, by)].append(card)
    titles = (
        {"30": "Next 30 days", "60": "31 to 60 days", "90": "61 to 90 days", "later": "Later, or no date"}
        if by == "days"
        else {"30": "30-day plays", "60": "60-day plays", "90": "90-day plays", "later": "From a playbook"}
    )
    columns = [
        HorizonColumn(
            key, titles[key], today + timedelta(days=int(key)) if by == "days" and key != "later" else None,
            placed[key], _summary(placed[key]),
        )
        for key in ("30", "60", "90", "later")
        if key != "later" or placed[key]
    ]  # fmt: skip
    drawn = [line for card in cards if (line := _line(card, today))]
    return HorizonBoard(columns, len(cards), sum(card.late for card in cards), drawn[:LINES])


def _line(card: PlayCard, today: date) -> PlayLine | None:
    steps: list[Step] = card.play.living_steps  # type: ignore[attr-defined]  # prefetched above
    dated = [step for step in steps if step.due_on is not None]
    if len(dated) < LINE_FROM:
        return None
    ahead = next((step for step in dated if step.status == "open"), None)
    stations = []
    for step in sorted(dated, key=lambda one: (one.due_on or today, one.position, one.pk)):
        late = step.status == "open" and step.due_on is not None and step.due_on < today
        state = (
            "done" if step.status in ("done", "skipped") else "late" if late else "next" if step is ahead else "open"
        )
        stations.append(Station(step, step.due_on or today, state))
    late_count = sum(one.state == "late" for one in stations)
    behind = f", {late_count} late" if late_count else ""
    return PlayLine(card.play, stations, today, f"{card.done} of {card.total} steps done{behind}")


def _horizon(play: Play, today: date, by: str) -> str:
    if by != "days":
        return str(play.horizon) if play.horizon else "later"
    if play.due_on is None:
        return "later"
    left = (play.due_on - today).days
    return "30" if left <= 30 else "60" if left <= 60 else "90" if left <= 90 else "later"


def _summary(cards: Sequence[PlayCard]) -> str:
    late = sum(card.late for card in cards)
    words = f"{len(cards)} {'play' if len(cards) == 1 else 'plays'}"
    return f"{words}, {late} late" if late else words


def _card(play: Any, today: date) -> PlayCard:
    steps: list[Step] = play.living_steps
    finished = sum(step.status in ("done", "skipped") for step in steps)
    learned = [one.status in ("completed", "waived") for one in play.living_assignments]
    learning = f"Learning {sum(learned)} of {len(learned)} done" if learned else ""
    return PlayCard(
        play, formats.due(play.due_on, today), bool(play.due_on and play.due_on < today), finished, len(steps),
        [step for step in steps if step.status == "open"][:NEXT_STEPS],
        [route.title for route in play.living_routes], learning,
    )  # fmt: skip
