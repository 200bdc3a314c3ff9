"""The 30/60/90 board of plays (CHO-10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone

from trackline.align.models import Route
from trackline.choose.checking import answers
from trackline.choose.models import Assignment, Play, Step
from trackline.choose.moving import offered
from trackline.choose.rules.schedule import bucket as _bucket
from trackline.choose.rules.states import OPEN_PLAYS, step_state
from trackline.kit import formats

ALIVE = Q(deleted_at__isnull=True)
LINES = 2
LINE_FROM = 5
"""The first two plays with so many dated steps are drawn as a line."""
STEPS = 20
"""So many steps of a column of the board stand there at once."""
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
class StepCard:
    """An open step on the board, with the play it belongs to and what the records say about it."""

    step: Step
    due: str
    late: bool
    says: str


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
    steps: Sequence[StepCard]
    summary: str

    @property
    def name(self) -> str:
        """How a move to it is told."""
        return self.title

    @property
    def first_steps(self) -> Sequence[StepCard]:
        """The steps that stand there at once."""
        return self.steps[:STEPS]

    @property
    def more_steps(self) -> Sequence[StepCard]:
        """Those that are shown once they are asked for."""
        return self.steps[STEPS:]


@dataclass(frozen=True)
class HorizonBoard:
    """The three columns, and a fourth for plays that end later or have no date."""

    columns: Sequence[HorizonColumn]
    total: int
    late: int
    lines: Sequence[PlayLine]
    moves: Sequence[Play] = ()
    noun: str = "play"
    movable: bool = True


TITLES: Mapping[str, Mapping[str, str]] = {
    "days": {"30": "Next 30 days", "60": "31 to 60 days", "90": "61 to 90 days", "later": "Later, or no date"},
    "horizon": {"30": "30-day plays", "60": "60-day plays", "90": "90-day plays", "later": "From a playbook"},
}


def horizon_board(accounts: Collection[int], today: date, *, by: str = "days") -> HorizonBoard:
    """Return the open plays of accounts in their columns, in five queries. Source: CHO-10.

    `by` is `days` left, the `horizon` given, or `steps`: the open steps instead of their plays, by days left.
    """
    steps = Step.objects.filter(ALIVE).order_by("due_on", "position", "pk").select_related("owner")
    plays = Play.objects.filter(ALIVE, account__in=accounts, status__in=OPEN_PLAYS).select_related("owner", "account")
    plays = plays.prefetch_related(
        Prefetch("steps", steps, to_attr="living_steps"),
        Prefetch("routes", Route.objects.filter(ALIVE), to_attr="living_routes"),
        Prefetch("assignments", Assignment.objects.filter(ALIVE), to_attr="living_assignments"),
    )
    cards = [_card(play, today) for play in plays.order_by("due_on", "pk")]
    drawn = [line for card in cards if (line := _line(card, today))][:LINES]
    moves = offered(accounts)
    if by == "steps":
        dated = _step_cards(cards, today)
        columns = _columns(
            "days", today, lambda key: ((), [one for one in dated if _bucket(one.step.due_on, today) == key])
        )
        return HorizonBoard(columns, len(dated), sum(one.late for one in dated), drawn, moves, "step")
    placed: dict[str, list[PlayCard]] = {"30": [], "60": [], "90": [], "later": []}
    for card in cards:
        placed[_horizon(card.play, today, by)].append(card)
    columns = _columns(by, today, lambda key: (placed[key], ()))
    late = sum(card.late for card in cards)
    return HorizonBoard(columns, len(cards), late, drawn, moves, movable=by == "days")


Content = tuple[Sequence[PlayCard], Sequence[StepCard]]


def _columns(by: str, today: date, content: Callable[[str], Content]) -> list[HorizonColumn]:
    found = []
    for key, title in TITLES[by].items():
        cards, steps = content(key)
        if key == "later" and by == "horizon" and not cards:
            continue
        until = today + timedelta(days=int(key)) if by == "days" and key != "later" else None
        found.append(HorizonColumn(key, title, until, cards, steps, _summary(cards, steps)))
    return found


def _step_cards(cards: Sequence[PlayCard], today: date) -> list[StepCard]:
    """The open steps of some plays, by day; those with a check say what the records answer."""
    found: list[Step] = []
    for card in cards:
        for step in card.play.living_steps:  # type: ignore[attr-defined]  # prefetched above
            if step.status == "open":
                step.play = card.play
                found.append(step)
    found.sort(key=lambda step: (step.due_on or date.max, step.pk))
    said = answers(found, today)
    return [
        StepCard(
            step, formats.due(step.due_on, today), _late(step, today), said[step.pk].says if step.pk in said else ""
        )
        for step in found
    ]


def _late(step: Step, today: date) -> bool:
    return step_state(step.due_on, step.status, today, timezone.localdate(step.created_at)) == "late"


def _line(card: PlayCard, today: date) -> PlayLine | None:
    steps: list[Step] = card.play.living_steps  # type: ignore[attr-defined]  # prefetched above
    dated = [step for step in steps if step.due_on is not None]
    if len(dated) < LINE_FROM:
        return None
    ahead = next((step for step in dated if step.status == "open"), None)
    stations = []
    for step in sorted(dated, key=lambda one: (one.due_on or today, one.position, one.pk)):
        late = _late(step, today)
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
    return _bucket(play.due_on, today)


def _summary(cards: Sequence[PlayCard], steps: Sequence[StepCard]) -> str:
    late = sum(card.late for card in cards) + sum(step.late for step in steps)
    noun, count = ("step", len(steps)) if steps else ("play", len(cards))
    if not count:
        return "none"
    words = f"{count} {noun if count == 1 else noun + 's'}"
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
